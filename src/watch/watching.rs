//! The viewer at work: what comes from the swarm is written, measured and reported.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use swarm::torrent::InfoDictionary;
use swarm::{BroadcastId, BroadcastState, Description, Details, Playback, Segment, UnixMillis};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};

use super::WatchSummary;
use super::delay::Delays;
use super::output::{Output, OutputError};
use super::playout::Playout;
use super::report::{Figures, PeerFigures, Report, Reporter, millis};
use crate::seeder::{DriverStats, magnet_link};

/// How often figures are reported.
const STATS_INTERVAL: Duration = Duration::from_secs(1);
/// After the end was announced, how long the last segments are waited for, each and all together: the announcement may
/// overtake them.
const LAST_SEGMENT: Duration = Duration::from_millis(300);
const LAST_SEGMENTS: Duration = Duration::from_millis(1500);

/// A viewer.
pub(super) struct Watching {
    started: Instant,
    stats: watch::Receiver<Arc<DriverStats>>,
    reporter: Reporter,
    /// Whether to wait for the next broadcast when one ends.
    keep: bool,
    /// The trackers for each segment's magnet link, where they are to be said.
    listing: Option<Vec<String>>,
    /// The broadcast that segments are of.
    broadcast: Option<BroadcastId>,
    joined: bool,
    /// What is to be written before more is taken from the swarm.
    unwritten: VecDeque<Bytes>,
    playout: Playout,
    delays: Delays,
    delays_this_second: Delays,
    end: Option<End>,
    /// What has been reported of the broadcast.
    told: Option<(Details, BroadcastState)>,
    summary: WatchSummary,
}

/// The broadcast has ended, and the last segments may still come.
#[derive(Clone, Copy, Debug)]
struct End {
    announced_at: Instant,
    last_segment_at: Instant,
}

impl End {
    fn over_at(self) -> Instant {
        (self.last_segment_at + LAST_SEGMENT).min(self.announced_at + LAST_SEGMENTS)
    }
}

impl Watching {
    pub(super) fn new(
        stats: watch::Receiver<Arc<DriverStats>>,
        reporter: Reporter,
        keep: bool,
        listing: Option<Vec<String>>,
    ) -> Self {
        Self {
            started: Instant::now(),
            stats,
            reporter,
            keep,
            listing,
            broadcast: None,
            joined: false,
            unwritten: VecDeque::new(),
            playout: Playout::default(),
            delays: Delays::default(),
            delays_this_second: Delays::default(),
            end: None,
            told: None,
            summary: WatchSummary::default(),
        }
    }

    /// Watches until it is over, or `stop` is.
    pub(super) async fn run(
        mut self,
        mut playback: mpsc::Receiver<Playback>,
        output: Output,
        stop: impl Future<Output = ()>,
    ) -> Result<WatchSummary, OutputError> {
        tokio::pin!(stop);
        let mut stats_due = interval(STATS_INTERVAL);
        stats_due.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // The first tick comes at once and has nothing to tell.
        stats_due.tick().await;
        let mut stats = self.stats.clone();
        loop {
            // What was taken from the swarm is written before it is over.
            let over = self.end.filter(|_| self.unwritten.is_empty());
            let over = over.map(End::over_at);
            tokio::select! {
                () = &mut stop => break,
                () = sleep_until(over.unwrap_or(self.started)), if over.is_some() => break,
                room = output.room(), if !self.unwritten.is_empty() => match room {
                    Some(room) => room.send(self.unwritten.pop_front().unwrap_or_default()),
                    None => break,
                },
                next = playback.recv(), if self.unwritten.is_empty() => match next {
                    Some(next) => self.take(next),
                    None => break,
                },
                Ok(()) = stats.changed(), if !self.joined => self.look_for_peers(),
                _ = stats_due.tick() => self.report_figures(),
            }
        }
        self.finish();
        output.close().await?;
        Ok(self.summary)
    }

    fn take(&mut self, playback: Playback) {
        match playback {
            Playback::Broadcast(description) => self.begin(&description),
            Playback::Changed(description) => self.change(&description),
            Playback::Segment(segment) => self.segment(&segment),
        }
    }

    fn begin(&mut self, description: &Description) {
        self.look_for_peers();
        self.end = None;
        self.broadcast = Some(description.broadcast);
        self.playout.pause(Instant::now());
        // Also when it is the same as the last: the time line begins anew, and players notice by it.
        self.unwritten.push_back(description.init_segment.clone());
        self.reporter.say(&Report::broadcast(description));
        self.told = Some((description.details.clone(), BroadcastState::Live));
        self.change(description);
    }

    fn change(&mut self, description: &Description) {
        let now = Instant::now();
        if description.state != BroadcastState::Live {
            self.playout.pause(now);
        }
        self.report_change(description);
        let has_ended = description.state == BroadcastState::Ended;
        if has_ended && !self.summary.ended {
            self.reporter.say(&Report::Ended);
            if !self.keep {
                self.end = Some(End {
                    announced_at: now,
                    last_segment_at: now,
                });
            }
        }
        self.summary.ended = has_ended;
    }

    fn is_live(&self) -> bool {
        self.told
            .as_ref()
            .is_some_and(|(_, state)| *state == BroadcastState::Live)
    }

    fn report_change(&mut self, description: &Description) {
        let now = (description.details.clone(), description.state);
        let Some((details, state)) = self.told.replace(now) else {
            return;
        };
        match (state, description.state) {
            (BroadcastState::Live, BroadcastState::Paused) => self.reporter.say(&Report::Paused),
            (BroadcastState::Paused, BroadcastState::Live) => self.reporter.say(&Report::Continued),
            _ => {}
        }
        if details != description.details {
            let details = description.details.clone();
            self.reporter.say(&Report::Details(details));
        }
    }

    fn segment(&mut self, segment: &Segment) {
        let now = Instant::now();
        if self.summary.segments == 0 {
            let after_ms = millis(now - self.started);
            self.summary.first_segment_ms = Some(after_ms);
            let number = segment.number.0;
            self.reporter
                .say(&Report::FirstSegment { after_ms, number });
        }
        self.summary.segments += 1;
        self.list(segment);
        let is_live = self.is_live();
        match &mut self.end {
            Some(end) => end.last_segment_at = now,
            // The last ones before a pause come after it was announced; nothing follows them that could be late.
            None if !is_live => {}
            None => self.playout.segment(now, segment.duration),
        }
        let delay = since(segment.captured_at);
        self.delays.add(delay);
        self.delays_this_second.add(delay);
        self.unwritten.push_back(segment.bytes.clone());
    }

    /// Says under which name a stock client gets the segment.
    fn list(&mut self, segment: &Segment) {
        let (Some(trackers), Some(broadcast)) = (&self.listing, self.broadcast) else {
            return;
        };
        let info = InfoDictionary::of_segment(broadcast, segment.number, &segment.bytes);
        self.reporter.say(&Report::Segment {
            number: segment.number.0,
            bytes: segment.bytes.len(),
            info_hash: info.info_hash().to_string(),
            magnet: magnet_link(&info, trackers),
        });
    }

    fn look_for_peers(&mut self) {
        let peers = self.stats.borrow().swarm.peers;
        if peers > 0 && !self.joined {
            self.joined = true;
            let after_ms = millis(self.started.elapsed());
            self.reporter.say(&Report::Joined { after_ms, peers });
        }
    }

    fn report_figures(&mut self) {
        let now = Instant::now();
        self.playout.look(now);
        let delays = std::mem::take(&mut self.delays_this_second);
        let stats = self.stats.borrow().clone();
        self.reporter.say(&Report::Stats(Box::new(Figures {
            status: stats.swarm.status.name(),
            delay_ms: delays.percentile(50),
            stalls: self.playout.stalls(),
            stalled_ms: millis(self.playout.stalled(now)),
            segments: self.summary.segments,
            lost_segments: stats.swarm.lost_segments,
            stream_bytes: stats.swarm.stream_bytes,
            downloaded_bytes: stats.swarm.downloaded_piece_bytes,
            duplicate_bytes: stats.swarm.duplicate_bytes,
            uploaded_bytes: stats.swarm.uploaded_piece_bytes,
            viewers: stats.swarm.viewers,
            peers: stats.swarm.peers,
            by_peer: PeerFigures::of(&stats),
        })));
    }

    fn finish(&mut self) {
        let now = Instant::now();
        self.playout.pause(now);
        let stats = self.stats.borrow().clone();
        self.summary.lost_segments = stats.swarm.lost_segments;
        self.summary.stalls = self.playout.stalls();
        self.summary.stalled_ms = millis(self.playout.stalled(now));
        self.summary.delay_p50_ms = self.delays.percentile(50);
        self.summary.delay_p95_ms = self.delays.percentile(95);
        self.summary.downloaded_bytes = stats.swarm.downloaded_piece_bytes;
        self.summary.uploaded_bytes = stats.swarm.uploaded_piece_bytes;
        self.reporter.say(&Report::Finished(self.summary.clone()));
    }
}

/// How long ago something was, by this machine's clock and the streamer's; zero where their clocks disagree.
fn since(captured_at: UnixMillis) -> Duration {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    now.saturating_sub(Duration::from_millis(captured_at.0))
}
