//! How a broadcast is doing at a glance: a traffic light for each thing that it depends on. What is the matter, and what
//! to do, are the hints; here is only which light a hint turns on.

use super::{Hint, Severity, Snapshot};
use crate::capture::SourceState;
use crate::texts::Message;

/// A thing that a broadcast depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vital {
    /// Whether people can come and stay.
    Viewers,
    /// Whether there is enough of it.
    Upload,
    /// How long after it happens viewers see it.
    Delay,
    /// Whether all pictures are encoded.
    Pictures,
    /// Whether it works.
    Encoder,
}

impl Vital {
    /// All of them, those first that a streamer asks for first.
    pub const ALL: [Self; 5] = [
        Self::Viewers,
        Self::Upload,
        Self::Delay,
        Self::Pictures,
        Self::Encoder,
    ];
}

/// A traffic light.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Light {
    /// As it should be.
    Green,
    /// Viewers notice something, or will.
    Amber,
    /// Something does not work.
    Red,
}

impl Light {
    fn of(hint: &Hint) -> Self {
        match hint.severity {
            Severity::Note => Self::Green,
            Severity::Warning => Self::Amber,
            Severity::Error => Self::Red,
        }
    }
}

impl Snapshot {
    /// The light of one thing.
    pub fn light(&self, vital: Vital) -> Light {
        self.brightest(|hint| hint.about == Some(vital))
    }

    /// What is the matter with one thing, and what to do; `None` where its light is green.
    pub fn advice(&self, vital: Vital) -> Option<&Message> {
        let matters = |hint: &&Hint| hint.about == Some(vital) && Light::of(hint) > Light::Green;
        // The most important hint comes first.
        Some(&self.hints.iter().find(matters)?.text)
    }

    /// The light of everything together: a picture, sound or overlay that is gone, and any hint.
    pub fn health(&self) -> Light {
        let picture = match self.video {
            SourceState::Gone(_) => Light::Red,
            SourceState::Opening | SourceState::Running => Light::Green,
        };
        let sound = match self.sound {
            SourceState::Gone(_) => Light::Amber,
            SourceState::Opening | SourceState::Running => Light::Green,
        };
        let overlay = match self.overlay_state {
            Some(SourceState::Gone(_)) => Light::Amber,
            _ => Light::Green,
        };
        self.brightest(|_| true)
            .max(picture)
            .max(sound)
            .max(overlay)
    }

    fn brightest(&self, counts: impl Fn(&Hint) -> bool) -> Light {
        let hints = self.hints.iter().filter(|hint| counts(hint));
        hints.map(Light::of).max().unwrap_or(Light::Green)
    }
}
