//! What happens when: a timing wheel, since a heap of a million events would cost more than the events.

use std::collections::BTreeMap;
use std::time::Duration;

use swarm::Time;

/// Events within one step happen in the order in which they were put in. Well below every delay that is modelled.
const STEP: Duration = Duration::from_micros(250);
/// Steps in the wheel: 16 s. What is later waits in a map.
const STEPS: u64 = 1 << 16;

/// Things to happen, soonest first.
pub(crate) struct Agenda<T> {
    wheel: Vec<Vec<T>>,
    later: BTreeMap<u64, Vec<T>>,
    step: u64,
    current: std::vec::IntoIter<T>,
}

impl<T> Agenda<T> {
    pub(crate) fn new() -> Self {
        Self {
            wheel: (0..STEPS).map(|_| Vec::new()).collect(),
            later: BTreeMap::new(),
            step: 0,
            current: Vec::new().into_iter(),
        }
    }

    /// Puts something in, for the next step at the soonest.
    pub(crate) fn at(&mut self, time: Time, what: T) {
        let step = u64::try_from(time.since_epoch().as_nanos() / STEP.as_nanos());
        let step = step.unwrap_or(u64::MAX).max(self.step + 1);
        if step - self.step < STEPS {
            self.wheel[(step % STEPS) as usize].push(what);
        } else {
            self.later.entry(step).or_default().push(what);
        }
    }

    /// The next thing to happen before `end`, and when.
    pub(crate) fn next(&mut self, end: Time) -> Option<(Time, T)> {
        loop {
            let now = Time::from_epoch(STEP * u32::try_from(self.step).unwrap_or(u32::MAX));
            if now >= end {
                return None;
            }
            if let Some(what) = self.current.next() {
                return Some((now, what));
            }
            self.step += 1;
            if let Some(due) = self.later.remove(&self.step) {
                self.wheel[(self.step % STEPS) as usize].extend(due);
            }
            let due = std::mem::take(&mut self.wheel[(self.step % STEPS) as usize]);
            self.current = due.into_iter();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn things_happen_in_order_however_far_off() {
        let at = |millis| Time::from_epoch(Duration::from_millis(millis));
        let mut agenda = Agenda::new();
        for millis in [40_000, 5, 17_000, 1, 39_999] {
            agenda.at(at(millis), millis);
        }
        let end = at(50_000);
        let order: Vec<u64> = std::iter::from_fn(|| agenda.next(end).map(|next| next.1)).collect();
        assert_eq!(order, [1, 5, 17_000, 39_999, 40_000]);
    }
}
