//! The state machine itself: what comes in, what goes out, and the beat that nothing depends on a message for.
//!
//! Its parts: `tracking` (trackers), `meeting` (offers, who is connected), `mingling` (neighbours through neighbours),
//! `talking` (what a peer says), `airing` (descriptions and announcements), `early` (pieces before their announcement),
//! `getting` (parents), `choosing` (which), `supply` (how well each does), `repairing` (requests), `feeding` (children),
//! `seeding` (the streamer's choice of them), `aside` (who goes without where there is not enough for all), `giving` (what goes
//! out, and when) and `mapping` (what is here, for a person to
//! see).

mod airing;
mod aside;
mod choosing;
mod early;
mod feeding;
mod getting;
mod giving;
mod mapping;
mod meeting;
mod mingling;
mod repairing;
mod seeding;
mod supply;
mod talking;
mod tracking;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use rand::SeedableRng;
use rand::rngs::SmallRng;

use crate::checks::{Checks, Genuine};
use crate::hearsay::Hearsay;
use crate::pacer::Pacer;
use crate::peer::Peer;
use crate::peers::Peers;
use crate::playhead::Playhead;
use crate::signature::ChannelSecret;
use crate::store::Store;
use crate::trackers::Tracker;
use crate::uplink::Uplink;
use crate::wire::Stripes;
use crate::{
    Action, BroadcastState, ChannelId, ConnectionId, Description, Event, PeerId, PeerStats,
    PieceIndex, Playback, Role, Stats, Status, Time, TrackerId, TrackerStats,
};
use aside::Aside;
use early::Early;
use meeting::Meeting;
use mingling::Mingling;
use repairing::Asked;
use seeding::Seeding;
use supply::Supply;
pub(crate) use tracking::Need;

/// How often what no message triggers is looked at: time-outs, pings, repairs, announces. A tenth of a second is well
/// below every deadline here, and costs nothing that shows.
const HEARTBEAT: Duration = Duration::from_millis(100);
/// How many beats lie between two tellings of what is new: a message of its own costs each neighbour a hundred bytes of
/// headers, and a repair can wait for a fifth of a second.
const BEATS_PER_NEWS: u32 = 3;
/// The same for one whose uplink has better things to carry.
const BEATS_PER_LEAFS_NEWS: u32 = 6;
/// How long nothing is said to a child at the most, or to the streamer, whose stripes everyone waits for.
const RELIED_ON_SILENCE: Duration = Duration::from_millis(150);
/// The same towards a parent.
const CHILD_SILENCE: Duration = Duration::from_millis(1200);
/// Without a new segment for this long a viewer is told that it is reconnecting. The longest segment is 2 s.
const SILENCE: Duration = Duration::from_secs(3);

/// How a swarm behaves. [`Config::default`] is what the app and the page use.
#[derive(Clone, Debug)]
pub struct Config {
    /// WebSocket addresses of WebTorrent trackers, all announced to at once.
    pub trackers: Vec<String>,
    /// How long segments are kept to be given to others.
    pub window: Duration,
    /// The most connections at once; further offers are declined.
    pub max_connections: usize,
    /// The most bytes a second to send, all peers together; `None` for no limit of our own.
    pub upload_limit: Option<u64>,
    /// The bytes a second that this peer's upload is expected to carry before it has been tried. 0 for a device of which
    /// nothing is known; a machine that is lent to a channel says more, and is relied on from the start.
    pub expected_upload: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            trackers: Vec::new(),
            window: Duration::from_secs(30),
            max_connections: 64,
            upload_limit: None,
            expected_upload: 0,
        }
    }
}

/// One peer's state machine. See the crate's first page for how it is driven.
#[derive(Debug)]
pub struct Swarm {
    peer_id: PeerId,
    channel: ChannelId,
    /// Only the streamer has it.
    secret: Option<ChannelSecret>,
    config: Config,
    rng: SmallRng,
    now: Time,
    beaten_at: Option<Time>,
    actions: VecDeque<Action>,

    trackers: Vec<Tracker>,
    meetings: BTreeMap<ConnectionId, Meeting>,
    next_connection: u64,
    peers: Peers,
    banned: BTreeSet<PeerId>,

    on_air: Option<OnAir>,
    checks: &'static dyn Checks,
    pacer: Pacer,
    uplink: Uplink,
    upload_off: bool,
    /// How long a piece takes from being here to having left for a child, smoothed.
    passing_on: Duration,
    /// When the driver was given the newest message that has left.
    newest_left: Time,
    /// Whom the last piece was sent to; the next goes to the one behind.
    served_last: ConnectionId,
    /// The stripes that came when that was last looked at.
    comes: Stripes,
    /// How many peers are pushed something, when that was last counted.
    children: usize,
    /// Whether small messages alone are more than the uplink carries: only what somebody depends on is said then.
    clogged: bool,
    /// Stripes that leaves have lost to somebody more useful in this round.
    displaced: usize,
    beats: u32,
    /// Whether something has come that may be the next to play.
    may_play: bool,
    seeding: Seeding,
    mingling: Mingling,
    /// Which part of the stream is wanting in the neighbourhood, and which part of it stands aside.
    hunger: Hearsay,
    others_aside: Hearsay,
    aside: Aside,
    counters: Counters,
}

/// The broadcast that this peer takes part in.
#[derive(Debug)]
struct OnAir {
    description: Arc<Description>,
    /// Signature and record, as they are passed on.
    signed: Bytes,
    store: Store,
    playhead: Playhead,
    /// Who pushes which stripe to us.
    supplies: [Supply; Stripes::COUNT as usize],
    /// Pieces of segments that nobody has told of yet.
    early: Early,
    /// Requests that wait for their answer.
    asked: BTreeMap<PieceIndex, Asked>,
    /// Streamer: numbers of the next segment and of its first piece.
    next_segment: u64,
    next_piece: u32,
    /// When the last segment was played.
    last_segment_at: Option<Time>,
    /// When the streamer itself last sent a piece.
    from_streamer_at: Option<Time>,
}

#[derive(Clone, Debug, Default)]
struct Counters {
    uploaded_bytes: u64,
    uploaded_piece_bytes: u64,
    downloaded_bytes: u64,
    downloaded_piece_bytes: u64,
    from_streamer_bytes: u64,
    duplicate_bytes: u64,
    segments: u64,
    stream_bytes: u64,
    lost_segments: u64,
    banned_peers: u64,
}

impl Swarm {
    /// A viewer of `channel`. `seed` is fresh randomness from the driver.
    pub fn viewer(channel: ChannelId, peer_id: PeerId, config: Config, seed: [u8; 32]) -> Self {
        Self::viewer_with(&Genuine, channel, peer_id, config, seed)
    }

    /// A viewer with a stand-in for hashes and signatures, which the streamer must use too: for simulations.
    pub fn viewer_with(
        checks: &'static dyn Checks,
        channel: ChannelId,
        peer_id: PeerId,
        config: Config,
        seed: [u8; 32],
    ) -> Self {
        Self::new(checks, channel, None, peer_id, config, seed)
    }

    /// The streamer of the channel whose Ed25519 secret key this is.
    pub fn streamer(secret_key: [u8; 32], peer_id: PeerId, config: Config, seed: [u8; 32]) -> Self {
        Self::streamer_with(&Genuine, secret_key, peer_id, config, seed)
    }

    /// A streamer with a stand-in for hashes and signatures: for simulations.
    pub fn streamer_with(
        checks: &'static dyn Checks,
        secret_key: [u8; 32],
        peer_id: PeerId,
        config: Config,
        seed: [u8; 32],
    ) -> Self {
        let secret = ChannelSecret::new(&secret_key, checks);
        Self::new(
            checks,
            secret.channel(),
            Some(secret),
            peer_id,
            config,
            seed,
        )
    }

    fn new(
        checks: &'static dyn Checks,
        channel: ChannelId,
        secret: Option<ChannelSecret>,
        peer_id: PeerId,
        config: Config,
        seed: [u8; 32],
    ) -> Self {
        let trackers = config
            .trackers
            .iter()
            .enumerate()
            .map(|(at, url)| Tracker::new(TrackerId(at), url.clone()))
            .collect();
        Self {
            peer_id,
            channel,
            secret,
            rng: SmallRng::from_seed(seed),
            now: Time::ZERO,
            beaten_at: None,
            actions: VecDeque::new(),
            trackers,
            meetings: BTreeMap::new(),
            next_connection: 0,
            peers: Peers::default(),
            banned: BTreeSet::new(),
            on_air: None,
            checks,
            pacer: Pacer::new(config.upload_limit),
            uplink: Uplink::new(config.upload_limit, config.expected_upload),
            upload_off: false,
            passing_on: Duration::ZERO,
            newest_left: Time::ZERO,
            served_last: ConnectionId(0),
            comes: Stripes::NONE,
            children: 0,
            clogged: false,
            displaced: 0,
            beats: 0,
            may_play: false,
            seeding: Seeding::default(),
            mingling: Mingling::default(),
            hunger: Hearsay::default(),
            others_aside: Hearsay::default(),
            aside: Aside::default(),
            counters: Counters::default(),
            config,
        }
    }

    /// Takes in an event. Connects to the trackers at the first one.
    pub fn handle(&mut self, now: Time, event: Event) {
        self.now = now;
        match event {
            Event::Tick => {}
            Event::TrackerOpened(tracker) => self.tracker_opened(tracker),
            Event::TrackerText(tracker, text) => self.tracker_text(tracker, &text),
            Event::TrackerClosed(tracker) => self.tracker_closed(tracker),
            Event::OfferMade(connection, sdp) => self.offer_made(connection, sdp),
            Event::AnswerMade(connection, sdp) => self.answer_made(connection, sdp),
            Event::Opened(connection) => self.opened(connection),
            Event::Received(connection, bytes) => self.received(connection, bytes),
            Event::Sent(connection, bytes) => self.sent(connection, bytes),
            Event::Closed(connection) => self.forget(connection),
        }
        self.settle();
    }

    /// Whether to pass anything on. A viewer on a metered connection says no; its neighbours are told, and look
    /// elsewhere. A streamer always gives.
    pub fn set_upload(&mut self, now: Time, on: bool) {
        self.now = now;
        if self.role() == Role::Streamer || self.upload_off != on {
            return;
        }
        self.upload_off = !on;
        for peer in self.peers.values_mut().filter(|peer| peer.is_ready()) {
            if on {
                peer.unchoke();
            } else {
                peer.choke();
            }
        }
        self.tell_standing();
        self.settle();
    }

    /// Changes [`Config::upload_limit`] from now on. What had been promised beyond it is taken back.
    pub fn set_upload_limit(&mut self, now: Time, limit: Option<u64>) {
        self.now = now;
        self.pacer.set_limit(now, limit);
        self.uplink.set_limit(limit);
        self.shed(self.slots());
        self.tell_standing();
        self.settle();
    }

    /// The next thing to do, until `None`.
    pub fn poll(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// When [`Event::Tick`] is due at the latest.
    pub fn next_wake(&self) -> Option<Time> {
        let beat = self.beaten_at.map_or(Time::ZERO, |at| at + HEARTBEAT);
        Some(beat)
    }

    /// What this peer is to the channel.
    pub fn role(&self) -> Role {
        if self.secret.is_some() {
            Role::Streamer
        } else {
            Role::Viewer
        }
    }

    /// The counters.
    pub fn stats(&self) -> Stats {
        let counters = &self.counters;
        let ready = self.peers.values().filter(|peer| peer.is_ready());
        let (peers, streamers) = ready.fold((0, 0), |(all, streamers), peer| {
            (all + 1, streamers + usize::from(peer.streamer))
        });
        // A viewer counts itself in its tracker's count, but not among its peers.
        let connected = peers - streamers + usize::from(self.role() == Role::Viewer);
        let counted = self.trackers.iter().map(|tracker| tracker.incomplete).max();
        Stats {
            status: self.status(),
            peers,
            viewers: connected.max(counted.unwrap_or(0)),
            uploaded_bytes: counters.uploaded_bytes,
            uploaded_piece_bytes: counters.uploaded_piece_bytes,
            downloaded_bytes: counters.downloaded_bytes,
            downloaded_piece_bytes: counters.downloaded_piece_bytes,
            duplicate_bytes: counters.duplicate_bytes,
            segments: counters.segments,
            stream_bytes: counters.stream_bytes,
            lost_segments: counters.lost_segments,
            banned_peers: counters.banned_peers,
            trackers_open: self.trackers.iter().filter(|each| each.is_open()).count(),
            from_streamer_bytes: counters.from_streamer_bytes,
            upload_off: self.upload_off,
            upload_rate: self.uplink.rate() as u64,
            upload_capacity: streams(self.slots()),
            upload_used: streams(self.used_slots()),
            audience_hunger: self.hunger.share(),
            audience_aside: self.others_aside.share(),
            audience_short_of_upload: self.is_short_of_upload(),
        }
    }

    /// Every tracker, in the order of [`Config::trackers`].
    pub fn trackers(&self) -> Vec<TrackerStats> {
        self.trackers.iter().map(Tracker::stats).collect()
    }

    /// Every connected peer whose name is known.
    pub fn peers(&self) -> Vec<PeerStats> {
        self.peers.values().filter_map(Peer::stats).collect()
    }

    fn status(&self) -> Status {
        let Some(on_air) = &self.on_air else {
            return if self.trackers.iter().any(Tracker::is_open) {
                Status::Waiting
            } else {
                Status::Connecting
            };
        };
        match (on_air.description.state, on_air.last_segment_at) {
            (BroadcastState::Ended, _) => Status::Ended,
            (BroadcastState::Paused, _) => Status::Paused,
            (BroadcastState::Live, _) if self.stands_aside() => Status::StandingAside,
            (BroadcastState::Live, None) => Status::Connecting,
            (BroadcastState::Live, Some(at)) if at + SILENCE > self.now => Status::Live,
            (BroadcastState::Live, Some(_)) => Status::Reconnecting,
        }
    }

    /// After each event: what has become possible is done, and what is due.
    fn settle(&mut self) {
        if self.beaten_at.is_none_or(|at| at + HEARTBEAT <= self.now) {
            self.beaten_at = Some(self.now);
            self.beats = self.beats.wrapping_add(1);
            self.beat();
        }
        if std::mem::take(&mut self.may_play) {
            self.play();
        }
        self.flush();
    }

    fn beat(&mut self) {
        self.may_play = true;
        self.meet();
        self.check_liveness();
        self.note_stalled();
        self.clogged = self.is_clogged();
        self.tend_children();
        self.subscribe();
        self.repair();
        self.seed();
        self.mingle();
        if self.beats.is_multiple_of(BEATS_PER_NEWS) && !self.clogged {
            self.tell_standing();
            self.spread_lazily();
        }
        let per_news = if self.standing().is_leaf() {
            BEATS_PER_LEAFS_NEWS
        } else {
            BEATS_PER_NEWS
        };
        if self.beats.is_multiple_of(per_news) && !self.clogged {
            for peer in self.peers.values_mut() {
                peer.tell_news();
            }
        }
        if self.on_air.is_some() {
            self.keep_alive();
        }
    }

    /// Says something to those who would take us for gone.
    fn keep_alive(&mut self) {
        for peer in self.peers.values_mut() {
            let is_first = peer.streamer && !peer.parent.subscribed.is_empty();
            let silence = if !peer.fed.is_empty() || is_first {
                RELIED_ON_SILENCE
            } else if !peer.parent.subscribed.is_empty() {
                CHILD_SILENCE
            } else {
                // Pings are enough for those who do not live on each other.
                continue;
            };
            peer.keep_alive(self.now, silence);
        }
    }

    fn play(&mut self) {
        let Some(on_air) = &mut self.on_air else {
            return;
        };
        if self.secret.is_some() {
            return;
        }
        while let Some(segment) = on_air.playhead.advance(&on_air.store, self.now) {
            on_air.last_segment_at = Some(self.now);
            self.counters.segments += 1;
            self.counters.stream_bytes += segment.bytes.len() as u64;
            self.actions
                .push_back(Action::Play(Playback::Segment(segment)));
        }
        self.counters.lost_segments = on_air.playhead.lost();
    }
}

/// Stripes as whole streams.
fn streams(stripes: usize) -> f64 {
    stripes as f64 / f64::from(Stripes::COUNT)
}
