//! Asking what may never answer: a sound system or a display that hangs must not take the program with it.

use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

/// All that work answer in a small part of this.
const PATIENCE: Duration = Duration::from_millis(1500);

/// A question that is asked on a thread of its own. One that hangs stays there, one thread in all.
pub(super) struct Probe<T> {
    ask: fn() -> T,
    asked: Option<(mpsc::Receiver<T>, Instant)>,
}

impl<T: Default + Send + 'static> Probe<T> {
    pub(super) fn new(ask: fn() -> T) -> Self {
        Self { ask, asked: None }
    }

    /// Asks, unless the last answer still has to come.
    pub(super) fn begin(&mut self) {
        let now = Instant::now();
        if let Some((_, began)) = &mut self.asked {
            *began = now;
            return;
        }
        let (answer, answers) = mpsc::channel();
        let ask = self.ask;
        let asking = thread::Builder::new()
            .name("probe".to_owned())
            .spawn(move || {
                // Nobody waits any more when the program is ending.
                let _ = answer.send(ask());
            });
        match asking {
            Ok(_) => self.asked = Some((answers, now)),
            Err(error) => tracing::warn!(%error, "devices cannot be looked for"),
        }
    }

    /// The answer; nothing where none comes in time.
    pub(super) fn found(&mut self) -> T {
        let Some((answers, began)) = &self.asked else {
            return T::default();
        };
        let left = PATIENCE.saturating_sub(began.elapsed());
        match answers.recv_timeout(left) {
            Ok(answer) => {
                self.asked = None;
                answer
            }
            Err(mpsc::RecvTimeoutError::Timeout) => T::default(),
            Err(mpsc::RecvTimeoutError::Disconnected) => {
                self.asked = None;
                T::default()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_answer_is_not_waited_for_and_not_asked_twice() {
        static ASKED: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
        let mut probe = Probe::new(|| {
            ASKED.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            thread::sleep(Duration::from_secs(3600));
            vec![1]
        });
        for _ in 0..2 {
            probe.begin();
            assert_eq!(probe.found(), Vec::<i32>::new());
        }
        assert_eq!(ASKED.load(std::sync::atomic::Ordering::Relaxed), 1);
    }

    #[test]
    fn what_answers_is_asked_each_time() {
        let mut probe = Probe::new(|| 7);
        for _ in 0..2 {
            probe.begin();
            assert_eq!(probe.found(), 7);
        }
    }
}
