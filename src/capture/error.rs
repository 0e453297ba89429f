//! Why a source does not deliver, in words for the streamer.

use std::path::PathBuf;

/// Why a source does not deliver. The texts are whole sentences: the window shows them as they are.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum SourceError {
    /// A part of GStreamer is not installed.
    #[error("A part of GStreamer is missing ({element}). Install the package {package}.")]
    PartMissing {
        element: &'static str,
        package: &'static str,
    },
    /// GStreamer itself does not start.
    #[error("GStreamer does not start: {0}. Install it again.")]
    GStreamer(String),
    /// It was opened, and nothing came.
    #[error("{0} delivers nothing. Check it, or choose another source.")]
    Silent(String),
    /// Opening took longer than anything that works takes.
    #[error("{0} does not answer. Check it, or choose another source.")]
    NoAnswer(String),
    /// It delivered, and said that it is at its end.
    #[error("{0} has ended. Choose another source.")]
    Ended(String),
    /// Something else went wrong with it.
    #[error("{source_name} failed: {reason}. Check it, or choose another source.")]
    Failed { source_name: String, reason: String },

    /// No file is there.
    #[error("There is no file {}. Put it back, or choose another.", .0.display())]
    FileMissing(PathBuf),
    /// This user may not read it.
    #[error("The file {} may not be read. Change its permissions, or choose another.", .0.display())]
    FileForbidden(PathBuf),
    /// It is no video, or one that cannot be decoded here.
    #[error("The file {} is not a video that can be played here. Choose another.", .0.display())]
    NotAVideo(PathBuf),

    /// Nothing draws a screen here.
    #[error("There is no screen here. Start the program on a desktop, or choose another source.")]
    NoScreen,
    /// The X11 display cannot be reached.
    #[error("The screen does not answer ({0}). Check the desktop, or choose another source.")]
    NoDisplay(String),
    /// Its pixels are not 32 bits.
    #[error(
        "The screen's colours cannot be captured. Set it to 24 bits, or choose another source."
    )]
    ScreenColours,
    /// A monitor of this name is not on.
    #[error("The monitor {0} is not there. Plug it in, or choose another.")]
    MonitorMissing(String),
    /// Nothing of the picked part is on the screen.
    #[error("The part of the screen lies outside of it: it is {width} × {height}. Choose another.")]
    RegionOutside { width: u16, height: u16 },
    /// The window is no more.
    #[error("The window was closed. Choose another source.")]
    WindowClosed,
    /// The window is minimised, or on another workspace.
    #[error("The window is not shown. Bring it back, or choose another source.")]
    WindowHidden,
    /// On Wayland only the desktop itself can tell what to capture.
    #[error(
        "This desktop lets no program pick a part of the screen. Choose the whole screen; the desktop asks which."
    )]
    AskedByTheDesktop,
    /// The desktop has no dialog for it.
    #[error(
        "The desktop does not let its screen be captured ({0}). Install the package xdg-desktop-portal and the one for this desktop."
    )]
    NoPortal(String),
    /// The person said no.
    #[error("The desktop shared no screen. Choose the source again to be asked again.")]
    PortalRefused,
    /// What was captured is over; capturing it again would open the dialog.
    #[error("The desktop ended the capture. Choose the source again to be asked again.")]
    PortalEnded,

    /// There is none.
    #[error("There is no camera. Plug one in, or choose another source.")]
    NoCamera,
    /// The picked one is not there.
    #[error("The camera {0} is not plugged in. Plug it in, or choose another.")]
    CameraMissing(String),
    /// The one in use was pulled out.
    #[error("{0} was unplugged. Plug it in again, or choose another source.")]
    Unplugged(String),
    /// Another program has it.
    #[error("{0} is in use by another program. Close that program, or choose another source.")]
    Busy(String),
    /// This user may not use it.
    #[error(
        "{0} may not be used by this user. Add the user to the group {1}, or choose another source."
    )]
    Forbidden(String, &'static str),
    /// It delivers only what cannot be decoded here.
    #[error("{0} delivers no pictures that can be used here. Choose another.")]
    CameraFormats(String),

    /// Neither PulseAudio nor PipeWire.
    #[error(
        "The sound system (PulseAudio or PipeWire) does not answer. Start it, or choose another sound."
    )]
    NoSoundSystem,
    /// There is none.
    #[error("There is no microphone. Plug one in, or choose another sound.")]
    NoMicrophone,
    /// The picked one is not there.
    #[error("The microphone {0} is not plugged in. Plug it in, or choose another.")]
    MicrophoneMissing(String),
    /// There is no output whose sound could be captured.
    #[error("The computer has no sound output to capture. Plug one in, or choose another sound.")]
    NoComputerSound,
}

impl SourceError {
    /// Whether trying again by itself would annoy the person, who has to pick something first.
    pub(super) fn waits_for_the_person(&self) -> bool {
        matches!(self, Self::PortalRefused | Self::PortalEnded)
    }
}
