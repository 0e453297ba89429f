//! Seeds by the program's own connections: the `webrtc` crate as src/seeder uses it.

use anyhow::bail;
use seeding::seeder::connection::{Connection, News};
use seeding::seeder::network;
use seeding::signalling::{Answer, NO_INFO_HASH, Offer, read, say};
use seeding::wire::Seed;
use swarm::ConnectionId;
use tokio::sync::mpsc;
use tokio_util::task::TaskTracker;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut seed = Seed::default();
    let Offer { offer } = read()?;
    let (sender, mut news) = mpsc::channel(256);
    let tasks = TaskTracker::new();
    let connection = Connection::answer(ConnectionId(0), offer, &network(), sender, &tasks);
    let Some((_, News::AnswerMade(answer))) = news.recv().await else {
        bail!("no answer");
    };
    say(&Answer {
        answer,
        info_hash: NO_INFO_HASH.to_owned(),
    })?;
    while let Some((_, news)) = news.recv().await {
        match news {
            News::Received(bytes) => {
                let mut stuck = Ok(());
                seed.receive(&bytes, |bytes| stuck = connection.send(bytes));
                stuck?;
            }
            News::Closed => break,
            _ => {}
        }
    }
    Ok(())
}
