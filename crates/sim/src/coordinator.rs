//! What concerns everybody: who comes and goes, the tracker, publishing, the streamer's death and return, counting. It
//! happens between two windows, while no host runs.
//!
//! Not here: what hosts do (`shard`), and which thread runs them (`windows`).

use std::sync::MutexGuard;
use std::time::Duration;

use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use swarm::{Event, PeerId, Swarm, Time};

use crate::agenda::{Agenda, STEP};
use crate::attackers::Nature;
use crate::board::{Board, SECRET, STREAMER};
use crate::host::Host;
use crate::pulse::Pulse;
use crate::report::{Report, Snapshot};
use crate::shard::{self, Happening, SHARDS, Said, Shard, TRACKER, TRACKER_WAY};
use crate::source::Source;
use crate::terrain;
use crate::tracker::Tracker;

/// Something that concerns everybody.
enum Occasion {
    Publish,
    Join,
    Leave(usize),
    Snapshot,
    Trace,
    TrackerDies,
    StreamerDies,
    StreamerReturns,
}

/// All shards, while none of them runs.
pub(crate) type Shards<'a> = [MutexGuard<'a, Shard>];

/// Who looks after what concerns everybody.
pub(crate) struct Coordinator {
    rng: SmallRng,
    agenda: Agenda<Occasion>,
    /// When what happens now was due.
    due: Time,
    /// The border between windows at which it happens.
    now: Time,
    tracker: Tracker,
    tracker_messages: u64,
    source: Source,
    snapshots: Vec<Snapshot>,
    trace_every: Option<Duration>,
    events: u64,
}

impl Coordinator {
    pub(crate) fn new(board: &Board, trace_every: Option<Duration>) -> Self {
        Self {
            rng: SmallRng::seed_from_u64(board.seed),
            agenda: Agenda::new(),
            due: Time::ZERO,
            now: Time::ZERO,
            tracker: Tracker::default(),
            tracker_messages: 0,
            source: Source::new(&board.scenario, board.broadcasts),
            snapshots: Vec::new(),
            trace_every,
            events: 0,
        }
    }

    /// Sets the streamer up, and what will happen.
    fn begin(&mut self, board: &mut Board, shards: &mut Shards<'_>) {
        let scenario = board.scenario.clone();
        let streamer = self.streamer(board, scenario.streamer_uplink * scenario.byte_rate());
        shards[shard::of(STREAMER)].admit(streamer);
        board.alive.push(true);
        self.describe(board, shards);
        shards[shard::of(STREAMER)].soon(Duration::ZERO, Happening::Tick(STREAMER));
        self.soon(Duration::from_secs(1), Occasion::Publish);
        let joins = (scenario.viewers, 0.5, scenario.join_over);
        let crowd = scenario.crowd;
        for (viewers, from, over) in [joins, (crowd.viewers, crowd.at, crowd.over)] {
            for _ in 0..viewers {
                let at = from + self.rng.random_range(0.0..over.max(0.001));
                self.soon(Duration::from_secs_f64(at), Occasion::Join);
            }
        }
        let back_at = scenario.streamer_dies_at + scenario.streamer_away_for;
        let dated = [
            (scenario.measure_from, Occasion::Snapshot),
            (scenario.tracker_dies_at, Occasion::TrackerDies),
            (scenario.streamer_dies_at, Occasion::StreamerDies),
            (back_at, Occasion::StreamerReturns),
        ];
        if self.trace_every.is_some() {
            self.soon(Duration::ZERO, Occasion::Trace);
        }
        for (at, occasion) in dated {
            if at > 0.0 {
                self.soon(Duration::from_secs_f64(at), occasion);
            }
        }
    }

    /// Before the first window the streamer is set up. After each, what hosts have for each other is exchanged, and what
    /// has become due happens.
    pub(crate) fn act(&mut self, board: &mut Board, shards: &mut Shards<'_>) {
        self.now = board.until;
        if board.alive.is_empty() {
            self.begin(board, shards);
        }
        exchange(shards);
        self.serve_tracker(shards);
        while let Some((due, occasion)) = self.agenda.next(self.now + STEP) {
            self.due = due;
            self.events += 1;
            self.happen(board, shards, occasion);
        }
    }

    fn happen(&mut self, board: &mut Board, shards: &mut Shards<'_>, occasion: Occasion) {
        match occasion {
            Occasion::Publish => self.publish(board, shards),
            Occasion::Join => self.join(board, shards),
            Occasion::Leave(host) => {
                // Where nobody says goodbye, a run has the same chances as one that knows of none.
                let part = board.scenario.saying_goodbye;
                if part > 0.0 && self.rng.random_range(0.0..1.0) < part {
                    self.say_goodbye(board, shards, host);
                }
                self.kill(board, shards, host);
                // Somebody else comes.
                self.soon(Duration::from_millis(100), Occasion::Join);
            }
            Occasion::Snapshot => self.take_snapshot(board, shards),
            Occasion::Trace => self.trace(board, shards),
            Occasion::TrackerDies => kill_tracker(board, shards),
            Occasion::StreamerDies => self.kill(board, shards, STREAMER),
            Occasion::StreamerReturns => self.return_streamer(board, shards),
        }
    }

    fn soon(&mut self, after: Duration, occasion: Occasion) {
        self.agenda.at(self.due + after, occasion);
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

    fn streamer(&mut self, board: &Board, uplink: f64) -> Host {
        let peer_id = self.name();
        let (config, seed) = (board.config(), self.seed());
        let swarm = Swarm::streamer_with(board.checks, SECRET, peer_id, config, seed);
        Host::new(swarm, uplink, uplink, self.now)
    }

    fn viewer(&mut self, board: &Board, number: usize) -> Host {
        let peer_id = self.name();
        let (config, seed) = (board.config(), self.seed());
        let swarm = Swarm::viewer_with(board.checks, board.channel, peer_id, config, seed);
        let scenario = &board.scenario;
        let uplink = terrain::draw_uplink(number, &mut self.rng, scenario);
        let downlink = terrain::DOWNLINK * scenario.byte_rate();
        let mut viewer = Host::new(swarm, uplink, downlink.max(uplink), self.now);
        viewer.hard_nat = self.rng.random_bool(scenario.hard_nat);
        viewer.nature = Nature::draw(&mut self.rng, scenario);
        if self.rng.random_bool(scenario.upload_off) {
            viewer.swarm.set_upload(self.now, false);
        }
        viewer
    }

    fn join(&mut self, board: &mut Board, shards: &mut Shards<'_>) {
        let host = board.alive.len();
        let viewer = self.viewer(board, host);
        board.alive.push(true);
        let rate = board.scenario.leaving_each_minute / 60.0;
        if rate > 0.0 {
            let stays = -self.rng.random_range(f64::EPSILON..1.0).ln() / rate;
            self.soon(Duration::from_secs_f64(stays), Occasion::Leave(host));
        }
        let shard = &mut shards[shard::of(host)];
        shard.admit(viewer);
        shard.tick(board, host);
    }

    /// Closes a host's connections. The other ends are told by one packet each, which is not sent again if it is lost.
    fn say_goodbye(&mut self, board: &Board, shards: &mut Shards<'_>, host: usize) {
        let shard = &mut shards[shard::of(host)];
        for connection in shard.host(host).connections() {
            let is_heard = self.rng.random_range(0.0..1.0) >= board.scenario.loss;
            if is_heard {
                shard.close(host, connection);
            }
        }
    }

    fn kill(&mut self, board: &mut Board, shards: &mut Shards<'_>, host: usize) {
        board.alive[host] = false;
        let gone = shards[shard::of(host)].host_mut(host);
        gone.alive = false;
        gone.seen.left_at = Some(self.now);
        gone.tracker_open = false;
        self.tracker.leave(host);
        if host != STREAMER {
            // Its memory is of use to nobody.
            let config = swarm::Config::default();
            let idle = Swarm::viewer(board.channel, PeerId([0; 20]), config, [0; 32]);
            let stats = std::mem::replace(&mut gone.swarm, idle).stats();
            gone.downlink.clear();
            self.snapshots.push(Snapshot::of_leaver(stats));
        }
    }

    fn return_streamer(&mut self, board: &mut Board, shards: &mut Shards<'_>) {
        // Another program on the same machine: what went to the old one goes nowhere.
        let uplink = shards[shard::of(STREAMER)].host(STREAMER).uplink;
        *shards[shard::of(STREAMER)].host_mut(STREAMER) = self.streamer(board, uplink);
        for shard in shards.iter_mut() {
            for host in shard.hosts_mut() {
                host.forget_links_to(STREAMER);
            }
        }
        board.alive[STREAMER] = true;
        board.broadcasts += 1;
        board.published.clear();
        self.source = Source::new(&board.scenario, board.broadcasts);
        self.describe(board, shards);
        shards[shard::of(STREAMER)].tick(board, STREAMER);
    }

    fn describe(&mut self, board: &Board, shards: &mut Shards<'_>) {
        let description = self.source.description(&board.scenario);
        let shard = &mut shards[shard::of(STREAMER)];
        let streamer = &mut shard.host_mut(STREAMER).swarm;
        streamer.describe(self.now, description);
        shard.carry_out(board, STREAMER);
    }

    fn publish(&mut self, board: &mut Board, shards: &mut Shards<'_>) {
        self.soon(board.scenario.segment(), Occasion::Publish);
        if !board.alive[STREAMER] {
            return;
        }
        board.published.push(self.now);
        let shard = &mut shards[shard::of(STREAMER)];
        let streamer = &mut shard.host_mut(STREAMER).swarm;
        streamer.publish(self.now, self.source.next_segment());
        shard.carry_out(board, STREAMER);
    }

    /// The tracker reads what was said to it in the window, in the order of time.
    fn serve_tracker(&mut self, shards: &mut Shards<'_>) {
        let all = shards.iter_mut().flat_map(|shard| shard.said.drain(..));
        let mut all: Vec<Said> = all.collect();
        all.sort_by_key(|said| said.at);
        for Said { at, host, message } in all {
            self.tracker_messages += 1;
            for (to, message) in self.tracker.receive(host, message, &mut self.rng) {
                self.tracker_messages += 1;
                // One way to the tracker, and one from it.
                let told = Happening::Told(to, Box::new(message));
                shards[shard::of(to)].put(to, at + TRACKER_WAY * 2, told);
            }
        }
    }

    fn take_snapshot(&mut self, board: &Board, shards: &Shards<'_>) {
        let wire_bytes = shards.iter().map(|shard| shard.wire_bytes).sum();
        let hosts = hosts(board, shards);
        let taken = Snapshot::take(self.now, &hosts, wire_bytes, self.tracker_messages);
        self.snapshots.push(taken);
    }

    fn trace(&mut self, board: &Board, shards: &Shards<'_>) {
        let Some(every) = self.trace_every else {
            return;
        };
        self.soon(every, Occasion::Trace);
        let byte_rate = board.scenario.byte_rate();
        eprintln!("{}", Pulse::of(self.now, &hosts(board, shards), byte_rate));
    }

    /// What the run has shown, now that it is over.
    pub(crate) fn report(&mut self, board: &Board, shards: &Shards<'_>, took: Duration) -> Report {
        self.take_snapshot(board, shards);
        let events = shards.iter().map(|shard| shard.events).sum::<u64>();
        Report::new(
            &board.scenario,
            board.seed,
            &hosts(board, shards),
            &board.published,
            &self.snapshots,
            self.events + events,
            took,
        )
    }
}

/// All hosts in the order of their numbers.
fn hosts<'a>(board: &Board, shards: &'a Shards<'_>) -> Vec<&'a Host> {
    let numbers = 0..board.alive.len();
    numbers
        .map(|host| shards[shard::of(host)].host(host))
        .collect()
}

/// Gives each shard what the others have for it.
fn exchange(shards: &mut Shards<'_>) {
    for first in 0..SHARDS {
        let (before, after) = shards.split_at_mut(first + 1);
        for second in after {
            before[first].exchange(second);
        }
    }
}

fn kill_tracker(board: &mut Board, shards: &mut Shards<'_>) {
    board.tracker_up = false;
    for host in 0..board.alive.len() {
        let shard = &mut shards[shard::of(host)];
        if std::mem::take(&mut shard.host_mut(host).tracker_open) {
            let closed = Event::TrackerClosed(TRACKER);
            shard.soon(TRACKER_WAY, Happening::To(host, closed));
        }
    }
}
