//! A channel's move to another computer, in words.

use std::path::Path;

use crate::seeder::{ChannelKey, KeyCopyError};
use crate::texts::Message;

/// A channel cannot change under a broadcast.
#[derive(Debug, thiserror::Error)]
#[error("stop the broadcast first: another channel cannot be loaded while you are live")]
pub(super) struct OnAirError;

/// Why it did not move.
#[derive(Debug, thiserror::Error)]
pub(super) enum MovingError {
    #[error(transparent)]
    OnAir(#[from] OnAirError),
    #[error(transparent)]
    Copy(#[from] KeyCopyError),
}

/// Saves a copy of the channel in `folder`; returns what to say.
pub(super) fn save(folder: &Path, to: &Path, replace: bool) -> Result<Message, MovingError> {
    ChannelKey::save_copy(folder, to, replace)?;
    Ok(Message::new("channel-is-saved").with("path", to.display().to_string()))
}

/// Takes the channel of a copy over; returns what to say.
pub(super) fn load(folder: &Path, from: &Path) -> Result<Message, MovingError> {
    let taken = ChannelKey::take_over(folder, from)?;
    Ok(match taken.backup {
        Some(backup) => {
            Message::new("channel-is-loaded-kept").with("path", backup.display().to_string())
        }
        None => Message::new("channel-is-loaded"),
    })
}
