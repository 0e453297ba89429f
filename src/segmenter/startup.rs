//! GStreamer and the muxer, ready to use.

use std::sync::OnceLock;

use super::SegmenterError;

/// Starts GStreamer and registers the muxer, once.
pub(super) fn start_gstreamer() -> Result<(), SegmenterError> {
    static STARTED: OnceLock<Result<(), SegmenterError>> = OnceLock::new();
    let start = || {
        let failed = |error: gst::glib::Error| SegmenterError::GStreamer(error.to_string());
        gst::init().map_err(failed)?;
        gstfmp4::plugin_register_static()
            .map_err(|error| SegmenterError::GStreamer(error.to_string()))
    };
    STARTED.get_or_init(start).clone()
}
