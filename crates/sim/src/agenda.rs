//! What happens when: a timing wheel, since a heap of a million events would cost more than the events.

use std::collections::BTreeMap;
use std::time::Duration;

use swarm::Time;

/// Events within one step happen in the order in which they were put in. Well below every delay that is modelled.
pub(crate) const STEP: Duration = Duration::from_micros(250);
const STEPS_A_SECOND: u64 = 4000;
/// Steps in the wheel: 16 s. What is later waits in a map.
const STEPS: u64 = 1 << 16;

/// Things to happen, soonest first.
pub(crate) struct Agenda<T> {
    wheel: Vec<Vec<T>>,
    later: BTreeMap<u64, Vec<T>>,
    step: u64,
    /// What is left of the current step, last first.
    current: Vec<T>,
    /// Emptied lists for steps to come: a list that grows anew for each step would be most of the work.
    spare: Vec<Vec<T>>,
}

impl<T> Agenda<T> {
    pub(crate) fn new() -> Self {
        Self {
            wheel: (0..STEPS).map(|_| Vec::new()).collect(),
            later: BTreeMap::new(),
            step: 0,
            current: Vec::new(),
            spare: Vec::new(),
        }
    }

    /// Puts something in, for the next step at the soonest.
    pub(crate) fn at(&mut self, time: Time, what: T) {
        let step = step_of(time).max(self.step + 1);
        if step - self.step < STEPS {
            let list = &mut self.wheel[(step % STEPS) as usize];
            if list.capacity() == 0 {
                *list = self.spare.pop().unwrap_or_default();
            }
            list.push(what);
        } else {
            self.later.entry(step).or_default().push(what);
        }
    }

    /// The next thing to happen before `end`, and when. `end` is the beginning of a step: what is put in between two
    /// calls can still happen in it.
    pub(crate) fn next(&mut self, end: Time) -> Option<(Time, T)> {
        let end = step_of(end);
        loop {
            if let Some(what) = self.current.pop() {
                return Some((beginning_of(self.step), what));
            }
            if self.step + 1 >= end {
                return None;
            }
            self.step += 1;
            self.turn();
        }
    }

    /// Makes the current step's list the current one.
    fn turn(&mut self) {
        let list = &mut self.wheel[(self.step % STEPS) as usize];
        let emptied = std::mem::replace(&mut self.current, std::mem::take(list));
        if emptied.capacity() > 0 {
            self.spare.push(emptied);
        }
        if let Some(due) = self.later.remove(&self.step) {
            self.current.extend(due);
        }
        self.current.reverse();
    }
}

fn step_of(time: Time) -> u64 {
    let since = time.since_epoch();
    since.as_secs() * STEPS_A_SECOND + u64::from(since.subsec_nanos() / STEP.subsec_nanos())
}

fn beginning_of(step: u64) -> Time {
    Time::from_epoch(STEP * u32::try_from(step).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Time {
        Time::from_epoch(Duration::from_millis(millis))
    }

    #[test]
    fn things_happen_in_order_however_far_off() {
        let mut agenda = Agenda::new();
        for millis in [40_000, 5, 17_000, 1, 39_999] {
            agenda.at(at(millis), millis);
        }
        let end = at(50_000);
        let order: Vec<u64> = std::iter::from_fn(|| agenda.next(end).map(|next| next.1)).collect();
        assert_eq!(order, [1, 5, 17_000, 39_999, 40_000]);
    }

    #[test]
    fn what_comes_at_the_end_of_a_window_happens_at_the_beginning_of_the_next() {
        let mut agenda = Agenda::new();
        agenda.at(at(4), "first");
        assert_eq!(agenda.next(at(4)), None);
        agenda.at(at(4), "second");
        assert_eq!(agenda.next(at(8)), Some((at(4), "first")));
        assert_eq!(agenda.next(at(8)), Some((at(4), "second")));
        assert_eq!(agenda.next(at(8)), None);
    }
}
