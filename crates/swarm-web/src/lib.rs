//! The live swarm for the viewer page: `swarm::Swarm` as a JavaScript class whose events and actions are plain objects.
//!
//! Not here: sockets, peer connections, timers and playing (the page's modules drive this class), and every decision
//! (`crates/swarm`).

mod object;
mod shape;

use std::time::Duration;

use swarm::{Config, PeerId, ShareLink, Swarm, Time};
use wasm_bindgen::prelude::*;

/// The types of what goes in and comes out, for the page's type checker.
#[wasm_bindgen(typescript_custom_section)]
const TYPES: &'static str = include_str!("types.d.ts");

#[wasm_bindgen]
extern "C" {
    /// One of the page's events.
    #[wasm_bindgen(typescript_type = "SwarmEvent")]
    pub type SwarmEvent;
    /// One of the swarm's actions, or `undefined`.
    #[wasm_bindgen(typescript_type = "SwarmAction | undefined")]
    pub type MaybeSwarmAction;
    /// The counters.
    #[wasm_bindgen(typescript_type = "SwarmStats")]
    pub type SwarmStats;
    /// The connected peers.
    #[wasm_bindgen(typescript_type = "SwarmPeer[]")]
    pub type SwarmPeers;
    /// The pieces of the last seconds.
    #[wasm_bindgen(typescript_type = "SegmentPieces[]")]
    pub type PieceMap;
}

/// A viewer of the channel that a share link names.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Viewer {
    swarm: Swarm,
}

#[wasm_bindgen]
impl Viewer {
    /// Reads the page's own address as a share link. `seed` is 32 random bytes.
    ///
    /// # Errors
    ///
    /// When the link names no channel; the message is for a person.
    #[wasm_bindgen(constructor)]
    pub fn new(link: &str, seed: &[u8]) -> Result<Viewer, JsError> {
        let link = ShareLink::parse(link)?;
        let seed: [u8; 32] = seed
            .try_into()
            .map_err(|_| JsError::new("the seed must be 32 random bytes"))?;
        let mut name = [0; 12];
        name.copy_from_slice(&seed[..12]);
        let config = Config {
            trackers: link.all_trackers(),
            ..Config::default()
        };
        Ok(Self {
            swarm: Swarm::viewer(link.channel, PeerId::from_random(name), config, seed),
        })
    }

    /// Takes in an event at `now` (milliseconds of `performance.now()`).
    ///
    /// # Errors
    ///
    /// When the object is none of the events.
    pub fn handle(&mut self, now: f64, event: &SwarmEvent) -> Result<(), JsError> {
        let event = shape::event_from(event).map_err(|what| JsError::new(&what))?;
        self.swarm.handle(time(now), event);
        Ok(())
    }

    /// The next thing to do; `undefined` when there is nothing more for now.
    pub fn poll(&mut self) -> MaybeSwarmAction {
        let action = self.swarm.poll();
        let action = action.map_or(JsValue::UNDEFINED, |action| shape::action(&action));
        action.unchecked_into()
    }

    /// When a `tick` is due at the latest, on the same clock as `now`.
    #[wasm_bindgen(js_name = nextWake)]
    pub fn next_wake(&self) -> Option<f64> {
        let wake = self.swarm.next_wake()?;
        Some(wake.since_epoch().as_secs_f64() * 1000.0)
    }

    /// Whether to pass anything on to others, from `now` on. It is on to begin with.
    #[wasm_bindgen(js_name = setUpload)]
    pub fn set_upload(&mut self, now: f64, on: bool) {
        self.swarm.set_upload(time(now), on);
    }

    /// The counters.
    pub fn stats(&self) -> SwarmStats {
        shape::stats(&self.swarm.stats()).unchecked_into()
    }

    /// The connected peers.
    pub fn peers(&self) -> SwarmPeers {
        let peers: js_sys::Array = self.swarm.peers().iter().map(shape::peer).collect();
        JsValue::from(peers).unchecked_into()
    }

    /// The pieces of the segments that are still held, oldest first, from the one that playing began at.
    #[wasm_bindgen(js_name = pieceMap)]
    pub fn piece_map(&self) -> PieceMap {
        let segments: js_sys::Array = self.swarm.piece_map().iter().map(shape::pieces).collect();
        JsValue::from(segments).unchecked_into()
    }
}

fn time(millis: f64) -> Time {
    // `performance.now()` is never negative or infinite; a page that says otherwise stands still.
    Time::from_epoch(Duration::try_from_secs_f64(millis / 1000.0).unwrap_or_default())
}
