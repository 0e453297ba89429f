//! Sets of numbers that lie near each other: which pieces or segments of the last seconds a peer has.

use std::collections::VecDeque;

/// The most numbers between the lowest and the highest: eight seconds of pieces at the highest rate there is, minutes at
/// usual ones. It bounds what a peer that claims to have everything can make us hold.
const MAX_SPAN: u64 = 16 * 1024;
const WORD: u64 = u64::BITS as u64;

/// A set of numbers as bits from a base on.
#[derive(Debug, Default)]
pub(crate) struct Window {
    /// The number of the first bit, a multiple of [`WORD`].
    base: u64,
    words: VecDeque<u64>,
}

impl Window {
    /// Puts a number in. Returns whether it was not there and is now; one that is too far from the others is left out.
    pub(crate) fn insert(&mut self, number: u64) -> bool {
        let start = number / WORD * WORD;
        if self.words.is_empty() {
            self.base = start;
        }
        let end = self.base + self.words.len() as u64 * WORD;
        if start.max(end) - start.min(self.base) > MAX_SPAN {
            return false;
        }
        while start < self.base {
            self.words.push_front(0);
            self.base -= WORD;
        }
        let word = ((number - self.base) / WORD) as usize;
        if word >= self.words.len() {
            self.words.resize(word + 1, 0);
        }
        let bit = 1 << (number % WORD);
        let new = self.words[word] & bit == 0;
        self.words[word] |= bit;
        new
    }

    pub(crate) fn remove(&mut self, number: u64) {
        if let Some(word) = self.word_of(number) {
            self.words[word] &= !(1 << (number % WORD));
        }
    }

    pub(crate) fn contains(&self, number: u64) -> bool {
        self.word_of(number)
            .is_some_and(|word| self.words[word] & (1 << (number % WORD)) != 0)
    }

    fn word_of(&self, number: u64) -> Option<usize> {
        let word = (number.checked_sub(self.base)? / WORD) as usize;
        (word < self.words.len()).then_some(word)
    }

    /// Forgets what lies before `number`, give or take a word.
    pub(crate) fn forget_before(&mut self, number: u64) {
        while self.base + WORD <= number && self.words.pop_front().is_some() {
            self.base += WORD;
        }
    }

    pub(crate) fn clear(&mut self) {
        self.words.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn it_is_a_set(changes in prop::collection::vec((any::<bool>(), 5_000..9_000_u64), 0..200)) {
            let (mut window, mut set) = (Window::default(), BTreeSet::new());
            for (insert, number) in changes {
                if insert {
                    prop_assert_eq!(window.insert(number), set.insert(number));
                } else {
                    window.remove(number);
                    set.remove(&number);
                }
            }
            for number in 4_900..9_100 {
                prop_assert_eq!(window.contains(number), set.contains(&number));
            }
        }
    }

    #[test]
    fn numbers_far_apart_cost_nothing() {
        let mut window = Window::default();
        assert!(window.insert(1_000_000));
        assert!(!window.insert(u64::MAX - 1));
        assert!(!window.insert(3));
        assert!(window.insert(999_000));
        window.forget_before(999_990);
        assert!(!window.contains(999_000) && window.contains(1_000_000));
        window.forget_before(2_000_000);
        assert!(window.insert(3), "an empty one begins anywhere");
    }
}
