//! How the audience fares at one moment of a run, as a few lines of a trace.

use std::fmt;
use std::time::Duration;

use swarm::Time;

use crate::host::Host;

/// Uplinks of less than so many times the stream's rate are thin, those of less than so many middling.
const THIN: f64 = 0.25;
const MIDDLING: f64 = 1.2;

/// All viewers who are there, by what their uplinks carry.
pub(crate) struct Pulse {
    now: Time,
    kinds: [Kind; 3],
    longest_backlog: Duration,
    /// Copies that the streamer promises, and what it hears is wanting.
    streamer: f64,
    hunger: f64,
    lost_segments: u64,
    /// Viewers that stand aside for others.
    aside: usize,
}

/// Sums over viewers; rates in whole streams.
#[derive(Clone, Copy, Default)]
struct Kind {
    viewers: usize,
    /// What uplinks carry, what their owners believe that they carry, and what is promised of it.
    uplink: f64,
    believed: f64,
    promised: f64,
    /// What is pushed to them.
    fed: f64,
    /// How far uplinks are behind with what they were given.
    backlog: Duration,
}

impl Pulse {
    pub(crate) fn of(now: Time, hosts: &[&Host], byte_rate: f64) -> Self {
        let streamer = hosts[0].swarm.stats();
        let mut pulse = Self {
            now,
            kinds: Default::default(),
            longest_backlog: Duration::ZERO,
            streamer: streamer.upload_used,
            hunger: streamer.audience_hunger,
            lost_segments: 0,
            aside: 0,
        };
        for host in hosts.iter().skip(1).filter(|host| host.alive) {
            let stats = host.swarm.stats();
            let uplink = host.uplink / byte_rate;
            let backlog = host.uplink_free_at.max(now) - now;
            let stripes: usize = host.swarm.peers().iter().map(|p| p.stripes_from).sum();
            let kind = match uplink {
                _ if uplink < THIN => 0,
                _ if uplink < MIDDLING => 1,
                _ => 2,
            };
            pulse.kinds[kind].add(&Kind {
                viewers: 1,
                uplink,
                believed: stats.upload_capacity,
                promised: stats.upload_used,
                fed: stripes as f64 / f64::from(swarm::wire::Stripes::COUNT),
                backlog,
            });
            pulse.longest_backlog = pulse.longest_backlog.max(backlog);
            pulse.lost_segments += stats.lost_segments;
            pulse.aside += usize::from(host.swarm.stands_aside());
        }
        pulse
    }
}

impl Kind {
    fn add(&mut self, other: &Self) {
        self.viewers += other.viewers;
        self.uplink += other.uplink;
        self.believed += other.believed;
        self.promised += other.promised;
        self.fed += other.fed;
        self.backlog += other.backlog;
    }
}

impl fmt::Display for Pulse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut all = Kind::default();
        self.kinds.iter().for_each(|kind| all.add(kind));
        write!(
            f,
            "{:6.1} s  all {all}; streamer {:.2} copies, hears {:.3}; longest backlog {:.1} s; lost {}, aside {}",
            self.now.since_epoch().as_secs_f64(),
            self.streamer,
            self.hunger,
            self.longest_backlog.as_secs_f64(),
            self.lost_segments,
            self.aside,
        )?;
        for (name, kind) in std::iter::zip(["thin", "middling", "wide"], &self.kinds) {
            write!(f, "\n          {name:>8} {kind}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let each = |sum: f64| sum / self.viewers.max(1) as f64;
        write!(
            f,
            "{:5} viewers: uplink {:.2}, believed {:.2}, promised {:.2}, fed {:.3}, backlog {:.2} s",
            self.viewers,
            each(self.uplink),
            each(self.believed),
            each(self.promised),
            each(self.fed),
            each(self.backlog.as_secs_f64()),
        )
    }
}
