//! The state machine itself.

use std::time::Duration;

use crate::{Action, ChannelId, Description, Event, PeerId, PeerStats, Role, Segment, Stats, Time};

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
}

impl Default for Config {
    fn default() -> Self {
        Self {
            trackers: Vec::new(),
            window: Duration::from_secs(30),
            max_connections: 64,
            upload_limit: None,
        }
    }
}

/// One peer's state machine. See the crate's first page for how it is driven.
#[derive(Debug)]
pub struct Swarm {
    role: Role,
}

impl Swarm {
    /// A viewer of `channel`. `seed` is fresh randomness from the driver.
    pub fn viewer(channel: ChannelId, peer_id: PeerId, config: Config, seed: [u8; 32]) -> Self {
        let _ = (channel, peer_id, config, seed);
        Self { role: Role::Viewer }
    }

    /// The streamer of the channel whose Ed25519 secret key this is.
    pub fn streamer(secret_key: [u8; 32], peer_id: PeerId, config: Config, seed: [u8; 32]) -> Self {
        let _ = (secret_key, peer_id, config, seed);
        Self {
            role: Role::Streamer,
        }
    }

    /// Takes in an event. Connects to the trackers at the first one.
    pub fn handle(&mut self, now: Time, event: Event) {
        let _ = (now, event);
    }

    /// The next thing to do, until `None`.
    pub fn poll(&mut self) -> Option<Action> {
        None
    }

    /// When [`Event::Tick`] is due at the latest.
    pub fn next_wake(&self) -> Option<Time> {
        None
    }

    /// Streamer: a broadcast begins, or its description changes (a higher revision of the same broadcast;
    /// [`crate::BroadcastState::Ended`] ends it).
    pub fn describe(&mut self, now: Time, description: Description) {
        let _ = (now, description);
    }

    /// Streamer: the next segment of the broadcast. Its `number` must be the next one.
    pub fn publish(&mut self, now: Time, segment: Segment) {
        let _ = (now, segment);
    }

    /// What this peer is to the channel.
    pub fn role(&self) -> Role {
        self.role
    }

    /// The counters.
    pub fn stats(&self) -> Stats {
        Stats::default()
    }

    /// Every connected peer.
    pub fn peers(&self) -> Vec<PeerStats> {
        Vec::new()
    }
}
