//! One host: a swarm, its connections, and what it has seen.

use std::time::Duration;

use swarm::{ConnectionId, Event, Playback, Swarm, Time};

use crate::attackers::Nature;
use crate::downlink::Downlink;

/// A host of the run.
pub(crate) struct Host {
    pub(crate) swarm: Swarm,
    pub(crate) alive: bool,
    pub(crate) nature: Nature,
    /// Bytes a second.
    pub(crate) uplink: f64,
    pub(crate) uplink_free_at: Time,
    pub(crate) downlink: Downlink,
    pub(crate) hard_nat: bool,
    pub(crate) tracker_open: bool,
    /// By connection number.
    links: Vec<Option<Link>>,
    /// Connections with small messages of which the swarm has not been told that they have left.
    pub(crate) untold: Vec<ConnectionId>,
    pub(crate) seen: Seen,
}

/// One end of a connection: a host and what it calls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct End {
    pub(crate) host: usize,
    pub(crate) connection: ConnectionId,
}

/// What a host knows of a connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Link {
    /// The other end.
    pub(crate) to: End,
    /// How long everything takes from here to there.
    pub(crate) way: Duration,
    /// Nothing arrives before what was sent earlier.
    pub(crate) last_arrival: Time,
    /// Bytes of small messages of which the swarm has not been told that they have left, and when the last of them does.
    pub(crate) untold: usize,
    pub(crate) untold_leave_at: Time,
}

/// What a viewer has seen.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) joined_at: Time,
    pub(crate) left_at: Option<Time>,
    pub(crate) first_played_at: Option<Time>,
    /// When it went without for the sake of others, and until when.
    pub(crate) aside: Vec<(Time, Option<Time>)>,
    /// When it played what of the current broadcast: the number of the first segment in the list, then times after
    /// publishing in milliseconds, `u32::MAX` where it was never played.
    pub(crate) first: u64,
    pub(crate) delays: Vec<u32>,
}

impl Link {
    pub(crate) fn new(to: End, way: Duration, now: Time) -> Self {
        Self {
            to,
            way,
            last_arrival: now,
            untold: 0,
            untold_leave_at: now,
        }
    }
}

impl Host {
    pub(crate) fn new(swarm: Swarm, uplink: f64, downlink: f64, now: Time) -> Self {
        Self {
            swarm,
            alive: true,
            nature: Nature::Honest,
            uplink,
            uplink_free_at: now,
            downlink: Downlink::new(downlink, now),
            hard_nat: false,
            tracker_open: false,
            links: Vec::new(),
            untold: Vec::new(),
            seen: Seen {
                joined_at: now,
                left_at: None,
                first_played_at: None,
                aside: Vec::new(),
                first: 0,
                delays: Vec::new(),
            },
        }
    }

    pub(crate) fn link(&mut self, connection: ConnectionId) -> Option<&mut Link> {
        self.links.get_mut(connection.0 as usize)?.as_mut()
    }

    /// What its connections are called.
    pub(crate) fn connections(&self) -> Vec<ConnectionId> {
        let numbered = std::iter::zip(0.., &self.links);
        let known = numbered.filter(|(_, link)| link.is_some());
        known.map(|(number, _)| ConnectionId(number)).collect()
    }

    pub(crate) fn set_link(
        &mut self,
        connection: ConnectionId,
        link: Option<Link>,
    ) -> Option<Link> {
        let at = connection.0 as usize;
        if self.links.len() <= at {
            self.links.resize(at + 1, None);
        }
        std::mem::replace(&mut self.links[at], link)
    }

    /// What went to that host goes nowhere any more.
    pub(crate) fn forget_links_to(&mut self, host: usize) {
        for link in &mut self.links {
            if link.is_some_and(|link| link.to.host == host) {
                *link = None;
            }
        }
    }

    /// When bytes that are sent now have left, at the uplink's rate behind all that was sent before.
    pub(crate) fn leave_at(&mut self, bytes: usize, now: Time) -> Time {
        let takes = Duration::from_secs_f64(bytes as f64 / self.uplink);
        self.uplink_free_at = self.uplink_free_at.max(now) + takes;
        self.uplink_free_at
    }

    /// Tells the swarm of small messages that have left.
    pub(crate) fn tell_sent(&mut self, now: Time) {
        for connection in std::mem::take(&mut self.untold) {
            let Some(link) = self.link(connection) else {
                continue;
            };
            if link.untold_leave_at > now {
                self.untold.push(connection);
                continue;
            }
            let len = std::mem::take(&mut link.untold);
            if len > 0 {
                self.swarm.handle(now, Event::Sent(connection, len));
            }
        }
    }
}

impl Seen {
    /// Takes note of whether it stands aside.
    pub(crate) fn stands_aside(&mut self, aside: bool, now: Time) {
        match self.aside.last_mut() {
            Some((_, until @ None)) if !aside => *until = Some(now),
            None | Some((_, Some(_))) if aside => self.aside.push((now, None)),
            _ => {}
        }
    }

    /// Whether it stood aside then, or had come back less than so long before.
    pub(crate) fn is_aside_at(&self, at: Time, settling: Duration) -> bool {
        let holds = |(since, until): &(Time, Option<Time>)| {
            *since <= at && until.is_none_or(|until| at < until + settling)
        };
        self.aside.iter().any(holds)
    }

    /// Something is played; `published` are the times of the current broadcast's segments.
    pub(crate) fn play(&mut self, playback: &Playback, published: &[Time], now: Time) {
        match playback {
            Playback::Broadcast(_) => self.delays.clear(),
            Playback::Changed(_) => {}
            Playback::Segment(segment) => {
                self.first_played_at.get_or_insert(now);
                let number = segment.number.0;
                if self.delays.is_empty() {
                    self.first = number;
                }
                let at = (number - self.first) as usize;
                let Some(published_at) = published.get(number as usize) else {
                    return;
                };
                if self.delays.len() <= at {
                    self.delays.resize(at + 1, u32::MAX);
                }
                let delay = (now - *published_at).as_millis();
                self.delays[at] = u32::try_from(delay).unwrap_or(u32::MAX - 1);
            }
        }
    }
}
