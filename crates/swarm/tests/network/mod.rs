//! A network of swarms in virtual time: latency, uplinks, a tracker that can die, hosts that can die.
//!
//! Not here: assertions. Every byte between two swarms goes through [`Network::deliver`], where a test can also forge.

#![allow(dead_code, reason = "each test file uses a part of it")]
#![allow(clippy::unwrap_used, reason = "a test harness fails by panicking")]

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};
use swarm::{
    Action, BroadcastId, BroadcastState, ChannelId, Config, ConnectionId, Description, Details,
    Event, PeerId, Playback, Segment, SegmentNumber, Stats, Swarm, Time, TrackerId, UnixMillis,
};

pub const SECRET: [u8; 32] = [42; 32];
pub const STREAMER: usize = 0;
const LATENCY: Duration = Duration::from_millis(20);
const SEGMENT: Duration = Duration::from_millis(250);
/// 2.5 Mbit/s in segments of 250 ms.
const SEGMENT_LEN: usize = 78_125;
const SEGMENTS_PER_GROUP: u64 = 8;

type Link = (usize, ConnectionId);

/// A message that arrives: at which connection of which host, and from whom.
#[derive(Clone, Copy)]
pub struct Delivery {
    pub at: Link,
    pub from: usize,
}

type Forger = Box<dyn FnMut(Delivery, Bytes) -> Bytes>;

pub struct Host {
    pub swarm: Swarm,
    pub played: Vec<Playback>,
    /// How often it has announced itself.
    pub announces: usize,
    alive: bool,
    /// Bytes a second; the time until which the uplink is busy.
    uplink: Option<u64>,
    busy_until: Time,
    tracker_open: bool,
}

enum Happening {
    To(usize, Event),
    /// Bytes for a link's other end.
    Arrive(Link, Bytes),
}

pub struct Network {
    pub now: Time,
    pub hosts: Vec<Host>,
    pub tracker_up: bool,
    /// Called for each arriving message; returns what arrives instead.
    pub forge: Option<Forger>,
    /// How many offers of an announce the tracker hands on.
    pub tracker_answers: usize,
    happenings: BTreeMap<u64, Happening>,
    agenda: BinaryHeap<Reverse<(Time, u64)>>,
    serial: u64,
    links: BTreeMap<Link, Link>,
    broadcast: u64,
    segment: u64,
    next_segment_at: Option<Time>,
    restarts: u8,
}

pub fn channel() -> ChannelId {
    ChannelId::from_secret_key(&SECRET)
}

pub fn segment_bytes(number: u64) -> Bytes {
    (0..SEGMENT_LEN)
        .map(|at| (at as u64 * 31 + number * 7) as u8)
        .collect::<Vec<u8>>()
        .into()
}

impl Network {
    /// A streamer that has not gone live, with its tracker.
    pub fn new() -> Self {
        Self::with_streamer(Config::default())
    }

    pub fn with_streamer(config: Config) -> Self {
        let mut network = Self {
            now: Time::ZERO,
            hosts: Vec::new(),
            tracker_up: true,
            forge: None,
            tracker_answers: usize::MAX,
            happenings: BTreeMap::new(),
            agenda: BinaryHeap::new(),
            serial: 0,
            links: BTreeMap::new(),
            broadcast: 0,
            segment: 0,
            next_segment_at: None,
            restarts: 0,
        };
        network.add(config, |peer_id, config| {
            Swarm::streamer(SECRET, peer_id, config, [1; 32])
        });
        network
    }

    pub fn add_viewer(&mut self) -> usize {
        self.add_viewer_with(Config::default())
    }

    pub fn add_viewer_with(&mut self, config: Config) -> usize {
        let seed = [self.hosts.len() as u8 + 2; 32];
        self.add(config, |peer_id, config| {
            Swarm::viewer(channel(), peer_id, config, seed)
        })
    }

    fn add(&mut self, config: Config, make: impl FnOnce(PeerId, Config) -> Swarm) -> usize {
        let host = self.hosts.len();
        let peer_id = PeerId::from_random([host as u8; 12]);
        let config = Config {
            trackers: vec!["ws://tracker/announce".to_owned()],
            ..config
        };
        self.hosts.push(Host {
            swarm: make(peer_id, config),
            played: Vec::new(),
            announces: 0,
            alive: true,
            uplink: None,
            busy_until: Time::ZERO,
            tracker_open: false,
        });
        self.at(Duration::ZERO, Happening::To(host, Event::Tick));
        host
    }

    pub fn set_upload(&mut self, host: usize, on: bool) {
        let now = self.now;
        self.hosts[host].swarm.set_upload(now, on);
        self.carry_out(host);
    }

    pub fn set_upload_limit(&mut self, host: usize, limit: Option<u64>) {
        let now = self.now;
        self.hosts[host].swarm.set_upload_limit(now, limit);
        self.carry_out(host);
    }

    /// The streamer's program starts again, with the same key and another peer id, knowing nothing.
    pub fn restart_streamer(&mut self) {
        self.restarts += 1;
        let peer_id = PeerId::from_random([32 - self.restarts; 12]);
        let config = Config {
            trackers: vec!["ws://tracker/announce".to_owned()],
            ..Config::default()
        };
        let host = &mut self.hosts[STREAMER];
        host.swarm = Swarm::streamer(SECRET, peer_id, config, [self.restarts; 32]);
        host.alive = true;
        self.links
            .retain(|at, to| at.0 != STREAMER && to.0 != STREAMER);
        self.at(Duration::ZERO, Happening::To(STREAMER, Event::Tick));
    }

    pub fn limit_uplink(&mut self, host: usize, bytes_per_second: u64) {
        self.hosts[host].uplink = Some(bytes_per_second);
    }

    pub fn kill(&mut self, host: usize) {
        if host == STREAMER {
            self.fall_silent();
        }
        self.hosts[host].alive = false;
        self.hosts[host].tracker_open = false;
    }

    pub fn stop_tracker(&mut self) {
        self.tracker_up = false;
        for host in 0..self.hosts.len() {
            if std::mem::take(&mut self.hosts[host].tracker_open) {
                self.at(
                    LATENCY,
                    Happening::To(host, Event::TrackerClosed(TrackerId(0))),
                );
            }
        }
    }

    pub fn stats(&self, host: usize) -> Stats {
        self.hosts[host].swarm.stats()
    }

    pub fn description(&self, revision: u32, state: BroadcastState) -> Description {
        Description {
            broadcast: BroadcastId(self.broadcast),
            revision,
            state,
            started_at: UnixMillis(1000 + self.broadcast),
            details: Details::titled(format!("Broadcast {}", self.broadcast)),
            codecs: "avc1.640028,mp4a.40.2".to_owned(),
            bits_per_second: 2_500_000,
            segment_millis: 250,
            init_segment: Bytes::from_static(b"init"),
        }
    }

    /// The streamer begins a (new) broadcast, which goes on by itself.
    pub fn go_live(&mut self) {
        self.broadcast += 1;
        self.segment = 0;
        let description = self.description(0, BroadcastState::Live);
        self.describe(description);
        self.next_segment_at = Some(self.now + SEGMENT);
    }

    pub fn end(&mut self) {
        self.next_segment_at = None;
        let description = self.description(1, BroadcastState::Ended);
        self.describe(description);
    }

    /// Runs until something is so, and says how long that took.
    pub fn run_until(&mut self, most: Duration, so: impl Fn(&Self) -> bool) -> Duration {
        let start = self.now;
        while !so(self) && self.now - start < most {
            self.run(0.005);
        }
        self.now - start
    }

    /// Segments stop, without a word.
    pub fn fall_silent(&mut self) {
        self.next_segment_at = None;
    }

    pub fn describe(&mut self, description: Description) {
        let now = self.now;
        self.hosts[STREAMER].swarm.describe(now, description);
        self.carry_out(STREAMER);
    }

    fn publish(&mut self) {
        let number = self.segment;
        self.segment += 1;
        let segment = Segment {
            number: SegmentNumber(number),
            presentation_time: SEGMENT * number as u32,
            duration: SEGMENT,
            key_frame: number.is_multiple_of(SEGMENTS_PER_GROUP),
            captured_at: UnixMillis(0),
            bytes: segment_bytes(number),
        };
        let now = self.now;
        self.hosts[STREAMER].swarm.publish(now, segment);
        self.carry_out(STREAMER);
    }

    /// Numbers of the segments that a host has played in its last broadcast, in playing order; each checked
    /// byte by byte.
    pub fn played(&self, host: usize) -> Vec<u64> {
        let mut numbers = Vec::new();
        for playback in &self.hosts[host].played {
            match playback {
                Playback::Broadcast(_) => numbers.clear(),
                Playback::Changed(_) => {}
                Playback::Segment(segment) => {
                    assert_eq!(segment.bytes, segment_bytes(segment.number.0));
                    numbers.push(segment.number.0);
                }
            }
        }
        numbers
    }

    pub fn last_description(&self, host: usize) -> Option<Arc<Description>> {
        self.hosts[host]
            .played
            .iter()
            .rev()
            .find_map(|playback| match playback {
                Playback::Broadcast(description) | Playback::Changed(description) => {
                    Some(Arc::clone(description))
                }
                Playback::Segment(_) => None,
            })
    }

    pub fn run(&mut self, seconds: f64) {
        let end = self.now + Duration::from_secs_f64(seconds);
        loop {
            let happening = self.agenda.peek().map(|Reverse((at, _))| *at);
            let wake = self
                .hosts
                .iter()
                .filter(|host| host.alive)
                .filter_map(|host| host.swarm.next_wake())
                .min();
            let next = [happening, wake, self.next_segment_at]
                .into_iter()
                .flatten()
                .min()
                .unwrap_or(end)
                .max(self.now);
            if next > end {
                self.now = end;
                return;
            }
            self.now = next;
            self.step(happening == Some(next));
        }
    }

    fn step(&mut self, has_happening: bool) {
        if self.next_segment_at.is_some_and(|at| at <= self.now) {
            self.next_segment_at = Some(self.now + SEGMENT);
            self.publish();
        }
        if has_happening {
            let Reverse((_, serial)) = self.agenda.pop().unwrap();
            match self.happenings.remove(&serial).unwrap() {
                Happening::To(host, event) => self.handle(host, event),
                Happening::Arrive(link, bytes) => self.deliver(link, bytes),
            }
        }
        for host in 0..self.hosts.len() {
            if self.hosts[host]
                .swarm
                .next_wake()
                .is_some_and(|at| at <= self.now)
            {
                self.handle(host, Event::Tick);
            }
        }
    }

    pub fn deliver(&mut self, link: Link, bytes: Bytes) {
        let bytes = match &mut self.forge {
            Some(forge) => {
                let from = self.links.get(&link).map_or(link.0, |from| from.0);
                forge(Delivery { at: link, from }, bytes)
            }
            None => bytes,
        };
        if bytes.is_empty() {
            return;
        }
        self.handle(link.0, Event::Received(link.1, bytes));
    }

    fn handle(&mut self, host: usize, event: Event) {
        if self.hosts[host].alive {
            let now = self.now;
            self.hosts[host].swarm.handle(now, event);
            self.carry_out(host);
        }
    }

    fn at(&mut self, delay: Duration, happening: Happening) {
        self.serial += 1;
        self.agenda.push(Reverse((self.now + delay, self.serial)));
        self.happenings.insert(self.serial, happening);
    }

    fn carry_out(&mut self, host: usize) {
        while let Some(action) = self.hosts[host].swarm.poll() {
            self.carry_out_one(host, action);
        }
    }

    fn carry_out_one(&mut self, host: usize, action: Action) {
        match action {
            Action::TrackerConnect(tracker, _) => {
                self.hosts[host].tracker_open = self.tracker_up;
                let event = if self.tracker_up {
                    Event::TrackerOpened(tracker)
                } else {
                    Event::TrackerClosed(tracker)
                };
                self.at(LATENCY, Happening::To(host, event));
            }
            Action::TrackerSend(_, text) => self.track(host, &text),
            Action::TrackerClose(_) => self.hosts[host].tracker_open = false,
            Action::MakeOffer(connection) => {
                let sdp = format!("{host} {}", connection.0);
                let made = Event::OfferMade(connection, sdp);
                self.at(LATENCY, Happening::To(host, made));
            }
            Action::AcceptOffer(connection, sdp) => {
                self.links.insert((host, connection), read_sdp(&sdp));
                let answer = format!("{host} {}", connection.0);
                let made = Event::AnswerMade(connection, answer);
                self.at(LATENCY, Happening::To(host, made));
            }
            Action::AcceptAnswer(connection, sdp) => {
                let other = read_sdp(&sdp);
                self.links.insert((host, connection), other);
                for (host, connection) in [(host, connection), other] {
                    let opened = Event::Opened(connection);
                    self.at(LATENCY * 2, Happening::To(host, opened));
                }
            }
            Action::Send(connection, bytes) => self.transmit((host, connection), bytes),
            Action::Close(connection) => {
                if let Some(other) = self.links.remove(&(host, connection)) {
                    self.links.remove(&other);
                    let closed = Event::Closed(other.1);
                    self.at(LATENCY, Happening::To(other.0, closed));
                }
            }
            Action::Play(playback) => self.hosts[host].played.push(playback),
        }
    }

    fn transmit(&mut self, from: Link, bytes: Bytes) {
        let now = self.now;
        let host = &mut self.hosts[from.0];
        let mut sent_after = Duration::ZERO;
        if let Some(uplink) = host.uplink {
            let takes = Duration::from_secs_f64(bytes.len() as f64 / uplink as f64);
            host.busy_until = host.busy_until.max(now) + takes;
            sent_after = host.busy_until - now;
        }
        // What goes to one that is gone never leaves: nobody acknowledges it, and the window closes.
        let to = self.links.get(&from).copied();
        if to.is_some_and(|to| !self.hosts[to.0].alive) {
            return;
        }
        let sent = Event::Sent(from.1, bytes.len());
        self.at(sent_after, Happening::To(from.0, sent));
        if let Some(to) = self.links.get(&from).copied() {
            self.at(sent_after + LATENCY, Happening::Arrive(to, bytes));
        }
    }

    /// The tracker: offers go to the streamer first, then to the other hosts in order.
    fn track(&mut self, from: usize, text: &str) {
        if !self.tracker_up {
            return;
        }
        let message: Value = serde_json::from_str(text).unwrap();
        let peer = |host: &Host| {
            let id = host.swarm.peer_id().0;
            Value::String(id.iter().map(|byte| char::from(*byte)).collect())
        };
        let from_id = peer(&self.hosts[from]);
        if let Some(answer) = message.get("answer") {
            let to = self
                .hosts
                .iter()
                .position(|host| peer(host) == message["to_peer_id"]);
            let answer = json!({
                "action": "announce", "info_hash": message["info_hash"], "peer_id": from_id,
                "offer_id": message["offer_id"], "answer": answer,
            });
            return self.tell(to.unwrap(), &answer);
        }
        self.hosts[from].announces += 1;
        let others: Vec<usize> = (0..self.hosts.len())
            .filter(|host| *host != from && self.hosts[*host].tracker_open)
            .collect();
        let offers = message["offers"].as_array().cloned().unwrap_or_default();
        let offers = offers.into_iter().take(self.tracker_answers);
        for (to, offer) in others.into_iter().zip(offers) {
            let offer = json!({
                "action": "announce", "info_hash": message["info_hash"], "peer_id": from_id,
                "offer_id": offer["offer_id"], "offer": offer["offer"],
            });
            self.tell(to, &offer);
        }
        let watching = self.hosts[1..]
            .iter()
            .filter(|host| host.tracker_open)
            .count();
        let reply = json!({
            "action": "announce", "info_hash": message["info_hash"],
            "interval": 120, "complete": 1, "incomplete": watching,
        });
        self.tell(from, &reply);
    }

    fn tell(&mut self, host: usize, message: &Value) {
        let text = Event::TrackerText(TrackerId(0), message.to_string());
        self.at(LATENCY, Happening::To(host, text));
    }
}

fn read_sdp(sdp: &str) -> Link {
    let (host, connection) = sdp.split_once(' ').unwrap();
    (
        host.parse().unwrap(),
        ConnectionId(connection.parse().unwrap()),
    )
}
