//! The list of who is live, as a state machine: cards and the clock go in, what is listed comes out.
//!
//! A card's way: [`Catalogue::knock`] (may this address send one now?), [`crate::SignedCard::open`] (is it one?),
//! [`Catalogue::check`] (is it new, may the channel be listed?), a look at its thumbnail, [`Catalogue::list`].

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use swarm::{ChannelId, Time, UnixMillis};

use crate::allowance::Allowance;
use crate::limits::{LIFETIME, MAX_AHEAD, MEMORY, PER_ADDRESS, PER_CHANNEL, REMEMBERED_PER_LISTED};
use crate::{Card, Limits, Listing, Policy, Query, Refusal, SignedCard};

/// The hub's two clocks at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// The monotonic one, by which things end.
    pub time: Time,
    /// The one on the wall, to which cards' own times are compared.
    pub wall: UnixMillis,
}

/// Who brings a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Somebody at this address, already made the one that stands for all of that host's.
    Address(IpAddr),
    /// Another hub, from which the operator has chosen to take.
    Mirror,
}

/// A channel that is listed.
#[derive(Debug)]
pub struct Entry {
    /// Which.
    pub channel: ChannelId,
    /// What it says of itself, but for its thumbnail.
    pub card: Card,
    /// The whole card as it was signed, for other hubs.
    pub signed: Bytes,
    /// The picture that is shown: a JPEG of the hub's own making.
    pub picture: Option<Bytes>,
    origin: Origin,
    expires: Time,
    /// What a search looks at, in small letters.
    pub(crate) searched: String,
}

/// A card of which all but the thumbnail has been checked.
#[derive(Debug)]
#[must_use = "a checked card is not listed yet"]
pub struct Checked {
    signed: SignedCard,
    origin: Origin,
}

impl Checked {
    /// The picture that is to be looked at.
    pub fn thumbnail(&self) -> Option<&Bytes> {
        self.signed.card().thumbnail.as_ref()
    }
}

/// What is remembered of a channel, listed or not.
#[derive(Debug)]
struct Memory {
    issued_at: UnixMillis,
    allowance: Allowance,
    forget_at: Time,
}

/// The list of who is live.
#[derive(Debug)]
pub struct Catalogue {
    limits: Limits,
    policy: Policy,
    entries: HashMap<ChannelId, Arc<Entry>>,
    memories: HashMap<ChannelId, Memory>,
    addresses: HashMap<IpAddr, Allowance>,
}

impl Catalogue {
    /// An empty one.
    pub fn new(limits: Limits, policy: Policy) -> Self {
        Self {
            limits,
            policy,
            entries: HashMap::new(),
            memories: HashMap::new(),
            addresses: HashMap::new(),
        }
    }

    /// Lists by other rules from now on, and no longer what they do not admit.
    pub fn set_policy(&mut self, policy: Policy) {
        self.policy = policy;
        let policy = &self.policy;
        self.entries.retain(|channel, _| policy.admits(channel));
    }

    /// Somebody wants to send a card: before it is even read.
    ///
    /// # Errors
    ///
    /// When the address has sent too many.
    pub fn knock(&mut self, now: Now, origin: Origin) -> Result<(), Refusal> {
        let Origin::Address(address) = origin else {
            return Ok(());
        };
        if self.addresses.len() >= self.limits.addresses && !self.addresses.contains_key(&address) {
            self.addresses
                .retain(|_, allowance| !allowance.is_full(now.time));
            if self.addresses.len() >= self.limits.addresses {
                return Err(Refusal::Full);
            }
        }
        let allowance = self.addresses.entry(address);
        allowance
            .or_insert_with(Allowance::full)
            .take(now.time, PER_ADDRESS)
            .map_err(Refusal::AddressTooOften)
    }

    /// Whether a card may be listed, but for its thumbnail. From now on no earlier one of the channel may be.
    ///
    /// # Errors
    ///
    /// When it may not.
    pub fn check(
        &mut self,
        now: Now,
        origin: Origin,
        signed: SignedCard,
    ) -> Result<Checked, Refusal> {
        let (channel, card) = (signed.channel(), signed.card());
        if !self.policy.admits(&channel) {
            return Err(Refusal::NotAdmitted);
        }
        let issued_at = card.issued_at;
        let age = Duration::from_millis(now.wall.0.saturating_sub(issued_at.0));
        if age >= LIFETIME {
            return Err(Refusal::Stale(age));
        }
        let ahead = Duration::from_millis(issued_at.0.saturating_sub(now.wall.0));
        if ahead > MAX_AHEAD {
            return Err(Refusal::Ahead(ahead));
        }
        if let Some(memory) = self.memories.get(&channel)
            && memory.issued_at >= issued_at
        {
            return Err(Refusal::Replayed);
        }
        let remembered = self.limits.channels.saturating_mul(REMEMBERED_PER_LISTED);
        if self.memories.len() >= remembered && !self.memories.contains_key(&channel) {
            return Err(Refusal::Full);
        }
        // What withdraws makes room; and a streamer that stops should not stay on the list for having changed its title.
        if !card.withdrawn {
            self.make_room(&channel, origin)?;
        }
        let withdrawn = card.withdrawn;
        let memory = self.memories.entry(channel).or_insert(Memory {
            issued_at,
            allowance: Allowance::full(),
            forget_at: now.time,
        });
        // Other hubs' cards come as often as they are fetched.
        if let (Origin::Address(_), false) = (origin, withdrawn) {
            let taken = memory.allowance.take(now.time, PER_CHANNEL);
            taken.map_err(Refusal::ChannelTooOften)?;
        }
        memory.issued_at = issued_at;
        memory.forget_at = now.time + MEMORY;
        Ok(Checked { signed, origin })
    }

    fn make_room(&mut self, channel: &ChannelId, origin: Origin) -> Result<(), Refusal> {
        if let Origin::Address(_) = origin {
            let others = self.entries.values();
            let here = others.filter(|entry| entry.origin == origin && entry.channel != *channel);
            if here.count() >= self.limits.channels_per_address {
                return Err(Refusal::address_full(&self.limits));
            }
        }
        if self.entries.contains_key(channel) || self.entries.len() < self.limits.channels {
            return Ok(());
        }
        // Those who came here themselves go before what only stands on another hub's list.
        let displaced = self
            .entries
            .values()
            .filter(|entry| entry.origin == Origin::Mirror)
            .min_by_key(|entry| (entry.card.viewers, entry.channel))
            .map(|entry| entry.channel);
        match (origin, displaced) {
            (Origin::Address(_), Some(displaced)) => {
                self.entries.remove(&displaced);
                Ok(())
            }
            _ => Err(Refusal::Full),
        }
    }

    /// Lists what has been checked, with the picture that is to be shown. What was said of the channel meanwhile, while the
    /// picture was looked at, holds if it is later.
    pub fn list(&mut self, now: Now, checked: Checked, picture: Option<Bytes>) {
        let Checked { signed, origin } = checked;
        let channel = signed.channel();
        let issued_at = signed.card().issued_at;
        let is_newest = self
            .memories
            .get(&channel)
            .is_some_and(|memory| memory.issued_at == issued_at);
        if !is_newest || !self.policy.admits(&channel) {
            return;
        }
        if signed.card().withdrawn {
            self.entries.remove(&channel);
            return;
        }
        let is_full = self.entries.len() >= self.limits.channels;
        if is_full && !self.entries.contains_key(&channel) {
            return;
        }
        let age = Duration::from_millis(now.wall.0.saturating_sub(issued_at.0));
        let bytes = signed.bytes().clone();
        let card = Card {
            thumbnail: None,
            ..signed.into_card()
        };
        let entry = Entry {
            channel,
            searched: searched(&card),
            card,
            signed: bytes,
            picture,
            origin,
            expires: now.time + LIFETIME.saturating_sub(age),
        };
        self.entries.insert(channel, Arc::new(entry));
    }

    /// Takes off the list what was not renewed, and forgets what need not be remembered. To be called about once a second;
    /// what is found and got ends in time without it.
    pub fn expire(&mut self, now: Time) {
        self.entries.retain(|_, entry| entry.expires > now);
        self.memories.retain(|_, memory| memory.forget_at > now);
        self.addresses
            .retain(|_, allowance| !allowance.is_full(now));
    }

    /// What is listed now.
    pub fn find(&self, now: Time, query: &Query) -> Listing {
        query.answer(self.entries.values().filter(|entry| entry.expires > now))
    }

    /// A channel, if it is listed now.
    pub fn get(&self, now: Time, channel: &ChannelId) -> Option<Arc<Entry>> {
        let entry = self.entries.get(channel)?;
        (entry.expires > now).then(|| Arc::clone(entry))
    }

    /// When the channel's last card was made, as far as it is remembered.
    pub fn last_heard(&self, channel: &ChannelId) -> Option<UnixMillis> {
        self.memories.get(channel).map(|memory| memory.issued_at)
    }

    /// How many channels are listed.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

fn searched(card: &Card) -> String {
    let details = &card.details;
    let mut texts = vec![&*details.title, &*details.author, &*details.description];
    texts.extend(details.keywords.iter().map(String::as_str));
    texts.join("\n").to_lowercase()
}

#[cfg(test)]
mod tests;
