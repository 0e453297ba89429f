//! How capture is doing, as plain data that the engine passes on to the window.

use super::ScreenArea;
use crate::texts::Message;

/// How a picked source is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SourceState {
    /// Being opened.
    Opening,
    /// Delivering.
    Running,
    /// Not delivering; the text says why and what to do. It is tried again by itself.
    Gone(Message),
}

impl SourceState {
    /// Why it does not deliver, and what to do.
    pub fn trouble(&self) -> Option<&Message> {
        match self {
            Self::Gone(why) => Some(why),
            Self::Opening | Self::Running => None,
        }
    }
}

/// How picture and sound are doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaptureState {
    /// The picked picture.
    pub video: SourceState,
    /// The picked sound.
    pub sound: SourceState,
    /// The overlay, where one is shown.
    pub overlay: Option<SourceState>,
}

/// The devices that can be picked, with names that a person recognises.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Devices {
    /// Monitors and windows.
    pub screens: Vec<(ScreenArea, String)>,
    /// Cameras.
    pub cameras: Vec<Device>,
    /// Microphones.
    pub microphones: Vec<Device>,
    /// Whether what the computer plays can be captured.
    pub computer_sound: bool,
}

/// One device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// What [`super::VideoSource::Camera`] and [`super::SoundSource::Microphone`] take; the same after
    /// it was unplugged and plugged in again.
    pub id: String,
    /// Its name as the system shows it.
    pub name: String,
}

/// One frame for the preview.
pub struct PreviewFrame {
    /// Grows with each frame: the window uploads a frame once.
    pub serial: u64,
    /// Pixels from left to right.
    pub width: usize,
    /// Pixels from top to bottom.
    pub height: usize,
    /// RGBA, 8 bits each, row by row, without padding.
    pub rgba: Vec<u8>,
}

impl std::fmt::Debug for PreviewFrame {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "PreviewFrame {} {}x{}",
            self.serial, self.width, self.height
        )
    }
}
