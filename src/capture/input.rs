//! What a streamer picked to be seen and heard.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// Picture and sound of a broadcast.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Input {
    /// What is seen.
    pub video: VideoSource,
    /// What is heard.
    pub sound: SoundSource,
}

/// What is seen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum VideoSource {
    /// The built-in test picture (see `docs/TEST-SOURCE.md`).
    Test,
    /// The same under grain that takes the whole bit rate, as a camera's picture does.
    BusyTest,
    /// A screen, part of it, or one window.
    Screen(ScreenArea),
    /// A camera by its device id; `None` for the first one found.
    Camera(Option<String>),
    /// A video file, played in real time and looped.
    File(PathBuf),
}

/// Which part of which screen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ScreenArea {
    /// Everything (X11), or what the desktop's own dialog lets the person pick (Wayland's screencast portal).
    Whole,
    /// One monitor, by the name that RandR gives it.
    Monitor(String),
    /// A rectangle of the whole screen, in pixels.
    Region {
        /// Left edge.
        x: u32,
        /// Upper edge.
        y: u32,
        /// Width.
        width: u32,
        /// Height.
        height: u32,
    },
    /// One window, by its X11 id.
    Window(u32),
}

/// What is heard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SoundSource {
    /// Silence.
    None,
    /// The video source's own sound: the file's, or the test source's beep. Silence where it has none.
    Own,
    /// A microphone by its device id; `None` for the system's default.
    Microphone(Option<String>),
    /// What the computer plays.
    Computer,
}
