//! The relay at work: what comes from the swarm is passed on by it already, so what is left to do here is to let what
//! would be played go by, and to say how much it helps.

use std::sync::Arc;
use std::time::Duration;

use swarm::{BroadcastState, Description, Playback};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::RelaySummary;
use super::report::{Help, Report, Reporter};
use crate::seeder::DriverStats;

/// How often figures are said to a program.
const STATS_INTERVAL: Duration = Duration::from_secs(1);
/// How many of these pass between two lines for a person, who reads them in a log the next day.
const STATS_PER_LINE: u32 = 15;

/// A relay.
pub(super) struct Relaying {
    stats: watch::Receiver<Arc<DriverStats>>,
    reporter: Reporter,
    /// When figures were said last, and how much had been given by then.
    said: Said,
    summary: RelaySummary,
}

struct Said {
    at: Instant,
    given_bytes: u64,
}

impl Relaying {
    pub(super) fn new(stats: watch::Receiver<Arc<DriverStats>>, reporter: Reporter) -> Self {
        Self {
            stats,
            reporter,
            said: Said {
                at: Instant::now(),
                given_bytes: 0,
            },
            summary: RelaySummary::default(),
        }
    }

    /// Helps until `stop` is over.
    pub(super) async fn run(
        mut self,
        mut playback: mpsc::Receiver<Playback>,
        stop: impl Future<Output = ()>,
    ) -> RelaySummary {
        tokio::pin!(stop);
        let mut due = interval(STATS_INTERVAL);
        due.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // The first tick comes at once and has nothing to tell.
        due.tick().await;
        let mut ticks = 0_u32;
        self.reporter.say(&Report::Looking);
        loop {
            tokio::select! {
                () = &mut stop => break,
                next = playback.recv() => match next {
                    Some(next) => self.let_by(&next),
                    None => break,
                },
                _ = due.tick() => {
                    ticks = ticks.wrapping_add(1);
                    if self.reporter.is_for_programs() || ticks.is_multiple_of(STATS_PER_LINE) {
                        self.say_help();
                    }
                }
            }
        }
        self.count();
        self.reporter.say(&Report::Relayed(self.summary.clone()));
        self.summary
    }

    /// Nothing is played; what begins and ends is told.
    fn let_by(&mut self, playback: &Playback) {
        match playback {
            Playback::Broadcast(description) => {
                self.summary.broadcasts += 1;
                self.reporter.say(&Report::broadcast(description));
                self.look_whether_over(description);
            }
            Playback::Changed(description) => self.look_whether_over(description),
            Playback::Segment(_) => {}
        }
    }

    fn look_whether_over(&mut self, description: &Description) {
        if description.state == BroadcastState::Ended {
            self.reporter.say(&Report::Ended);
        }
    }

    fn say_help(&mut self) {
        let stats = self.count();
        let now = Instant::now();
        let given_bytes = self.summary.given_bytes;
        let given = given_bytes - self.said.given_bytes;
        let elapsed = (now - self.said.at).as_secs_f64().max(0.001);
        self.said = Said {
            at: now,
            given_bytes,
        };
        self.reporter.say(&Report::Helping(Help {
            status: stats.swarm.status.name(),
            viewers: stats.swarm.viewers,
            peers: stats.swarm.peers,
            helped: helped(&stats),
            given_bytes,
            taken_bytes: self.summary.taken_bytes,
            given_bytes_per_second: (given as f64 / elapsed) as u64,
        }));
    }

    fn count(&mut self) -> Arc<DriverStats> {
        let stats = self.stats.borrow().clone();
        self.summary.given_bytes = stats.swarm.uploaded_piece_bytes;
        self.summary.taken_bytes = stats.swarm.downloaded_piece_bytes;
        self.summary.most_helped = self.summary.most_helped.max(helped(&stats));
        stats
    }
}

/// How many viewers get a part of the stream from here now.
fn helped(stats: &DriverStats) -> usize {
    let is_helped = |peer: &&swarm::PeerStats| peer.stripes_to > 0;
    stats.peers.iter().filter(is_helped).count()
}
