//! What the person chose a moment ago and the engine has not confirmed yet.
//!
//! The window shows the snapshot; but between a click and the snapshot that follows from it, the old choice would
//! flash back. So the choice is shown until the engine tells it, or long enough has passed to say that it was refused.

use std::time::{Duration, Instant};

/// How long a choice is shown that the engine does not confirm. Chosen: longer than any command takes, shorter than a
/// person believes in.
const PATIENCE: Duration = Duration::from_millis(1500);

/// A choice that is on its way.
pub struct Asked<T>(Option<(T, Instant)>);

impl<T> Default for Asked<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T: Clone + PartialEq> Asked<T> {
    /// What to show: the choice on its way, or else what the engine tells.
    pub fn or_told(&mut self, told: &T, now: Instant) -> T {
        match &self.0 {
            Some((choice, since))
                if choice != told && now.saturating_duration_since(*since) < PATIENCE =>
            {
                choice.clone()
            }
            _ => {
                self.0 = None;
                told.clone()
            }
        }
    }

    /// Remembers a choice that was just sent, and has the window drawn again when it expires.
    pub fn ask(&mut self, choice: T, context: &egui::Context, now: Instant) {
        self.0 = Some((choice, now));
        context.request_repaint_after(PATIENCE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_is_shown_until_the_engine_tells_it() {
        let (mut asked, now) = (Asked::default(), Instant::now());
        asked.ask("camera", &egui::Context::default(), now);
        assert_eq!(asked.or_told(&"screen", now), "camera");
        assert_eq!(asked.or_told(&"camera", now), "camera");
        assert_eq!(asked.or_told(&"screen", now), "screen");
    }

    #[test]
    fn a_choice_that_is_never_confirmed_is_given_up() {
        let (mut asked, now) = (Asked::default(), Instant::now());
        asked.ask("camera", &egui::Context::default(), now);
        assert_eq!(asked.or_told(&"screen", now + PATIENCE), "screen");
    }
}
