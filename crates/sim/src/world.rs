//! Everything that happens between peers, one event after the other.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use bytes::Bytes;
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use swarm::checks::{Checks, Genuine};
use swarm::{Action, ChannelId, Config, ConnectionId, Event, PeerId, Swarm, Time, TrackerId};

use crate::agenda::Agenda;
use crate::attackers::Nature;
use crate::host::{Host, Link};
use crate::pulse::Pulse;
use crate::report::{Report, Snapshot};
use crate::scenario::Scenario;
use crate::source::Source;
use crate::stand_in::StandIn;
use crate::terrain;
use crate::tracker::Tracker;

const SECRET: [u8; 32] = [42; 32];
const STREAMER: usize = 0;
const TRACKER: TrackerId = TrackerId(0);
/// One way to a tracker; trackers are well connected.
const TRACKER_WAY: Duration = Duration::from_millis(25);
/// A page's time to gather its candidates.
const GATHERING: Duration = Duration::from_millis(120);
/// Round trips from an answer to an open data channel: ICE, DTLS and SCTP.
const OPENING_ROUND_TRIPS: u32 = 4;
/// After how long ICE gives up on a pair that cannot connect.
const ICE_FAILURE: Duration = Duration::from_secs(12);
/// Messages below this are told to have left together with the next larger one, or with the next beat.
const SMALL: usize = 2048;
/// A lost packet of a reliable channel comes again after about this many round trips.
const RETRANSMISSION_ROUND_TRIPS: f64 = 1.2;

enum Happening {
    Tick(usize),
    To(usize, Event),
    Arrive(usize, ConnectionId, Bytes),
    Sent(usize, ConnectionId, usize),
    Publish,
    Join,
    Leave(usize),
    Snapshot,
    Trace,
    TrackerDies,
    StreamerDies,
    StreamerReturns,
}

/// A run.
pub struct World {
    scenario: Scenario,
    checks: &'static dyn Checks,
    seed: u64,
    rng: SmallRng,
    agenda: Agenda<Happening>,
    now: Time,
    end: Time,
    hosts: Vec<Host>,
    tracker: Tracker,
    tracker_up: bool,
    tracker_messages: u64,
    source: Source,
    broadcasts: u64,
    published: Vec<Time>,
    /// The one copy of each piece's message that is held, whoever sends it.
    pieces: HashMap<u32, Bytes>,
    wire_bytes: u64,
    snapshots: Vec<Snapshot>,
    trace_every: Option<Duration>,
    events: u64,
}

impl World {
    /// Runs a scenario to its end. `genuine` uses real hashes and signatures.
    pub fn run(scenario: Scenario, seed: u64, genuine: bool) -> Report {
        Self::run_traced(scenario, seed, genuine, None)
    }

    /// The same, saying each so many seconds of the run on standard error how the audience fares.
    pub fn run_traced(
        scenario: Scenario,
        seed: u64,
        genuine: bool,
        trace_every: Option<f64>,
    ) -> Report {
        let began = Instant::now();
        let checks: &'static dyn Checks = if genuine { &Genuine } else { &StandIn };
        let end = Time::from_epoch(Duration::from_secs_f64(scenario.seconds));
        let mut world = Self {
            checks,
            seed,
            rng: SmallRng::seed_from_u64(seed),
            agenda: Agenda::new(),
            now: Time::ZERO,
            end,
            hosts: Vec::new(),
            tracker: Tracker::default(),
            tracker_up: true,
            tracker_messages: 0,
            source: Source::new(&scenario, 1),
            broadcasts: 1,
            published: Vec::new(),
            pieces: HashMap::new(),
            wire_bytes: 0,
            snapshots: Vec::new(),
            trace_every: trace_every.map(Duration::from_secs_f64),
            events: 0,
            scenario,
        };
        world.begin();
        while let Some((now, happening)) = world.agenda.next(end) {
            world.now = now;
            world.events += 1;
            world.happen(happening);
        }
        world.take_snapshot();
        let took = began.elapsed();
        world.report(took)
    }

    fn begin(&mut self) {
        let uplink = self.scenario.streamer_uplink * self.scenario.byte_rate();
        let peer_id = self.name();
        let swarm = Swarm::streamer_with(self.checks, SECRET, peer_id, self.config(), self.seed());
        let streamer = Host::new(swarm, uplink, uplink, self.now);
        self.hosts.push(streamer);
        self.describe();
        self.soon(Duration::ZERO, Happening::Tick(STREAMER));
        self.soon(Duration::from_secs(1), Happening::Publish);
        let joins = (self.scenario.viewers, 0.5, self.scenario.join_over);
        let crowd = self.scenario.crowd;
        for (viewers, from, over) in [joins, (crowd.viewers, crowd.at, crowd.over)] {
            for _ in 0..viewers {
                let at = from + self.rng.random_range(0.0..over.max(0.001));
                self.soon(Duration::from_secs_f64(at), Happening::Join);
            }
        }
        let scenario = &self.scenario;
        let away = scenario.streamer_dies_at + scenario.streamer_away_for;
        let dated = [
            (scenario.measure_from, Happening::Snapshot),
            (scenario.tracker_dies_at, Happening::TrackerDies),
            (scenario.streamer_dies_at, Happening::StreamerDies),
            (away, Happening::StreamerReturns),
        ];
        if self.trace_every.is_some() {
            self.soon(Duration::ZERO, Happening::Trace);
        }
        for (at, happening) in dated {
            if at > 0.0 {
                self.soon(Duration::from_secs_f64(at), happening);
            }
        }
    }

    fn happen(&mut self, happening: Happening) {
        match happening {
            Happening::Tick(host) => self.tick(host),
            Happening::To(host, event) => self.handle(host, event),
            Happening::Arrive(host, connection, bytes) => self.arrive(host, connection, bytes),
            Happening::Sent(host, connection, len) => {
                self.handle(host, Event::Sent(connection, len));
            }
            Happening::Publish => self.publish(),
            Happening::Join => self.join(),
            Happening::Leave(host) => self.leave(host),
            Happening::Snapshot => self.take_snapshot(),
            Happening::Trace => self.trace(),
            Happening::TrackerDies => self.kill_tracker(),
            Happening::StreamerDies => self.kill(STREAMER),
            Happening::StreamerReturns => self.return_streamer(),
        }
    }

    fn soon(&mut self, after: Duration, happening: Happening) {
        self.agenda.at(self.now + after, happening);
    }

    fn seed(&mut self) -> [u8; 32] {
        let mut seed = [0; 32];
        self.rng.fill(&mut seed[..]);
        seed
    }

    fn name(&mut self) -> PeerId {
        let mut name = [0; 12];
        self.rng.fill(&mut name[..]);
        PeerId::from_random(name)
    }

    fn config(&self) -> Config {
        Config {
            trackers: vec!["ws://tracker/announce".to_owned()],
            window: Duration::from_secs_f64(self.scenario.window),
            ..Config::default()
        }
    }

    fn join(&mut self) {
        let host = self.hosts.len();
        let peer_id = self.name();
        let channel = ChannelId::from_secret_key(&SECRET);
        let swarm = Swarm::viewer_with(self.checks, channel, peer_id, self.config(), self.seed());
        let uplink = terrain::draw_uplink(host, &mut self.rng, &self.scenario);
        let downlink = terrain::DOWNLINK * self.scenario.byte_rate();
        let mut new = Host::new(swarm, uplink, downlink.max(uplink), self.now);
        new.hard_nat = self.rng.random_bool(self.scenario.hard_nat);
        new.nature = Nature::draw(&mut self.rng, &self.scenario);
        if self.rng.random_bool(self.scenario.upload_off) {
            new.swarm.set_upload(self.now, false);
        }
        self.hosts.push(new);
        let rate = self.scenario.leaving_each_minute / 60.0;
        if rate > 0.0 {
            let stays = -self.rng.random_range(f64::EPSILON..1.0).ln() / rate;
            self.soon(Duration::from_secs_f64(stays), Happening::Leave(host));
        }
        self.tick(host);
    }

    /// A viewer goes without a word, and somebody else comes.
    fn leave(&mut self, host: usize) {
        self.kill(host);
        self.soon(Duration::from_millis(100), Happening::Join);
    }

    fn kill(&mut self, host: usize) {
        let gone = &mut self.hosts[host];
        gone.alive = false;
        gone.seen.left_at = Some(self.now);
        gone.tracker_open = false;
        self.tracker.leave(host);
        if host != STREAMER {
            // Its memory is of use to nobody.
            let idle = Swarm::viewer(
                ChannelId::from_secret_key(&SECRET),
                PeerId([0; 20]),
                Config::default(),
                [0; 32],
            );
            let stats = std::mem::replace(&mut gone.swarm, idle).stats();
            self.snapshots.push(Snapshot::of_leaver(stats));
        }
    }

    fn kill_tracker(&mut self) {
        self.tracker_up = false;
        for host in 0..self.hosts.len() {
            if std::mem::take(&mut self.hosts[host].tracker_open) {
                let closed = Event::TrackerClosed(TRACKER);
                self.soon(TRACKER_WAY, Happening::To(host, closed));
            }
        }
    }

    fn return_streamer(&mut self) {
        let peer_id = self.name();
        let (config, seed) = (self.config(), self.seed());
        let swarm = Swarm::streamer_with(self.checks, SECRET, peer_id, config, seed);
        let uplink = self.hosts[STREAMER].uplink;
        // Another program on the same machine: what went to the old one goes nowhere.
        let mut back = Host::new(swarm, uplink, uplink, self.now);
        std::mem::swap(&mut back, &mut self.hosts[STREAMER]);
        for host in &mut self.hosts {
            host.forget_links_to(STREAMER);
        }
        self.broadcasts += 1;
        self.source = Source::new(&self.scenario, self.broadcasts);
        self.published.clear();
        self.pieces.clear();
        self.describe();
        self.tick(STREAMER);
    }

    fn describe(&mut self) {
        let description = self.source.description(&self.scenario);
        let now = self.now;
        self.hosts[STREAMER].swarm.describe(now, description);
        self.carry_out(STREAMER);
    }

    fn publish(&mut self) {
        self.soon(self.scenario.segment(), Happening::Publish);
        if !self.hosts[STREAMER].alive {
            return;
        }
        let segment = self.source.next_segment();
        self.published.push(self.now);
        let now = self.now;
        self.hosts[STREAMER].swarm.publish(now, segment);
        self.carry_out(STREAMER);
    }

    fn tick(&mut self, host: usize) {
        if !self.hosts[host].alive {
            return;
        }
        for connection in std::mem::take(&mut self.hosts[host].untold) {
            let now = self.now;
            let host = &mut self.hosts[host];
            let Some(link) = host.link(connection) else {
                continue;
            };
            if link.untold_leave_at > now {
                host.untold.push(connection);
                continue;
            }
            let len = std::mem::take(&mut link.untold);
            if len > 0 {
                host.swarm.handle(now, Event::Sent(connection, len));
            }
        }
        self.handle(host, Event::Tick);
        let aside = self.hosts[host].swarm.stands_aside();
        self.hosts[host].seen.stands_aside(aside, self.now);
        let wake = self.hosts[host].swarm.next_wake();
        self.agenda
            .at(wake.unwrap_or(self.end), Happening::Tick(host));
    }

    fn handle(&mut self, host: usize, event: Event) {
        if self.hosts[host].alive {
            let now = self.now;
            self.hosts[host].swarm.handle(now, event);
            self.carry_out(host);
        }
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
                self.soon(TRACKER_WAY * 4, Happening::To(host, event));
            }
            Action::TrackerSend(_, text) => self.track(host, &text),
            Action::TrackerClose(_) => self.hosts[host].tracker_open = false,
            Action::MakeOffer(connection) => {
                let sdp = self.sdp(host, connection);
                let made = Event::OfferMade(connection, sdp);
                self.soon(GATHERING, Happening::To(host, made));
            }
            Action::AcceptOffer(connection, sdp) => {
                self.connect(host, connection, &sdp);
                let made = Event::AnswerMade(connection, self.sdp(host, connection));
                self.soon(GATHERING, Happening::To(host, made));
            }
            Action::AcceptAnswer(connection, sdp) => self.open(host, connection, &sdp),
            Action::Send(connection, bytes) => self.transmit(host, connection, bytes),
            Action::Close(connection) => self.close(host, connection),
            Action::Play(playback) => {
                let seen = &mut self.hosts[host].seen;
                seen.play(&playback, &self.published, self.now);
            }
        }
    }

    /// A session description as long as a browser's, in which only the beginning means something.
    fn sdp(&self, host: usize, connection: ConnectionId) -> String {
        format!("{host} {} {:<900}", connection.0, self.broadcasts)
    }

    fn connect(&mut self, host: usize, connection: ConnectionId, sdp: &str) -> Option<Link> {
        let mut parts = sdp.split_whitespace().map(str::parse::<u64>);
        let (Some(Ok(other)), Some(Ok(their))) = (parts.next(), parts.next()) else {
            return None;
        };
        let link = Link {
            host: other as usize,
            connection: ConnectionId(their),
            last_arrival: self.now,
            untold: 0,
            untold_leave_at: self.now,
        };
        self.hosts[host].set_link(connection, Some(link));
        Some(link)
    }

    fn open(&mut self, host: usize, connection: ConnectionId, sdp: &str) {
        let Some(link) = self.connect(host, connection, sdp) else {
            return;
        };
        let way = self.way(host, link.host);
        let blocked = self.hosts[host].hard_nat && self.hosts[link.host].hard_nat;
        for (host, connection) in [(host, connection), (link.host, link.connection)] {
            let (after, event) = if blocked {
                (ICE_FAILURE, Event::Closed(connection))
            } else {
                let opened = Event::Opened(connection);
                (way * 2 * OPENING_ROUND_TRIPS, opened)
            };
            self.soon(after, Happening::To(host, event));
        }
    }

    fn close(&mut self, host: usize, connection: ConnectionId) {
        let Some(link) = self.hosts[host].set_link(connection, None) else {
            return;
        };
        let way = self.way(host, link.host);
        let other = &mut self.hosts[link.host];
        let mutual = other
            .link(link.connection)
            .is_some_and(|back| (back.host, back.connection) == (host, connection));
        if mutual {
            other.set_link(link.connection, None);
            let closed = Event::Closed(link.connection);
            self.soon(way, Happening::To(link.host, closed));
        }
    }

    fn way(&self, a: usize, b: usize) -> Duration {
        terrain::way(a, b, self.seed, &self.scenario)
    }

    fn transmit(&mut self, host: usize, connection: ConnectionId, bytes: Bytes) {
        const PIECE: u8 = 7;
        let is_piece = bytes.len() > SMALL && bytes[4] == PIECE;
        let len = bytes.len();
        // What goes to one that is gone never leaves: nobody acknowledges it, and the window closes.
        let other = self.hosts[host].link(connection).map(|link| link.host);
        if !other.is_some_and(|other| self.hosts[other].alive) {
            return;
        }
        let sender = &mut self.hosts[host];
        let left_at = sender.leave_at(terrain::wire_len(len), self.now);
        let nature = sender.nature;
        let Some(link) = sender.link(connection) else {
            return;
        };
        if len < SMALL {
            link.untold_leave_at = left_at;
            if link.untold == 0 {
                link.untold = len;
                sender.untold.push(connection);
            } else {
                link.untold += len;
            }
        } else {
            let told = len + std::mem::take(&mut link.untold);
            let sent = Happening::Sent(host, connection, told);
            self.agenda.at(left_at, sent);
        }
        let message = if is_piece { self.shared(bytes) } else { bytes };
        if let Some(message) = nature.twist(message, is_piece) {
            self.carry(host, connection, message, left_at);
        }
    }

    fn carry(&mut self, host: usize, connection: ConnectionId, bytes: Bytes, left_at: Time) {
        let wire_len = terrain::wire_len(bytes.len());
        self.wire_bytes += wire_len as u64;
        let Some(link) = self.hosts[host].link(connection).copied() else {
            return;
        };
        if !self.hosts[link.host].alive {
            return;
        }
        let way = self.way(host, link.host);
        let packets = terrain::packets(bytes.len()) as f64;
        let mut arrives = left_at + way;
        if self.rng.random_range(0.0..1.0) < self.scenario.loss * packets {
            arrives = arrives + way.mul_f64(2.0 * RETRANSMISSION_ROUND_TRIPS);
        }
        let arrives = arrives.max(link.last_arrival);
        if let Some(link) = self.hosts[host].link(connection) {
            link.last_arrival = arrives;
        }
        let arrive = Happening::Arrive(link.host, link.connection, bytes);
        self.agenda.at(arrives, arrive);
    }

    /// Bytes are at the far end of a host's downlink. They wait there for those that came before.
    fn arrive(&mut self, host: usize, connection: ConnectionId, bytes: Bytes) {
        let receiver = &mut self.hosts[host];
        if receiver.downlink_free_at > self.now {
            let free_at = receiver.downlink_free_at;
            let again = Happening::Arrive(host, connection, bytes);
            return self.agenda.at(free_at, again);
        }
        receiver.enter(terrain::wire_len(bytes.len()), self.now);
        self.handle(host, Event::Received(connection, bytes));
    }

    /// The one copy of a piece's message that is held.
    fn shared(&mut self, bytes: Bytes) -> Bytes {
        let number = [bytes[5], bytes[6], bytes[7], bytes[8]];
        let shared = self.pieces.entry(u32::from_be_bytes(number));
        let shared = shared.or_insert_with(|| bytes.clone());
        if *shared == bytes {
            shared.clone()
        } else {
            bytes
        }
    }

    fn track(&mut self, host: usize, text: &str) {
        if !self.tracker_up || !self.hosts[host].tracker_open {
            return;
        }
        self.tracker_messages += 1;
        for (to, text) in self.tracker.receive(host, text, &mut self.rng) {
            self.tracker_messages += 1;
            let text = Event::TrackerText(TRACKER, text);
            self.soon(TRACKER_WAY * 2, Happening::To(to, text));
        }
    }

    fn take_snapshot(&mut self) {
        let taken = Snapshot::take(
            self.now,
            &self.hosts,
            self.wire_bytes,
            self.tracker_messages,
        );
        self.snapshots.push(taken);
    }

    fn trace(&mut self) {
        let Some(every) = self.trace_every else {
            return;
        };
        self.soon(every, Happening::Trace);
        let line = Pulse::of(self.now, &self.hosts, self.scenario.byte_rate());
        eprintln!("{line}");
    }

    fn report(self, took: Duration) -> Report {
        Report::new(
            &self.scenario,
            self.seed,
            &self.hosts,
            &self.published,
            &self.snapshots,
            self.events,
            took,
        )
    }
}
