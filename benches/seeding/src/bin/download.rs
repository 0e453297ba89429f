//! Downloads from whichever seeder it is given: `download BYTES BYTES_PER_SECOND` (0 for as fast as it goes).
//!
//! Says `{"event":"connected"}` once the seeder takes requests, waits for a line, downloads, and says `{"event":"done"}`.

use anyhow::{Context, bail};
use bytes::Bytes;
use seeding::seeder::connection::{Connection, News};
use seeding::seeder::network;
use seeding::signalling::{Answer, Offer, read, say, until_told_to_end};
use seeding::wire::{BLOCK, Heard, Leech, handshake};
use swarm::ConnectionId;
use tokio::sync::mpsc;
use tokio::time::{Duration, Instant, sleep_until};
use tokio_util::task::TaskTracker;

/// Requests on their way: half a megabyte.
const PIPELINE: usize = 32;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1).map(|text| text.parse::<usize>());
    let bytes = arguments.next().context("how many bytes?")??;
    let pace = arguments.next().context("how many bytes a second?")??;

    let (sender, mut news) = mpsc::channel(256);
    let tasks = TaskTracker::new();
    let connection = Connection::offer(ConnectionId(0), &network(), sender, &tasks);
    let Some((_, News::OfferMade(offer))) = news.recv().await else {
        bail!("no offer");
    };
    say(&Offer { offer })?;
    let answer: Answer = read()?;
    connection.accept_answer(answer.answer)?;
    let Some((_, News::Opened)) = news.recv().await else {
        bail!("no connection");
    };
    connection.send(handshake(info_hash(&answer.info_hash)?))?;
    let mut leech = Leech::default();
    let send = |bytes: Bytes| connection.send(bytes);
    while !receive(&mut news, &mut leech, &send)
        .await?
        .iter()
        .any(|heard| matches!(heard, Heard::Unchoked))
    {}
    say(&serde_json::json!({ "event": "connected" }))?;
    until_told_to_end();

    let started = Instant::now();
    let (mut asked, mut got) = (0, 0);
    while got < bytes {
        let due = started + due_after(asked, pace);
        tokio::select! {
            biased;
            () = sleep_until(due), if asked - got < PIPELINE * BLOCK && asked < bytes => {
                connection.send(leech.request())?;
                asked += BLOCK;
            }
            heard = receive(&mut news, &mut leech, &send) => {
                for heard in heard? {
                    if let Heard::Block(len) = heard {
                        got += len;
                    }
                }
            }
        }
    }
    say(&serde_json::json!({ "event": "done", "seconds": started.elapsed().as_secs_f64() }))?;
    until_told_to_end();
    Ok(())
}

/// When the request that follows so many bytes is due.
fn due_after(asked: usize, pace: usize) -> Duration {
    if pace == 0 {
        return Duration::ZERO;
    }
    Duration::from_secs_f64(asked as f64 / pace as f64)
}

async fn receive(
    news: &mut mpsc::Receiver<(ConnectionId, News)>,
    leech: &mut Leech,
    send: &impl Fn(Bytes) -> Result<(), seeding::seeder::connection::Stuck>,
) -> anyhow::Result<Vec<Heard>> {
    loop {
        match news.recv().await {
            Some((_, News::Received(bytes))) => {
                let mut stuck = Ok(());
                let heard = leech.receive(&bytes, |bytes| stuck = send(bytes));
                stuck?;
                return Ok(heard);
            }
            Some((_, News::Sent(_))) => {}
            _ => bail!("the seeder went away"),
        }
    }
}

fn info_hash(text: &str) -> anyhow::Result<[u8; 20]> {
    let mut hash = [0; 20];
    for (at, byte) in hash.iter_mut().enumerate() {
        let digits = text.get(2 * at..2 * at + 2).context("a short info-hash")?;
        *byte = u8::from_str_radix(digits, 16)?;
    }
    Ok(hash)
}
