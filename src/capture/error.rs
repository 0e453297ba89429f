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
}

impl SourceError {
    /// Whether trying again by itself would annoy the person, who has to pick something first.
    pub(super) fn waits_for_the_person(&self) -> bool {
        false
    }
}
