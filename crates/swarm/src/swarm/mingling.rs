//! Neighbours beyond those that a tracker gave: peers name their neighbours to each other and carry offers between
//! them, so that after the first neighbour nobody depends on a tracker (HyParView's shuffle, one hop at a time).

use std::collections::BTreeMap;
use std::time::Duration;

use rand::RngExt;
use rand::seq::IteratorRandom;

use super::Swarm;
use super::meeting::{Route, Stage};
use crate::peer::Peer;
use crate::wire::{Acquaintance, LiveMessage, Signal};
use crate::{Action, ConnectionId, PeerId, Role, Time};

/// How many neighbours a viewer looks for, and how many when some stripe is wanting. Decided by the simulator.
const NEIGHBOURS: usize = 8;
const HUNGRY_NEIGHBOURS: usize = 20;
const HUNGRY_LEAFS_NEIGHBOURS: usize = 14;
/// Beyond this many a viewer lets go of neighbours that are of no use to either side.
const MANY_NEIGHBOURS: usize = 28;
/// Connections begun at once; each costs a page tens of milliseconds.
const AT_ONCE: usize = 2;
/// How often neighbours are looked for, and how often they are named to each other.
const LOOK_INTERVAL: Duration = Duration::from_millis(500);
const NAMING_INTERVAL: Duration = Duration::from_secs(5);
/// How often those who live on us are told of the streamer, which may have had no room for them before.
const NAMING_STREAMER_INTERVAL: Duration = Duration::from_secs(5);
/// How many are named at once.
const NAMED: usize = 10;
/// How many acquaintances are remembered, and for how long they are worth a try.
const MAX_KNOWN: usize = 128;
const KNOWN_FOR: Duration = Duration::from_secs(20);
/// A connection this young is not judged.
const YOUNG: Duration = Duration::from_secs(10);
/// Offers that the streamer hands on for newcomers whom it has no room for, at once.
const MAX_INTRODUCTIONS: usize = 64;
const INTRODUCTION_LIFETIME: Duration = Duration::from_secs(10);

/// Peers that a neighbour could carry an offer to.
#[derive(Debug, Default)]
pub(super) struct Mingling {
    known: BTreeMap<PeerId, Known>,
    looked_at: Time,
    named_at: Time,
    introductions: BTreeMap<u64, Introduction>,
}

#[derive(Debug)]
struct Known {
    through: ConnectionId,
    spare: u8,
    heard_at: Time,
}

/// An offer from a tracker that a neighbour was given to answer.
#[derive(Debug)]
struct Introduction {
    newcomer: PeerId,
    route: Route,
    at: Time,
}

impl Swarm {
    /// Looks for neighbours where there are too few, and lets go of some where there are too many.
    pub(super) fn mingle(&mut self) {
        let now = self.now;
        if self.mingling.looked_at + LOOK_INTERVAL > now {
            return;
        }
        self.mingling.looked_at = now;
        self.mingling
            .known
            .retain(|_, known| known.heard_at + KNOWN_FOR > now);
        self.mingling
            .introductions
            .retain(|_, each| each.at + INTRODUCTION_LIFETIME > now);
        self.heed_want();
        if self.clogged {
            return;
        }
        if self.mingling.named_at + NAMING_INTERVAL <= now {
            self.mingling.named_at = now;
            let ready = self.peers.values().filter(|peer| peer.is_ready());
            let connections: Vec<ConnectionId> = ready.map(|peer| peer.connection).collect();
            for connection in connections {
                self.name_neighbours(connection);
            }
        }
        if self.role() == Role::Viewer {
            self.name_streamer();
            self.look_for_neighbours();
        }
        self.let_go();
    }

    /// Tells a peer of a few others. The streamer is nobody's acquaintance: who needs it finds it at the tracker.
    pub(super) fn name_neighbours(&mut self, to: ConnectionId) {
        let named: Vec<Acquaintance> = self
            .peers
            .viewers()
            .filter(|peer| peer.connection != to)
            .filter_map(|peer| {
                Some(Acquaintance {
                    peer: peer.id?,
                    // Nobody becomes the one to be met at once by boasting.
                    spare: peer.standing.spare.min(Acquaintance::MEET_FIRST - 1),
                })
            })
            .sample(&mut self.rng, NAMED);
        if named.is_empty() {
            return;
        }
        if let Some(peer) = self.peers.get_mut(&to) {
            peer.say_live(&LiveMessage::Acquaintances(named));
        }
    }

    /// Tells those who live on what the streamer pushes to us who the streamer is: they can turn to it when we are gone,
    /// and with them all who live on them. Again and again those who can take our place: that needs a wide uplink.
    fn name_streamer(&mut self) {
        let (Some(on_air), Some(streamer)) =
            (&self.on_air, self.peers.values().find(|peer| peer.streamer))
        else {
            return;
        };
        let ours = on_air.stripes_from(streamer.connection);
        let Some(id) = streamer.id.filter(|_| !ours.is_empty()) else {
            return;
        };
        let named = Acquaintance {
            peer: id,
            spare: Acquaintance::MEET_FIRST,
        };
        let now = self.now;
        let lives_on_us = |peer: &&mut Peer| !peer.fed.and(ours).is_empty();
        for peer in self.peers.values_mut().filter(lives_on_us) {
            let again = |at: Time| {
                peer.standing.is_known_to_be_worthy() && at + NAMING_STREAMER_INTERVAL <= now
            };
            if peer.told_of_streamer_at.is_none_or(again) {
                peer.told_of_streamer_at = Some(now);
                peer.say_live(&LiveMessage::Acquaintances(vec![named]));
            }
        }
    }

    pub(super) fn heard_acquaintances(&mut self, through: ConnectionId, named: Vec<Acquaintance>) {
        if self.role() == Role::Streamer {
            return;
        }
        let heard_at = self.now;
        for Acquaintance { peer, spare } in named {
            if spare == Acquaintance::MEET_FIRST
                && let Some(teller) = self.peers.get_mut(&through)
            {
                teller.near_streamer = true;
            }
            let is_new = peer != self.peer_id
                && !self.banned.contains(&peer)
                && !self.peers.values().any(|each| each.id == Some(peer));
            if !is_new {
                continue;
            }
            let known = Known {
                through,
                spare,
                heard_at,
            };
            self.mingling.known.insert(peer, known);
            if self.mingling.known.len() > MAX_KNOWN {
                self.mingling.known.pop_first();
            }
        }
    }

    fn look_for_neighbours(&mut self) {
        let hungry = self.is_hungry();
        let is_leaf = self.standing().is_leaf();
        let wanted = if hungry && is_leaf {
            HUNGRY_LEAFS_NEIGHBOURS
        } else if hungry {
            HUNGRY_NEIGHBOURS
        } else {
            NEIGHBOURS
        };
        // Whoever lacks something is not helped by those who have failed it.
        let is_of_use = |peer: &&Peer| peer.is_ready() && !(hungry && peer.is_avoided(self.now));
        let ready = self.peers.values().filter(is_of_use).count();
        let begun = self
            .meetings
            .values()
            .filter(|meeting| meeting.is_through_peer())
            .count();
        let room = self
            .config
            .max_connections
            .saturating_sub(self.peers.len() + self.meetings.len());
        let more = wanted
            .saturating_sub(ready + begun)
            .min(AT_ONCE.saturating_sub(begun))
            .min(room);
        let first = self.mingling.known.values();
        let first = first.filter(|known| known.spare == Acquaintance::MEET_FIRST);
        let more = more.max(first.count().min(AT_ONCE)).min(room);
        for _ in 0..more {
            let Some((to, through)) = self.draw_known(hungry) else {
                return;
            };
            let connection = self.new_meeting(Stage::Offering(Some((through, to))));
            self.actions.push_back(Action::MakeOffer(connection));
        }
    }

    /// Somebody to be met through a neighbour; one with room, if that is what is wanting.
    fn draw_known(&mut self, with_room: bool) -> Option<(PeerId, ConnectionId)> {
        let peers = &self.peers;
        let usable = |known: &Known| peers.get(&known.through).is_some_and(Peer::is_ready);
        let all = || {
            self.mingling
                .known
                .iter()
                .filter(|(_, known)| usable(known))
        };
        let first = all().find(|(_, known)| known.spare == Acquaintance::MEET_FIRST);
        let drawn = first.or_else(|| {
            all()
                .filter(|(_, known)| with_room && known.spare > 0)
                .choose(&mut self.rng)
                .or_else(|| all().choose(&mut self.rng))
        });
        let (to, through) = drawn.map(|(to, known)| (*to, known.through))?;
        self.mingling.known.remove(&to);
        Some((to, through))
    }

    /// Closes a connection that neither side lives on, where there are many.
    fn let_go(&mut self) {
        let many = match self.role() {
            Role::Streamer => self.config.max_connections * 3 / 4,
            Role::Viewer => MANY_NEIGHBOURS.min(self.config.max_connections),
        };
        if self.peers.len() < many {
            return;
        }
        let now = self.now;
        let is_streamer = self.role() == Role::Streamer;
        let idle = self
            .peers
            .values()
            .filter(|peer| {
                peer.is_ready()
                    && !peer.streamer
                    && !(is_streamer && peer.interested)
                    && peer.opened_at + YOUNG <= now
                    && peer.fed.is_empty()
                    && peer.parent.subscribed.is_empty()
            })
            .map(|peer| {
                (
                    peer.standing.is_worthy(),
                    self.rng.random::<u32>(),
                    peer.connection,
                )
            })
            .min()
            .map(|(_, _, connection)| connection);
        if let Some(idle) = idle {
            self.close(idle);
        }
    }

    /// An offer or answer that a peer sends us, for ourselves or to be carried on. A peer speaks for itself only, and
    /// what is carried goes to a neighbour and no further.
    pub(super) fn heard_signal(&mut self, from: ConnectionId, signal: Signal, is_offer: bool) {
        let now = self.now;
        if signal.to == self.peer_id {
            if is_offer {
                let route = Route::Peer {
                    through: from,
                    offer: signal.offer,
                };
                self.take_offer(signal.from, route, signal.sdp);
            } else {
                self.take_carried_answer(from, signal);
            }
            return;
        }
        let Some(sender) = self.peers.get_mut(&from) else {
            return;
        };
        if self.clogged || sender.id != Some(signal.from) || !sender.errands.take(now) {
            return;
        }
        if !is_offer && self.answer_introduction(&signal) {
            return;
        }
        let to = self
            .peers
            .values_mut()
            .find(|peer| peer.id == Some(signal.to) && peer.connection != from);
        if let Some(to) = to {
            to.say_live(&if is_offer {
                LiveMessage::Offer(signal)
            } else {
                LiveMessage::Answer(signal)
            });
        }
    }

    /// Has a neighbour answer an offer that a tracker brought, for want of room here.
    pub(super) fn introduce(&mut self, newcomer: PeerId, route: Route, sdp: String) {
        if self.mingling.introductions.len() >= MAX_INTRODUCTIONS || sdp.len() > Signal::MAX_SDP_LEN
        {
            return;
        }
        let host = self
            .peers
            .values_mut()
            .filter(|peer| peer.is_ready() && !peer.streamer && !peer.standing.upload_off)
            .max_by_key(|peer| (peer.standing.spare, peer.standing.slots));
        let Some((host, to)) = host.and_then(|host| host.id.map(|id| (host, id))) else {
            return;
        };
        // The next newcomer goes to somebody else, until this one says again how much room it has.
        host.standing.spare /= 2;
        let offer = self.rng.random();
        host.say_live(&LiveMessage::Offer(Signal {
            to,
            from: newcomer,
            offer,
            sdp,
        }));
        let at = self.now;
        let introduction = Introduction {
            newcomer,
            route,
            at,
        };
        self.mingling.introductions.insert(offer, introduction);
    }

    /// A neighbour's answer to an offer that a tracker brought goes back to the tracker. Returns whether it was one.
    fn answer_introduction(&mut self, signal: &Signal) -> bool {
        let introductions = &mut self.mingling.introductions;
        let fits = introductions
            .get(&signal.offer)
            .is_some_and(|each| each.newcomer == signal.to);
        if !fits {
            return false;
        }
        if let Some(introduction) = introductions.remove(&signal.offer) {
            let to = introduction.newcomer;
            self.send_answer(to, introduction.route, signal.sdp.clone());
        }
        true
    }
}
