//! What a run shows.

use std::fmt;
use std::time::Duration;

use serde::Serialize;
use swarm::{Stats, Time};

use crate::host::{Host, Seen};
use crate::scenario::Scenario;

/// How long after joining a viewer is expected to watch.
const SETTLING: Duration = Duration::from_secs(5);

/// The figures of a run. Times are seconds.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Viewers at the end.
    pub viewers: usize,
    /// Which run it was of those with these circumstances.
    pub seed: u64,
    /// Seconds of stream, and how many of them were measured.
    pub seconds: f64,
    /// See [`Report::seconds`].
    pub measured_seconds: f64,
    /// All that the streamer has sent, in copies of the stream.
    pub upload_multiple: f64,
    /// From publishing to playing: half, 19 in 20 and 99 in 100 of all segments played.
    pub delay_p50: f64,
    /// See [`Report::delay_p50`].
    pub delay_p95: f64,
    /// See [`Report::delay_p50`].
    pub delay_p99: f64,
    /// Which part of the segments was there in time, and what is in time.
    pub continuity: f64,
    /// See [`Report::continuity`].
    pub deadline: f64,
    /// Which part of them was for viewers who did not stand aside for others, and which part of that was in time.
    pub served_share: f64,
    /// See [`Report::served_share`].
    pub served_continuity: f64,
    /// The same as the continuity for one viewer in ten and one in a hundred of those who have it worst.
    pub continuity_p10: f64,
    /// See [`Report::continuity_p10`].
    pub continuity_p1: f64,
    /// From joining to the first segment played, of those who joined while it was measured, if anybody did.
    pub join_p50: f64,
    /// See [`Report::join_p50`].
    pub join_p95: f64,
    /// Viewers that had waited for more than five seconds and played nothing.
    pub never_joined: usize,
    /// Bytes on the wire, headers included, for each byte of pieces that was new to somebody.
    pub wire_overhead: f64,
    /// Messages to and from trackers.
    pub tracker_messages_per_viewer_minute: f64,
    /// Piece data that came more than once, as a part of what was new.
    pub duplicate_share: f64,
    /// Which part of pieces came from the streamer itself.
    pub from_streamer_share: f64,
    /// Segments that were skipped, as a part of those played.
    pub lost_share: f64,
    /// Peers dropped for what they sent.
    pub banned_peers: u64,
    /// Neighbours that a viewer has on average.
    pub neighbours: f64,
    /// What the streamer is told of the audience's upload: which part of the stream is wanting.
    pub hunger_seen_by_streamer: f64,
    /// Whether the streamer is told that it is not enough.
    pub short_of_upload: bool,
    /// From the streamer's return to nine viewers in ten playing the new broadcast.
    pub return_p90: Option<f64>,
    /// Where a crowd comes: the continuity, from then on, of those who had settled before.
    pub continuity_through_crowd: Option<f64>,
    /// What the run itself took.
    pub run_seconds: f64,
    /// See [`Report::run_seconds`].
    pub events: u64,
}

/// Counters at one moment, of all who were there, or of one who has left.
#[derive(Debug, Default)]
pub(crate) struct Snapshot {
    at: Option<Time>,
    streamer: Stats,
    viewers: Sums,
    wire_bytes: u64,
    tracker_messages: u64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    new: u64,
    duplicate: u64,
    from_streamer: u64,
    played: u64,
    lost: u64,
    banned: u64,
    peers: usize,
    count: usize,
}

impl Sums {
    fn add(&mut self, stats: &Stats) {
        self.new += stats.downloaded_piece_bytes;
        self.duplicate += stats.duplicate_bytes;
        self.from_streamer += stats.from_streamer_bytes;
        self.played += stats.segments;
        self.lost += stats.lost_segments;
        self.banned += stats.banned_peers;
        self.peers += stats.peers;
        self.count += 1;
    }

    fn with(mut self, other: &Self) -> Self {
        self.new += other.new;
        self.duplicate += other.duplicate;
        self.from_streamer += other.from_streamer;
        self.played += other.played;
        self.lost += other.lost;
        self.banned += other.banned;
        self
    }
}

impl Snapshot {
    pub(crate) fn take(now: Time, hosts: &[&Host], wire_bytes: u64, tracker_messages: u64) -> Self {
        let mut viewers = Sums::default();
        for host in hosts.iter().skip(1).filter(|host| host.alive) {
            viewers.add(&host.swarm.stats());
        }
        Self {
            at: Some(now),
            streamer: hosts[0].swarm.stats(),
            viewers,
            wire_bytes,
            tracker_messages,
        }
    }

    pub(crate) fn of_leaver(stats: Stats) -> Self {
        let mut leaver = Self::default();
        leaver.viewers.add(&stats);
        leaver
    }
}

impl Report {
    pub(crate) fn new(
        scenario: &Scenario,
        seed: u64,
        hosts: &[&Host],
        published: &[Time],
        snapshots: &[Snapshot],
        events: u64,
        took: Duration,
    ) -> Self {
        let first = snapshots.iter().position(|snapshot| snapshot.at.is_some());
        let (before, last) = match (first, snapshots.last()) {
            (Some(first), Some(last)) => (first, last),
            _ => unreachable!("a run ends with a snapshot"),
        };
        let gone = |snapshots: &[Snapshot]| {
            let leavers = snapshots.iter().filter(|snapshot| snapshot.at.is_none());
            leavers.fold(Sums::default(), |sums, leaver| sums.with(&leaver.viewers))
        };
        let start = &snapshots[before];
        let then = start.viewers.with(&gone(&snapshots[..before]));
        let now = last.viewers.with(&gone(snapshots));
        let from = start.at.unwrap_or_default();
        let end = last.at.unwrap_or_default();
        let measured = end - from;
        let deadline = Duration::from_secs_f64(scenario.deadline);
        let watching = Watching::of(&hosts[1..], published, from, end, deadline);
        let new = (now.new - then.new).max(1) as f64;
        let share = |now: u64, then: u64| (now - then) as f64 / new;
        let viewers = last.viewers.count;
        // A streamer that came back counts from its return.
        let restarted = scenario.streamer_dies_at > 0.0;
        let sent = |stats: &Stats| (stats.uploaded_bytes, stats.stream_bytes);
        let (sent_now, stream_now) = sent(&last.streamer);
        let (sent_then, stream_then) = if restarted {
            (0, 0)
        } else {
            sent(&start.streamer)
        };
        let minutes = measured.as_secs_f64() / 60.0 * viewers.max(1) as f64;
        let tracker_messages = last.tracker_messages - start.tracker_messages;
        let played = now.played.saturating_sub(then.played).max(1) as f64;
        Self {
            viewers,
            seed,
            seconds: end.since_epoch().as_secs_f64(),
            measured_seconds: measured.as_secs_f64(),
            upload_multiple: (sent_now - sent_then) as f64
                / (stream_now - stream_then).max(1) as f64,
            delay_p50: watching.delay(0.5),
            delay_p95: watching.delay(0.95),
            delay_p99: watching.delay(0.99),
            continuity: watching.continuity(),
            deadline: scenario.deadline,
            served_share: watching.served as f64 / watching.due.max(1) as f64,
            served_continuity: watching.served_in_time as f64 / watching.served.max(1) as f64,
            continuity_p10: at(&watching.each, 0.1),
            continuity_p1: at(&watching.each, 0.01),
            join_p50: at(&watching.joins, 0.5),
            join_p95: at(&watching.joins, 0.95),
            never_joined: watching.never_joined,
            wire_overhead: (last.wire_bytes - start.wire_bytes) as f64 / new,
            tracker_messages_per_viewer_minute: tracker_messages as f64 / minutes,
            duplicate_share: share(now.duplicate, then.duplicate),
            from_streamer_share: share(now.from_streamer, then.from_streamer),
            lost_share: now.lost.saturating_sub(then.lost) as f64 / played,
            banned_peers: now.banned,
            neighbours: last.viewers.peers as f64 / viewers.max(1) as f64,
            hunger_seen_by_streamer: last.streamer.audience_hunger,
            short_of_upload: last.streamer.audience_short_of_upload,
            return_p90: restarted.then(|| watching.return_p90(hosts, published)),
            continuity_through_crowd: (scenario.crowd.viewers > 0).then(|| {
                let came = Time::from_epoch(Duration::from_secs_f64(scenario.crowd.at));
                let mut there = hosts[1..].to_vec();
                there.retain(|host| host.seen.joined_at + SETTLING <= came);
                Watching::of(&there, published, came, end, deadline).continuity()
            }),
            run_seconds: took.as_secs_f64(),
            events,
        }
    }
}

/// What the audience has seen.
#[derive(Default)]
struct Watching {
    /// How many segments were played so many milliseconds after they were published.
    delays: Vec<u64>,
    due: u64,
    in_time: u64,
    /// The same without what those went without who stood aside.
    served: u64,
    served_in_time: u64,
    /// Each viewer's own continuity.
    each: Vec<f64>,
    joins: Vec<f64>,
    never_joined: usize,
}

impl Watching {
    fn of(hosts: &[&Host], published: &[Time], from: Time, end: Time, deadline: Duration) -> Self {
        let mut watching = Self {
            delays: vec![0; 20_000],
            ..Self::default()
        };
        let later = hosts.iter().any(|host| host.seen.joined_at >= from);
        let joined_from = if later { from } else { Time::ZERO };
        for host in hosts
            .iter()
            .filter(|host| host.nature == crate::attackers::Nature::Honest)
        {
            let until = host.seen.left_at.unwrap_or(end);
            if host.seen.joined_at >= joined_from {
                watching.count_join(&host.seen, until);
            }
            watching.count_segments(&host.seen, published, (from, until), deadline);
        }
        watching.each.sort_by(f64::total_cmp);
        watching.joins.sort_by(f64::total_cmp);
        watching
    }

    fn continuity(&self) -> f64 {
        self.in_time as f64 / self.due.max(1) as f64
    }

    fn count_join(&mut self, seen: &Seen, until: Time) {
        match seen.first_played_at {
            Some(at) => self.joins.push((at - seen.joined_at).as_secs_f64()),
            None => self.never_joined += usize::from(seen.joined_at + SETTLING < until),
        }
    }

    fn count_segments(
        &mut self,
        seen: &Seen,
        published: &[Time],
        (from, until): (Time, Time),
        deadline: Duration,
    ) {
        let from = from.max(seen.joined_at + SETTLING);
        let (mut due, mut in_time) = (0, 0);
        for (number, published_at) in published.iter().enumerate() {
            if *published_at < from || *published_at + deadline >= until {
                continue;
            }
            due += 1;
            let is_served = !seen.is_aside_at(*published_at, SETTLING);
            self.served += u64::from(is_served);
            let place = (number as u64).checked_sub(seen.first);
            let delay = place.and_then(|place| seen.delays.get(place as usize));
            let Some(delay) = delay.filter(|delay| **delay != u32::MAX) else {
                continue;
            };
            if let Some(count) = self.delays.get_mut(*delay as usize) {
                *count += 1;
            }
            let is_in_time = u128::from(*delay) <= deadline.as_millis();
            in_time += u64::from(is_in_time);
            self.served_in_time += u64::from(is_in_time && is_served);
        }
        self.due += due;
        self.in_time += in_time;
        if due > 0 {
            self.each.push(in_time as f64 / due as f64);
        }
    }

    fn delay(&self, part: f64) -> f64 {
        let all: u64 = self.delays.iter().sum();
        let mut left = (all as f64 * part) as u64;
        let millis = self.delays.iter().position(|count| {
            let here = left < *count;
            left = left.saturating_sub(*count);
            here
        });
        millis.unwrap_or(self.delays.len()) as f64 / 1000.0
    }

    /// How long after the first segment of the last broadcast nine in ten had played something of it.
    fn return_p90(&self, hosts: &[&Host], published: &[Time]) -> f64 {
        let Some(returned_at) = published.first() else {
            return f64::INFINITY;
        };
        let mut first: Vec<f64> = hosts[1..]
            .iter()
            .filter(|host| host.alive && host.seen.joined_at < *returned_at)
            .map(|host| {
                let number = host.seen.first as usize;
                match (published.get(number), host.seen.delays.first()) {
                    (Some(at), Some(delay)) => {
                        let played_at = *at + Duration::from_millis(u64::from(*delay));
                        (played_at - *returned_at).as_secs_f64()
                    }
                    _ => f64::INFINITY,
                }
            })
            .collect();
        first.sort_by(f64::total_cmp);
        at(&first, 0.9)
    }
}

fn at(sorted: &[f64], part: f64) -> f64 {
    let place = (sorted.len() as f64 * part) as usize;
    sorted
        .get(place.min(sorted.len().saturating_sub(1)))
        .copied()
        .unwrap_or(f64::NAN)
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} viewers, {:.0} s measured of {:.0} (seed {}); {} events in {:.1} s",
            self.viewers,
            self.measured_seconds,
            self.seconds,
            self.seed,
            self.events,
            self.run_seconds
        )?;
        writeln!(f, "streamer's upload    {:.3} copies", self.upload_multiple)?;
        writeln!(
            f,
            "delay p50/p95/p99    {:.2} / {:.2} / {:.2} s",
            self.delay_p50, self.delay_p95, self.delay_p99
        )?;
        writeln!(
            f,
            "continuity           {:.4} within {:.1} s (worst tenth {:.3}, hundredth {:.3}); {:.4} skipped",
            self.continuity,
            self.deadline,
            self.continuity_p10,
            self.continuity_p1,
            self.lost_share
        )?;
        writeln!(
            f,
            "joining p50/p95      {:.2} / {:.2} s, never {}",
            self.join_p50, self.join_p95, self.never_joined
        )?;
        writeln!(
            f,
            "wire overhead        {:.3}; duplicates {:.4}; from the streamer {:.4}",
            self.wire_overhead, self.duplicate_share, self.from_streamer_share
        )?;
        writeln!(
            f,
            "tracker              {:.2} messages a viewer and minute; neighbours {:.1}; banned {}",
            self.tracker_messages_per_viewer_minute, self.neighbours, self.banned_peers
        )?;
        write!(
            f,
            "wanting              {:.3}{}",
            self.hunger_seen_by_streamer,
            if self.short_of_upload {
                ", the streamer is told"
            } else {
                ""
            }
        )?;
        if self.served_share < 1.0 {
            write!(
                f,
                "\nserved               {:.4}, who got {:.4} in time; the others stood aside",
                self.served_share, self.served_continuity
            )?;
        }
        if let Some(after) = self.return_p90 {
            write!(f, "\nback after           {after:.2} s for nine in ten")?;
        }
        if let Some(continuity) = self.continuity_through_crowd {
            write!(
                f,
                "\nthrough the crowd    {continuity:.4} in time for those who were there before"
            )?;
        }
        Ok(())
    }
}
