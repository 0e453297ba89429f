//! A WebTorrent tracker as the app's own: offers go to seeders first and then to viewers drawn at random, answers go back,
//! and a reply counts who is there.

use std::collections::HashMap;
use std::time::Duration;

use rand::RngExt;
use rand::rngs::SmallRng;
use tracker_protocol::{AnnounceReply, ClientMessage, InfoHash, PeerId, ServerMessage};

const INTERVAL: Duration = Duration::from_secs(120);

/// Who is there. Hosts leave when their socket closes.
#[derive(Default)]
pub(crate) struct Tracker {
    seeders: Vec<usize>,
    viewers: Vec<usize>,
    places: HashMap<usize, usize>,
    by_name: HashMap<PeerId, usize>,
}

impl Tracker {
    /// Takes a message in, and says what is to be said to whom.
    pub(crate) fn receive(
        &mut self,
        from: usize,
        message: ClientMessage,
        rng: &mut SmallRng,
    ) -> Vec<(usize, ServerMessage)> {
        match message {
            ClientMessage::Announce(announce) => {
                self.join(from, announce.peer_id, announce.left == Some(0));
                let mut outgoing = vec![(from, self.reply(announce.info_hash))];
                let takers = self.takers(from, announce.offers.len(), rng);
                for (taker, offer) in takers.into_iter().zip(announce.offers) {
                    let offer = ServerMessage::Offer {
                        info_hash: announce.info_hash,
                        peer_id: announce.peer_id,
                        offer_id: offer.offer_id,
                        sdp: offer.sdp,
                    };
                    outgoing.push((taker, offer));
                }
                outgoing
            }
            ClientMessage::Answer(answer) => {
                let message = ServerMessage::Answer {
                    info_hash: answer.info_hash,
                    peer_id: answer.peer_id,
                    offer_id: answer.offer_id,
                    sdp: answer.sdp,
                };
                let to = self.by_name.get(&answer.to_peer_id);
                to.map(|to| (*to, message)).into_iter().collect()
            }
            ClientMessage::Scrape { .. } => Vec::new(),
        }
    }

    fn join(&mut self, host: usize, name: PeerId, is_seeder: bool) {
        self.by_name.insert(name, host);
        if is_seeder {
            if !self.seeders.contains(&host) {
                self.seeders.push(host);
            }
        } else if !self.places.contains_key(&host) {
            self.places.insert(host, self.viewers.len());
            self.viewers.push(host);
        }
    }

    /// A host's socket has closed.
    pub(crate) fn leave(&mut self, host: usize) {
        self.seeders.retain(|seeder| *seeder != host);
        if let Some(place) = self.places.remove(&host) {
            self.viewers.swap_remove(place);
            if let Some(moved) = self.viewers.get(place) {
                self.places.insert(*moved, place);
            }
        }
    }

    fn takers(&self, from: usize, wanted: usize, rng: &mut SmallRng) -> Vec<usize> {
        let mut takers: Vec<usize> = Vec::with_capacity(wanted);
        if !self.seeders.contains(&from) {
            takers.extend(self.seeders.iter().take(wanted));
        }
        let others = self.viewers.len() - usize::from(self.places.contains_key(&from));
        let wanted = wanted.min(takers.len() + others);
        while takers.len() < wanted {
            let drawn = self.viewers[rng.random_range(0..self.viewers.len())];
            if drawn != from && !takers.contains(&drawn) {
                takers.push(drawn);
            }
        }
        takers
    }

    fn reply(&self, info_hash: InfoHash) -> ServerMessage {
        ServerMessage::AnnounceReply(AnnounceReply {
            info_hash,
            interval: INTERVAL,
            complete: self.seeders.len() as u64,
            incomplete: self.viewers.len() as u64,
            tracker_id: None,
        })
    }
}
