//! Why a source does not deliver, in words for the streamer.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::texts::Message;

/// Why a source does not deliver. Its [`Self::message`] is a whole sentence: the window shows it as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum SourceError {
    /// A part of GStreamer is not installed.
    PartMissing {
        element: &'static str,
        package: &'static str,
    },
    /// GStreamer itself does not start.
    GStreamer(String),
    /// It was opened, and nothing came.
    Silent(Message),
    /// Opening took longer than anything that works takes.
    NoAnswer(Message),
    /// It delivered, and said that it is at its end.
    Ended(Message),
    /// Something else went wrong with it.
    Failed {
        source_name: Message,
        reason: String,
    },

    /// No file is there.
    FileMissing(PathBuf),
    /// This user may not read it.
    FileForbidden(PathBuf),
    /// It is no video, or one that cannot be decoded here.
    NotAVideo(PathBuf),

    /// Nothing draws a screen here.
    NoScreen,
    /// The X11 display cannot be reached.
    NoDisplay(String),
    /// Its pixels are not 32 bits.
    ScreenColours,
    /// A monitor of this name is not on.
    MonitorMissing(String),
    /// Nothing of the picked part is on the screen.
    RegionOutside { width: u16, height: u16 },
    /// The window is no more.
    WindowClosed,
    /// The window is minimised, or on another workspace.
    WindowHidden,
    /// On Wayland only the desktop itself can tell what to capture.
    AskedByTheDesktop,
    /// The desktop has no dialog for it.
    NoPortal(String),
    /// The person said no.
    PortalRefused,
    /// What was captured is over; capturing it again would open the dialog.
    PortalEnded,

    /// There is none.
    NoCamera,
    /// The picked one is not there.
    CameraMissing(String),
    /// The one in use was pulled out.
    Unplugged(Message),
    /// Another program has it.
    Busy(Message),
    /// This user may not use it.
    Forbidden(Message, &'static str),
    /// It delivers only what cannot be decoded here.
    CameraFormats(Message),

    /// The overlay's camera is what the picture is of.
    AlreadyBeneath,

    /// Neither PulseAudio nor PipeWire.
    NoSoundSystem,
    /// There is none.
    NoMicrophone,
    /// The picked one is not there.
    MicrophoneMissing(String),
    /// There is no output whose sound could be captured.
    NoComputerSound,
}

impl SourceError {
    /// What happened and what to do.
    pub(super) fn message(&self) -> Message {
        let named = |id, name: &Message| Message::new(id).with("name", name.clone());
        let device = |id, name: &String| Message::new(id).with("name", name.as_str());
        let file = |id, path: &Path| Message::new(id).with("path", path.display().to_string());
        let because = |id, why: &String| Message::new(id).with("why", why.as_str());
        match self {
            Self::PartMissing { element, package } => Message::new("source-part-missing")
                .with("element", *element)
                .with("package", *package),
            Self::GStreamer(why) => because("source-gstreamer", why),
            Self::Silent(name) => named("source-silent", name),
            Self::NoAnswer(name) => named("source-no-answer", name),
            Self::Ended(name) => named("source-ended", name),
            Self::Failed {
                source_name,
                reason,
            } => named("source-failed", source_name).with("why", reason.as_str()),
            Self::FileMissing(path) => file("source-file-missing", path),
            Self::FileForbidden(path) => file("source-file-forbidden", path),
            Self::NotAVideo(path) => file("source-not-a-video", path),
            Self::NoScreen => Message::new("source-no-screen"),
            Self::NoDisplay(why) => because("source-no-display", why),
            Self::ScreenColours => Message::new("source-screen-colours"),
            Self::MonitorMissing(name) => device("source-monitor-missing", name),
            Self::RegionOutside { width, height } => Message::new("source-region-outside")
                .with("width", width.to_string())
                .with("height", height.to_string()),
            Self::WindowClosed => Message::new("source-window-closed"),
            Self::WindowHidden => Message::new("source-window-hidden"),
            Self::AskedByTheDesktop => Message::new("source-asked-by-the-desktop"),
            Self::NoPortal(why) => because("source-no-portal", why),
            Self::PortalRefused => Message::new("source-portal-refused"),
            Self::PortalEnded => Message::new("source-portal-ended"),
            Self::NoCamera => Message::new("source-no-camera"),
            Self::CameraMissing(name) => device("source-camera-missing", name),
            Self::Unplugged(name) => named("source-unplugged", name),
            Self::Busy(name) => named("source-busy", name),
            Self::Forbidden(name, group) => named("source-forbidden", name).with("group", *group),
            Self::CameraFormats(name) => named("source-camera-formats", name),
            Self::AlreadyBeneath => Message::new("source-already-beneath"),
            Self::NoSoundSystem => Message::new("source-no-sound-system"),
            Self::NoMicrophone => Message::new("source-no-microphone"),
            Self::MicrophoneMissing(name) => device("source-microphone-missing", name),
            Self::NoComputerSound => Message::new("source-no-computer-sound"),
        }
    }

    /// Whether trying again by itself would annoy the person, who has to pick something first.
    pub(super) fn waits_for_the_person(&self) -> bool {
        matches!(
            self,
            Self::PortalRefused | Self::PortalEnded | Self::AlreadyBeneath
        )
    }
}

impl fmt::Display for SourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.message().fmt(f)
    }
}

impl std::error::Error for SourceError {}
