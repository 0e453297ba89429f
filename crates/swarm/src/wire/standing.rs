//! What a peer says of its own place in the mesh, so that others can choose whom to live on.

use std::num::NonZeroU8;
use std::time::Duration;

use bytes::{Buf, BufMut, Bytes, BytesMut};

use super::{Stripes, WireError};

const UPLOAD_OFF: u8 = 1;
const UNTESTED: u8 = 2;
const STANDS_ASIDE: u8 = 4;
/// Delays are told in steps of this length: 254 of them are four seconds, after which a path is of no use.
const STEP: Duration = Duration::from_millis(16);
/// A peer that can feed so few stripes is a leaf.
const LEAF_SLOTS: u8 = 3;
/// A peer that can feed so many stripes is worth the place of a leaf: it gives back what it gets.
const WORTHY_SLOTS: u8 = 8;
const NO_SOURCE: u8 = u8::MAX;
const COUNT: usize = Stripes::COUNT as usize;

/// Whom of the streamer's children a peer gets a stripe through: whoever has it through another one does not live on us.
/// Few enough live on the streamer that a byte tells them apart, if all of its values are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Branch(NonZeroU8);

impl Branch {
    /// The branch that begins at this peer: its id's hash (FNV-1a, 32 bits) modulo 255, plus 1. An id is spelled in 32
    /// letters, so that any one byte of it is the same for too many.
    pub fn of(peer: &crate::PeerId) -> Self {
        const OFFSET_BASIS: u32 = 0x811c_9dc5;
        const PRIME: u32 = 0x0100_0193;
        let hash = peer.0.iter().fold(OFFSET_BASIS, |hash, byte| {
            (hash ^ u32::from(*byte)).wrapping_mul(PRIME)
        });
        let name = u8::try_from(hash % 255).unwrap_or_default();
        Self(NonZeroU8::MIN.saturating_add(name))
    }
}

/// Where a peer stands. Nothing of it is believed further than what the peer then does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// It passes nothing on, by choice.
    pub upload_off: bool,
    /// Nothing is known yet of what its uplink carries: it should be given the means to find out.
    pub untested: bool,
    /// It goes without for the sake of the others, and knows of their want by hearsay only.
    pub stands_aside: bool,
    /// How many stripes it can feed, all peers together.
    pub slots: u8,
    /// How many more it would take on now.
    pub spare: u8,
    /// How many stripes it pushes to peers that pass on little, and would take back for one that passes on more.
    pub leaves: u8,
    /// Which part of the stream is wanting around it, in 255ths: what nobody has the upload for.
    pub hunger: u8,
    /// Which part of the audience around it goes without for the sake of the others, in 255ths.
    pub aside: u8,
    /// How long after the streamer it passes on each stripe, in steps of 16 ms; 255 where it has no source.
    delays: [u8; COUNT],
    /// Through whom it gets each stripe.
    branches: [Option<Branch>; COUNT],
}

impl Default for Standing {
    fn default() -> Self {
        Self {
            upload_off: false,
            untested: false,
            stands_aside: false,
            slots: 0,
            spare: 0,
            leaves: 0,
            hunger: 0,
            aside: 0,
            delays: [NO_SOURCE; COUNT],
            branches: [None; COUNT],
        }
    }
}

impl Standing {
    /// Bytes in the message before [`Standing::aside`] and the branches, which came later; more are for versions to come.
    const LEN: usize = 5 + COUNT;

    /// How long after the streamer it passes on the stripe at this place; `None` where it has no source.
    pub fn delay(&self, place: usize) -> Option<Duration> {
        let steps = *self.delays.get(place)?;
        (steps != NO_SOURCE).then(|| STEP * u32::from(steps))
    }

    /// The shortest of all stripes' delays that have a source.
    pub(crate) fn shortest_delay(&self) -> Option<Duration> {
        (0..COUNT).filter_map(|place| self.delay(place)).min()
    }

    /// The longest of all stripes' delays that have a source.
    pub fn longest_delay(&self) -> Option<Duration> {
        (0..COUNT).filter_map(|place| self.delay(place)).max()
    }

    /// Through whom of the streamer's children it gets the stripe at this place, where it says so.
    pub fn branch(&self, place: usize) -> Option<Branch> {
        self.branches.get(place).copied().flatten()
    }

    /// Says so.
    pub fn set_branch(&mut self, place: usize, branch: Option<Branch>) {
        if let Some(own) = self.branches.get_mut(place) {
            *own = branch;
        }
    }

    /// Whether it passes on enough, or may do, to be fed in place of one that does not.
    pub(crate) fn is_worthy(&self) -> bool {
        !self.upload_off && (self.untested || self.slots >= WORTHY_SLOTS)
    }

    /// Whether it is known to pass on enough to be fed in place of one that does not: what a newcomer will pass on is not
    /// known yet, and a crowd of them would put out those who watch.
    pub(crate) fn is_known_to_be_worthy(&self) -> bool {
        self.is_worthy() && !self.untested
    }

    /// Whether it passes on so little that another may be fed in its place.
    pub(crate) fn is_leaf(&self) -> bool {
        self.upload_off || !self.untested && self.slots <= LEAF_SLOTS
    }

    /// Says so. A delay too long to be of use is none.
    pub fn set_delay(&mut self, place: usize, delay: Option<Duration>) {
        if let Some(steps) = self.delays.get_mut(place) {
            *steps = delay
                .and_then(|delay| u8::try_from(delay.as_millis() / STEP.as_millis()).ok())
                .unwrap_or(NO_SOURCE);
        }
    }

    /// Whether there is a stripe here that was not there before.
    pub(crate) fn has_more_than(&self, before: &Self) -> bool {
        std::iter::zip(self.delays, before.delays)
            .any(|(now, before)| now != NO_SOURCE && before == NO_SOURCE)
    }

    /// Whether this says something so different that others should hear of it.
    pub(crate) fn differs(&self, other: &Self) -> bool {
        let far = |a: u8, b: u8| a.abs_diff(b) > 3 || (a == NO_SOURCE) != (b == NO_SOURCE);
        // A quarter, but nothing below a hundredth.
        let changed = |own: u8, other: u8| own.abs_diff(other) > (own.max(other) / 4).max(2);
        self.upload_off != other.upload_off
            || self.untested != other.untested
            || self.stands_aside != other.stands_aside
            || (self.leaves == 0) != (other.leaves == 0)
            || (self.spare == 0) != (other.spare == 0)
            || self.spare.abs_diff(other.spare) > self.spare.max(4) / 4
            || self.slots.abs_diff(other.slots) > self.slots.max(4) / 4
            || changed(self.hunger, other.hunger)
            || changed(self.aside, other.aside)
            || self.branches != other.branches
            || std::iter::zip(self.delays, other.delays).any(|(own, other)| far(own, other))
    }

    pub(super) fn write(&self, out: &mut BytesMut) {
        let upload_off = if self.upload_off { UPLOAD_OFF } else { 0 };
        let untested = if self.untested { UNTESTED } else { 0 };
        let stands_aside = if self.stands_aside { STANDS_ASIDE } else { 0 };
        out.put_u8(upload_off | untested | stands_aside);
        out.put_u8(self.slots);
        out.put_u8(self.spare);
        out.put_u8(self.leaves);
        out.put_u8(self.hunger);
        out.put_slice(&self.delays);
        out.put_u8(self.aside);
        for branch in self.branches {
            out.put_u8(branch.map_or(0, |branch| branch.0.get()));
        }
    }

    pub(super) fn read(mut payload: Bytes) -> Option<Self> {
        if payload.len() < Self::LEN {
            return None;
        }
        let flags = payload.get_u8();
        let mut standing = Self {
            upload_off: flags & UPLOAD_OFF != 0,
            untested: flags & UNTESTED != 0,
            stands_aside: flags & STANDS_ASIDE != 0,
            slots: payload.get_u8(),
            spare: payload.get_u8(),
            leaves: payload.get_u8(),
            hunger: payload.get_u8(),
            aside: 0,
            delays: [NO_SOURCE; COUNT],
            branches: [None; COUNT],
        };
        payload.copy_to_slice(&mut standing.delays);
        standing.aside = payload.try_get_u8().unwrap_or_default();
        for (branch, said) in std::iter::zip(&mut standing.branches, payload) {
            *branch = NonZeroU8::new(said).map(Branch);
        }
        Some(standing)
    }
}

/// An offer or answer that peers carry for each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signal {
    /// For whom it is.
    pub to: crate::PeerId,
    /// Who made it.
    pub from: crate::PeerId,
    /// Which offer, as its maker numbers them.
    pub offer: u64,
    /// The session description, candidates included.
    pub sdp: String,
}

impl Signal {
    /// The longest session description that is carried, in bytes. Chromium's have 0.8 to 2 KiB; a machine with twenty
    /// addresses stays below this.
    pub const MAX_SDP_LEN: usize = 4 * 1024;
    const HEAD_LEN: usize = 20 + 20 + 8;

    pub(super) fn write(&self, out: &mut BytesMut) {
        out.put_slice(&self.to.0);
        out.put_slice(&self.from.0);
        out.put_u64(self.offer);
        out.put_slice(self.sdp.as_bytes());
    }

    pub(super) fn read(mut payload: Bytes, kind: u8) -> Result<Self, WireError> {
        let wrong = WireError::WrongLength(kind);
        if !(Self::HEAD_LEN..=Self::HEAD_LEN + Self::MAX_SDP_LEN).contains(&payload.len()) {
            return Err(wrong);
        }
        let (mut to, mut from) = ([0; 20], [0; 20]);
        payload.copy_to_slice(&mut to);
        payload.copy_to_slice(&mut from);
        let offer = payload.get_u64();
        let sdp = std::str::from_utf8(&payload).map_err(|_| wrong)?;
        Ok(Self {
            to: crate::PeerId(to),
            from: crate::PeerId(from),
            offer,
            sdp: sdp.to_owned(),
        })
    }
}

/// One of the sender's neighbours, as it recommends them to others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Acquaintance {
    /// Who it is.
    pub peer: crate::PeerId,
    /// How many stripes it would take on, when last heard.
    pub spare: u8,
}

impl Acquaintance {
    const LEN: usize = 20 + 1;
    /// Said for `spare` of somebody who is to be met at once: of the streamer, to those who live on a viewer that gets
    /// the stream from there, so that they can turn to it when that one is gone.
    pub const MEET_FIRST: u8 = u8::MAX;
    /// The most in one message.
    pub const MAX: usize = 32;

    pub(super) fn write_all(all: &[Self], out: &mut BytesMut) {
        for acquaintance in all {
            out.put_slice(&acquaintance.peer.0);
            out.put_u8(acquaintance.spare);
        }
    }

    pub(super) fn read_all(payload: &[u8]) -> Option<Vec<Self>> {
        let (entries, rest) = payload.as_chunks::<{ Self::LEN }>();
        if !rest.is_empty() || entries.len() > Self::MAX {
            return None;
        }
        let read = |entry: &[u8; Self::LEN]| {
            let mut peer = [0; 20];
            peer.copy_from_slice(&entry[..20]);
            Self {
                peer: crate::PeerId(peer),
                spare: entry[20],
            }
        };
        Some(entries.iter().map(read).collect())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use rand::rngs::SmallRng;
    use rand::{RngExt, SeedableRng};

    use super::*;
    use crate::PeerId;

    #[test]
    fn branches_of_different_peers_are_rarely_called_the_same() {
        let mut rng = SmallRng::seed_from_u64(1);
        let mut branch = || Branch::of(&PeerId::from_random(rng.random()));
        let names: BTreeSet<NonZeroU8> = (0..2550).map(|_| branch().0).collect();
        assert!(names.len() > 240, "{} names in use", names.len());
    }
}
