//! The one tracker that all connections share, and the queues to them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rand::SeedableRng;
use rand::rngs::StdRng;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tracker_protocol::{ClientMessage, ServerMessage};

use super::tracker::{Census, ConnectionId, Flood, Tracker};
use super::{Limits, ServerError};

/// How often peers that have fallen silent are looked for: a small part of the time they have.
const HOUSEKEEPING: Duration = Duration::from_secs(10);

/// The one tracker that all connections share.
pub(super) struct Hub {
    state: Mutex<State>,
    limits: Limits,
    started: Instant,
}

struct State {
    tracker: Tracker,
    outboxes: HashMap<ConnectionId, mpsc::Sender<ServerMessage>>,
    rng: StdRng,
}

/// A connection's place at the hub. Its peers leave when it is dropped.
pub(super) struct Seat {
    hub: Arc<Hub>,
    id: ConnectionId,
}

impl Hub {
    pub(super) fn new(limits: Limits) -> Result<Self, ServerError> {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).map_err(ServerError::Random)?;
        Ok(Self {
            state: Mutex::new(State {
                tracker: Tracker::new(limits.clone()),
                outboxes: HashMap::new(),
                rng: StdRng::from_seed(seed),
            }),
            limits,
            started: Instant::now(),
        })
    }

    pub(super) fn limits(&self) -> &Limits {
        &self.limits
    }

    pub(super) fn uptime(&self) -> Duration {
        self.started.elapsed()
    }

    pub(super) fn census(&self) -> Census {
        self.state().tracker.census()
    }

    /// Seats a new connection. What others say to it arrives at the receiver.
    pub(super) fn seat(self: &Arc<Self>) -> (Seat, mpsc::Receiver<ServerMessage>) {
        let (sender, receiver) = mpsc::channel(self.limits.outbox_len);
        let mut state = self.state();
        let id = state.tracker.open(Instant::now());
        state.outboxes.insert(id, sender);
        drop(state);
        let hub = Arc::clone(self);
        (Seat { hub, id }, receiver)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // The tracker has no step after which it could be left half-changed by a panic that matters to others.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seat {
    /// Hands a message of this connection to the tracker. What others are to hear is put into their queues; what this
    /// connection itself is to hear is returned.
    ///
    /// # Errors
    ///
    /// When it says so much that it is to be closed.
    pub(super) fn receive(&self, text: &str) -> Result<Vec<ServerMessage>, Flood> {
        let message = ClientMessage::parse(text);
        let mut state = self.hub.state();
        let State {
            tracker,
            outboxes,
            rng,
        } = &mut *state;
        let mut replies = Vec::new();
        for outgoing in tracker.receive(Instant::now(), rng, self.id, message)? {
            if outgoing.to == self.id {
                replies.push(outgoing.message);
            } else if let Some(outbox) = outboxes.get(&outgoing.to) {
                // A peer that reads too slowly loses what does not fit. Whoever sent it offers again with the next
                // announce; the slow one is closed when a single message takes longer than `write_patience`.
                let _ = outbox.try_send(outgoing.message);
            }
        }
        Ok(replies)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut state = self.hub.state();
        state.tracker.close(self.id);
        state.outboxes.remove(&self.id);
    }
}

/// Has peers that have fallen silent leave, until the server stops.
pub(super) async fn keep_house(hub: Arc<Hub>, stop: CancellationToken) {
    let mut ticks = tokio::time::interval(HOUSEKEEPING);
    while stop.run_until_cancelled(ticks.tick()).await.is_some() {
        hub.state().tracker.expire(Instant::now());
    }
}
