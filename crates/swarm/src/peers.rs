//! The connected peers, and which of them something may have to be sent to.
//!
//! A peer's swarm takes in a hundred events a second, most of which concern one of its twenty neighbours: looking through
//! all of them after each would be most of the work.

use std::collections::BTreeSet;

use crate::ConnectionId;
use crate::peer::Peer;

/// Connected peers in the order of their connections.
#[derive(Debug, Default)]
pub(crate) struct Peers {
    all: Vec<Peer>,
    /// Their connections, side by side: what is searched most.
    connections: Vec<ConnectionId>,
    /// Those that have been changed, or all, since that was last asked.
    touched: Vec<ConnectionId>,
    all_touched: bool,
    /// Those that pieces wait for.
    waiting: BTreeSet<ConnectionId>,
    /// Bytes that the driver has been given and has not sent.
    unsent: usize,
}

impl Peers {
    fn place(&self, connection: ConnectionId) -> Result<usize, usize> {
        self.connections.binary_search(&connection)
    }

    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }

    pub(crate) fn get(&self, connection: &ConnectionId) -> Option<&Peer> {
        self.place(*connection).ok().map(|place| &self.all[place])
    }

    pub(crate) fn contains_key(&self, connection: &ConnectionId) -> bool {
        self.place(*connection).is_ok()
    }

    /// A peer that may be told something.
    pub(crate) fn get_mut(&mut self, connection: &ConnectionId) -> Option<&mut Peer> {
        let place = self.place(*connection).ok()?;
        if self.touched.last() != Some(connection) {
            self.touched.push(*connection);
        }
        Some(&mut self.all[place])
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = &Peer> {
        self.all.iter()
    }

    /// Those that watch and whose handshakes are done.
    pub(crate) fn viewers(&self) -> impl Iterator<Item = &Peer> {
        self.values()
            .filter(|peer| peer.is_ready() && !peer.streamer)
    }

    /// All peers, each of which may be told something.
    pub(crate) fn values_mut(&mut self) -> impl Iterator<Item = &mut Peer> {
        self.all_touched = true;
        self.all.iter_mut()
    }

    pub(crate) fn connections(&self) -> Vec<ConnectionId> {
        self.connections.clone()
    }

    pub(crate) fn insert(&mut self, peer: Peer) {
        self.touched.push(peer.connection);
        match self.place(peer.connection) {
            Ok(place) => self.all[place] = peer,
            Err(place) => {
                self.connections.insert(place, peer.connection);
                self.all.insert(place, peer);
            }
        }
    }

    pub(crate) fn remove(&mut self, connection: &ConnectionId) -> Option<Peer> {
        let place = self.place(*connection).ok()?;
        self.connections.remove(place);
        let gone = self.all.remove(place);
        self.waiting.remove(connection);
        self.unsent -= gone.counted_unsent;
        Some(gone)
    }

    /// Those that have been changed since this was last asked; some may be gone.
    pub(crate) fn take_touched(&mut self) -> Vec<ConnectionId> {
        if std::mem::take(&mut self.all_touched) {
            self.touched.clear();
            self.connections()
        } else {
            std::mem::take(&mut self.touched)
        }
    }

    /// Does something to a peer whose outbox is counted again afterwards.
    pub(crate) fn with_outbox<R>(
        &mut self,
        connection: ConnectionId,
        change: impl FnOnce(&mut Peer) -> R,
    ) -> Option<R> {
        let place = self.place(connection).ok()?;
        let peer = &mut self.all[place];
        let changed = change(peer);
        let unsent = if peer.outbox.stalled {
            0
        } else {
            peer.outbox.unsent
        };
        self.unsent = self.unsent + unsent - peer.counted_unsent;
        peer.counted_unsent = unsent;
        if peer.outbox.next_piece().is_some() {
            self.waiting.insert(connection);
        } else {
            self.waiting.remove(&connection);
        }
        Some(changed)
    }

    /// Those that pieces wait for, beginning behind one of them.
    pub(crate) fn waiting_behind(
        &self,
        connection: ConnectionId,
    ) -> impl Iterator<Item = ConnectionId> {
        let behind = (
            std::ops::Bound::Excluded(connection),
            std::ops::Bound::Unbounded,
        );
        let behind = self.waiting.range(behind);
        behind.chain(self.waiting.range(..=connection)).copied()
    }

    /// Bytes that the driver has been given and has not sent, as far as outboxes have been counted; without those for
    /// peers that are stalled.
    pub(crate) fn unsent(&self) -> usize {
        self.unsent
    }
}
