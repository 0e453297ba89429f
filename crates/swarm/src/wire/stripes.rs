//! Sets of stripes. A broadcast's pieces are dealt to [`Stripes::COUNT`] stripes in turn, and each stripe spreads over
//! a tree of its own.

use crate::PieceIndex;

/// A set of stripes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stripes(pub(super) u8);

impl Stripes {
    /// How many stripes there are: so many parents at most, and the grain in which upload is given away. A set is one
    /// byte. See docs/SIMULATOR.md for what other numbers do.
    pub const COUNT: u32 = 8;
    /// No stripe.
    pub const NONE: Self = Self(0);
    /// All stripes.
    pub const ALL: Self = Self(u8::MAX);

    /// The stripe that a piece is of.
    pub fn of(piece: PieceIndex) -> Self {
        Self::one(piece.0)
    }

    /// The stripe of this number, modulo [`Stripes::COUNT`].
    pub fn one(stripe: u32) -> Self {
        Self(1 << (stripe % Self::COUNT))
    }

    /// Which stripe a piece is of, as a place from 0 to [`Stripes::COUNT`].
    pub(crate) fn place_of(piece: PieceIndex) -> usize {
        (piece.0 % Self::COUNT) as usize
    }

    /// Every stripe's place, and the set of that stripe alone.
    pub(crate) fn each() -> impl Iterator<Item = (usize, Self)> {
        (0..Self::COUNT).map(|stripe| (stripe as usize, Self::one(stripe)))
    }

    /// Whether every stripe of `other` is in this set.
    pub fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Both sets together.
    pub fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// This set less the other.
    pub fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// What is in both sets.
    pub fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// How many stripes are in the set.
    pub fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    /// Whether the set is empty.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_dealt_to_all_stripes() {
        let dealt = (0..Stripes::COUNT).fold(Stripes::NONE, |all, piece| {
            all.with(Stripes::of(PieceIndex(1000 + piece)))
        });
        assert_eq!(dealt, Stripes::ALL);
        assert_eq!(dealt.without(Stripes::one(3)).len(), 7);
    }
}
