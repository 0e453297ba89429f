//! The window's way to the engine: commands go out at once or not at all, so that the window never waits.

use tokio::sync::mpsc::{Sender, error::TrySendError};

use super::hints::hint;
use crate::broadcast::{Command, Hint, Severity};
use crate::texts::Message;

/// Sends commands, and knows whether the last one was taken.
pub struct Outbox {
    commands: Sender<Command>,
    last: Delivery,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Delivery {
    Taken,
    Busy,
    NobodyThere,
}

impl Outbox {
    pub fn new(commands: Sender<Command>) -> Self {
        Self {
            commands,
            last: Delivery::Taken,
        }
    }

    /// Sends a command; `false` when it was not taken, which [`Self::message`] then explains.
    pub fn send(&mut self, command: Command) -> bool {
        self.last = match self.commands.try_send(command) {
            Ok(()) => Delivery::Taken,
            Err(TrySendError::Full(_)) => Delivery::Busy,
            Err(TrySendError::Closed(_)) => Delivery::NobodyThere,
        };
        self.last == Delivery::Taken
    }

    /// Whether the engine still listens.
    pub fn is_open(&self) -> bool {
        !self.commands.is_closed()
    }

    /// What the person should know of commands that were not taken. It stands until one is taken.
    pub fn message(&self) -> Option<Hint> {
        if !self.is_open() {
            return Some(hint(Severity::Error, Message::new("outbox-gone")));
        }
        (self.last == Delivery::Busy).then(|| hint(Severity::Warning, Message::new("outbox-busy")))
    }
}
