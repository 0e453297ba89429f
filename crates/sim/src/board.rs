//! What every host may know of the whole run: its circumstances, who is there, what has been published. Only the
//! coordinator writes it, and only between two windows, so that all threads read the same.
//!
//! Not here: anything that changes while hosts run.

use std::time::Duration;

use swarm::checks::{Checks, Genuine};
use swarm::{ChannelId, Config, Time};

use crate::scenario::Scenario;
use crate::stand_in::StandIn;
use crate::terrain;

/// The streamer's number; viewers follow.
pub(crate) const STREAMER: usize = 0;
/// The channel's key.
pub(crate) const SECRET: [u8; 32] = [42; 32];

/// What every host may know.
pub(crate) struct Board {
    pub(crate) scenario: Scenario,
    pub(crate) seed: u64,
    pub(crate) checks: &'static dyn Checks,
    pub(crate) channel: ChannelId,
    /// How long a window is: nothing that a host does reaches another sooner.
    pub(crate) window: Duration,
    /// Where the window that runs ends.
    pub(crate) until: Time,
    /// By host number.
    pub(crate) alive: Vec<bool>,
    pub(crate) tracker_up: bool,
    /// How many broadcasts there have been.
    pub(crate) broadcasts: u64,
    /// When each segment of the current broadcast was published.
    pub(crate) published: Vec<Time>,
}

impl Board {
    pub(crate) fn new(scenario: Scenario, seed: u64, genuine: bool) -> Self {
        Self {
            seed,
            checks: if genuine { &Genuine } else { &StandIn },
            channel: ChannelId::from_secret_key(&SECRET),
            window: terrain::shortest_way(&scenario),
            until: Time::ZERO,
            alive: Vec::new(),
            tracker_up: true,
            broadcasts: 1,
            published: Vec::new(),
            scenario,
        }
    }

    pub(crate) fn config(&self) -> Config {
        Config {
            trackers: vec!["ws://tracker/announce".to_owned()],
            window: Duration::from_secs_f64(self.scenario.window),
            ..Config::default()
        }
    }

    pub(crate) fn way(&self, a: usize, b: usize) -> Duration {
        terrain::way(a, b, self.seed, &self.scenario)
    }
}
