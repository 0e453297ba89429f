//! What sources are called, to begin a sentence with.

use std::path::Path;

use super::ScreenArea;
use crate::texts::Message;

/// What a picked part of the screen is called.
pub(super) fn screen(area: &ScreenArea) -> Message {
    match area {
        ScreenArea::Whole => whole_screen(),
        ScreenArea::Monitor(name) => Message::new("name-monitor").with("name", name.as_str()),
        ScreenArea::Region { .. } => Message::new("name-screen-part"),
        ScreenArea::Window(_) => Message::new("name-window"),
    }
}

pub(super) fn whole_screen() -> Message {
    Message::new("name-screen")
}

pub(super) fn file(path: &Path) -> Message {
    Message::new("name-file").with("path", path.display().to_string())
}

/// A camera by the name that the system shows.
pub(super) fn camera(name: &str) -> Message {
    Message::new("name-this-camera").with("name", name)
}

/// A microphone by the name that the system shows.
pub(super) fn microphone(name: &str) -> Message {
    Message::new("name-this-microphone").with("name", name)
}

pub(super) fn computer_sound() -> Message {
    Message::new("name-computer-sound")
}
