//! A channel's move to another computer, in words.

use std::path::Path;

use crate::seeder::{ChannelKey, KeyCopyError};

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
pub(super) fn save(folder: &Path, to: &Path, replace: bool) -> Result<String, MovingError> {
    ChannelKey::save_copy(folder, to, replace)?;
    Ok(format!(
        "Your channel is saved in {}. Whoever has this file can broadcast as you: carry it over yourself, and delete it \
         when it has been loaded.",
        to.display()
    ))
}

/// Takes the channel of a copy over; returns what to say.
pub(super) fn load(folder: &Path, from: &Path) -> Result<String, MovingError> {
    let taken = ChannelKey::take_over(folder, from)?;
    Ok(match taken.backup {
        Some(backup) => format!(
            "The channel is loaded: your next broadcast has its link. The key of the channel until now is kept in {}.",
            backup.display()
        ),
        None => "The channel is loaded: your next broadcast has its link.".to_owned(),
    })
}
