//! A part of the hosts, with all that they need to run through a window by themselves: an agenda, a random generator,
//! counters, and mailboxes for what concerns hosts of other shards.
//!
//! How many shards there are does not depend on the number of threads: a run is the same whoever runs which. Bytes on
//! their way are in `transport`, connections in `connecting`.
//!
//! Not here: what concerns everybody, which is the coordinator's.

use std::time::Duration;

use bytes::Bytes;
use rand::SeedableRng;
use rand::rngs::SmallRng;
use swarm::{Action, ConnectionId, Event, Time, TrackerId};
use tracker_protocol::{ClientMessage, ServerMessage};

use crate::agenda::Agenda;
use crate::board::Board;
use crate::host::{End, Host};
use crate::transport::Pieces;

/// Into how many parts the hosts are divided: several for each thread, so that threads which are done early take over
/// from the others.
pub(crate) const SHARDS: usize = 8;
pub(crate) const TRACKER: TrackerId = TrackerId(0);
/// One way to a tracker; trackers are well connected.
pub(crate) const TRACKER_WAY: Duration = Duration::from_millis(25);
/// A page's time to gather its candidates.
const GATHERING: Duration = Duration::from_millis(120);

/// Something that happens to a host.
pub(crate) enum Happening {
    Tick(usize),
    To(usize, Event),
    /// Bytes are at the far end of the host's downlink.
    Arrive(usize, ConnectionId, Bytes),
    /// The downlink is free for what waits there.
    Enter(usize),
    Sent(usize, ConnectionId, usize),
    /// The other end of a connection has closed it.
    Hang(End, End),
    /// The tracker says something.
    Told(usize, Box<ServerMessage>),
}

/// Something that happens to a host of another shard, and when.
type Letter = (Time, Happening);

/// What a host has said to the tracker, and when.
pub(crate) struct Said {
    pub(crate) at: Time,
    pub(crate) host: usize,
    pub(crate) message: ClientMessage,
}

/// A part of the hosts.
pub(crate) struct Shard {
    number: usize,
    pub(crate) rng: SmallRng,
    pub(crate) agenda: Agenda<Happening>,
    pub(crate) now: Time,
    /// Every [`SHARDS`]th of all.
    hosts: Vec<Host>,
    pub(crate) pieces: Pieces,
    /// For each other shard, and from each.
    outgoing: [Vec<Letter>; SHARDS],
    incoming: [Vec<Letter>; SHARDS],
    pub(crate) said: Vec<Said>,
    pub(crate) wire_bytes: u64,
    pub(crate) events: u64,
}

/// The shard that a host is in.
pub(crate) fn of(host: usize) -> usize {
    host % SHARDS
}

impl Shard {
    pub(crate) fn new(number: usize, seed: u64) -> Self {
        // Unlike the coordinator's, and unlike any of a run with another small seed.
        let own_seed = seed ^ (number as u64 + 1) << 32;
        Self {
            number,
            rng: SmallRng::seed_from_u64(own_seed),
            agenda: Agenda::new(),
            now: Time::ZERO,
            hosts: Vec::new(),
            pieces: Pieces::new(),
            outgoing: Default::default(),
            incoming: Default::default(),
            said: Vec::new(),
            wire_bytes: 0,
            events: 0,
        }
    }

    /// Adds a host, whose number must be the next of this shard's.
    pub(crate) fn admit(&mut self, host: Host) {
        self.hosts.push(host);
    }

    pub(crate) fn host(&self, host: usize) -> &Host {
        &self.hosts[host / SHARDS]
    }

    pub(crate) fn host_mut(&mut self, host: usize) -> &mut Host {
        &mut self.hosts[host / SHARDS]
    }

    pub(crate) fn hosts_mut(&mut self) -> impl Iterator<Item = &mut Host> {
        self.hosts.iter_mut()
    }

    /// Everything that happens until the window's end.
    pub(crate) fn run(&mut self, board: &Board) {
        for from in 0..SHARDS {
            let mut letters = std::mem::take(&mut self.incoming[from]);
            for (at, happening) in letters.drain(..) {
                self.agenda.at(at, happening);
            }
            self.incoming[from] = letters;
        }
        while let Some((now, happening)) = self.agenda.next(board.until) {
            self.now = now;
            self.events += 1;
            self.happen(board, happening);
        }
        self.now = board.until;
    }

    /// Gives what both have for each other to the other one. Between windows.
    pub(crate) fn exchange(&mut self, other: &mut Self) {
        // What came in before has been read: these are empty, and are given back to be filled.
        std::mem::swap(
            &mut self.outgoing[other.number],
            &mut other.incoming[self.number],
        );
        std::mem::swap(
            &mut other.outgoing[self.number],
            &mut self.incoming[other.number],
        );
    }

    fn happen(&mut self, board: &Board, happening: Happening) {
        match happening {
            Happening::Tick(host) => self.tick(board, host),
            Happening::To(host, event) => self.handle(board, host, event),
            Happening::Arrive(host, connection, bytes) => {
                self.arrive(board, host, connection, bytes);
            }
            Happening::Enter(host) => self.enter(board, host),
            Happening::Sent(host, connection, len) => {
                self.handle(board, host, Event::Sent(connection, len));
            }
            Happening::Hang(own, other) => self.hang(board, own, other),
            Happening::Told(host, message) => {
                let text = Event::TrackerText(TRACKER, message.to_text());
                self.handle(board, host, text);
            }
        }
    }

    /// Something will happen to a host, of whatever shard.
    pub(crate) fn put(&mut self, host: usize, at: Time, happening: Happening) {
        let shard = of(host);
        if shard == self.number {
            self.agenda.at(at, happening);
        } else {
            self.outgoing[shard].push((at, happening));
        }
    }

    /// Something will happen to one of these hosts.
    pub(crate) fn soon(&mut self, after: Duration, happening: Happening) {
        self.agenda.at(self.now + after, happening);
    }

    pub(crate) fn tick(&mut self, board: &Board, host: usize) {
        let now = self.now;
        let ticked = self.host_mut(host);
        if !ticked.alive {
            return;
        }
        ticked.tell_sent(now);
        self.handle(board, host, Event::Tick);
        let ticked = self.host_mut(host);
        let aside = ticked.swarm.stands_aside();
        ticked.seen.stands_aside(aside, now);
        if let Some(wake) = ticked.swarm.next_wake() {
            self.agenda.at(wake, Happening::Tick(host));
        }
    }

    pub(crate) fn handle(&mut self, board: &Board, host: usize, event: Event) {
        let now = self.now;
        let concerned = self.host_mut(host);
        if concerned.alive {
            concerned.swarm.handle(now, event);
            self.carry_out(board, host);
        }
    }

    /// Does what a host's swarm wants done.
    pub(crate) fn carry_out(&mut self, board: &Board, host: usize) {
        while let Some(action) = self.host_mut(host).swarm.poll() {
            self.carry_out_one(board, host, action);
        }
    }

    fn carry_out_one(&mut self, board: &Board, host: usize, action: Action) {
        match action {
            Action::TrackerConnect(tracker, _) => {
                self.host_mut(host).tracker_open = board.tracker_up;
                let event = if board.tracker_up {
                    Event::TrackerOpened(tracker)
                } else {
                    Event::TrackerClosed(tracker)
                };
                self.soon(TRACKER_WAY * 4, Happening::To(host, event));
            }
            Action::TrackerSend(_, text) => self.say_to_tracker(host, &text),
            Action::TrackerClose(_) => self.host_mut(host).tracker_open = false,
            Action::MakeOffer(connection) => {
                let sdp = self.sdp(board, host, connection);
                let made = Event::OfferMade(connection, sdp);
                self.soon(GATHERING, Happening::To(host, made));
            }
            Action::AcceptOffer(connection, sdp) => {
                self.connect(board, host, connection, &sdp);
                let made = Event::AnswerMade(connection, self.sdp(board, host, connection));
                self.soon(GATHERING, Happening::To(host, made));
            }
            Action::AcceptAnswer(connection, sdp) => self.open(board, host, connection, &sdp),
            Action::Send(connection, bytes) => self.transmit(board, host, connection, bytes),
            Action::Close(connection) => self.close(host, connection),
            Action::Play(playback) => {
                let now = self.now;
                let seen = &mut self.host_mut(host).seen;
                seen.play(&playback, &board.published, now);
            }
        }
    }

    /// The coordinator, who keeps the tracker, reads it at the window's end; no answer is there sooner.
    fn say_to_tracker(&mut self, host: usize, text: &str) {
        // A tracker that is down has no open socket.
        if !self.host(host).tracker_open {
            return;
        }
        if let Ok(message) = ClientMessage::parse(text) {
            let at = self.now;
            self.said.push(Said { at, host, message });
        }
    }
}
