//! A host's downlink: one queue, out of which bytes come at its rate, in the order in which they arrived.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;
use swarm::{ConnectionId, Time};

use crate::agenda::STEP;
use crate::terrain;

/// A message that has arrived.
pub(crate) struct Arrived {
    pub(crate) connection: ConnectionId,
    pub(crate) bytes: Bytes,
}

/// The queue.
pub(crate) struct Downlink {
    /// Bytes a second.
    rate: f64,
    free_at: Time,
    waiting: VecDeque<Arrived>,
}

impl Downlink {
    pub(crate) fn new(rate: f64, now: Time) -> Self {
        Self {
            rate,
            free_at: now,
            waiting: VecDeque::new(),
        }
    }

    pub(crate) fn is_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// When what waits can go on.
    pub(crate) fn free_at(&self) -> Time {
        self.free_at
    }

    pub(crate) fn push(&mut self, arrived: Arrived) {
        self.waiting.push_back(arrived);
    }

    /// The next message, if the downlink is free for it within this step.
    pub(crate) fn next(&mut self, now: Time) -> Option<Arrived> {
        if self.free_at >= now + STEP {
            return None;
        }
        let arrived = self.waiting.pop_front()?;
        let len = terrain::wire_len(arrived.bytes.len());
        let takes = Duration::from_secs_f64(len as f64 / self.rate);
        self.free_at = self.free_at.max(now) + takes;
        Some(arrived)
    }

    /// Nobody is there any more to receive anything.
    pub(crate) fn clear(&mut self) {
        self.waiting.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_come_in_the_order_in_which_they_arrived() {
        let mut downlink = Downlink::new(1_000_000.0, Time::ZERO);
        for number in [1, 2, 3] {
            downlink.push(Arrived {
                connection: ConnectionId(number),
                bytes: Bytes::from(vec![0; 10_000]),
            });
        }
        let mut order = Vec::new();
        let mut now = Time::ZERO;
        while downlink.is_waiting() {
            order.extend(downlink.next(now).map(|arrived| arrived.connection.0));
            now = downlink.free_at();
        }
        assert_eq!(order, [1, 2, 3]);
        assert!(now > Time::from_epoch(Duration::from_millis(30)), "{now:?}");
    }
}
