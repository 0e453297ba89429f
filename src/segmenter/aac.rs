//! The encoders for AAC that a machine may have.

use super::SegmenterError;

/// Transparent for most ears in stereo, and a twentieth of the default picture's rate.
pub(crate) const BITS_PER_SECOND: u32 = 128_000;

/// Samples of one AAC frame.
pub(super) const FRAME: i64 = 1024;

/// One GStreamer element that encodes AAC-LC.
pub(super) struct Encoder {
    element: &'static str,
    /// Samples that decoders put out before the first one that went in.
    ///
    /// MP4 would say so with an edit list, which players of live streams treat differently. So the sound is encoded as
    /// much earlier instead, and needs no correction. Measured by where a tone begins.
    pub(super) delay: u64,
}

/// Best first.
static ENCODERS: [Encoder; 2] = [
    Encoder {
        element: "avenc_aac",
        delay: 1024,
    },
    Encoder {
        element: "voaacenc",
        delay: 1600,
    },
];

impl Encoder {
    /// The best that this machine has.
    pub(super) fn pick() -> Result<&'static Self, SegmenterError> {
        ENCODERS
            .iter()
            .find(|encoder| gst::ElementFactory::find(encoder.element).is_some())
            .ok_or(SegmenterError::NoSoundEncoder)
    }

    /// The element with all its settings.
    pub(super) fn build(&self) -> Result<gst::Element, SegmenterError> {
        gst::ElementFactory::make(self.element)
            .property("bitrate", BITS_PER_SECOND.cast_signed())
            .build()
            .map_err(|_| SegmenterError::NoSoundEncoder)
    }
}
