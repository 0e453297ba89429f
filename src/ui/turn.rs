//! What every part of the window gets to know when it is drawn.

use std::time::Instant;

use super::background::FileDialogs;
use super::outbox::Outbox;
use crate::broadcast::{Phase, Snapshot};

/// One drawing of the window.
pub struct Turn<'a> {
    /// What is shown.
    pub snapshot: &'a Snapshot,
    /// Where commands go.
    pub outbox: &'a mut Outbox,
    /// Where files are asked for.
    pub dialogs: &'a FileDialogs,
    /// When it is drawn.
    pub now: Instant,
}

impl Turn<'_> {
    /// Whether a broadcast is on, or about to be, or not over yet.
    pub fn is_on_air(&self) -> bool {
        !matches!(self.snapshot.phase, Phase::Idle)
    }
}
