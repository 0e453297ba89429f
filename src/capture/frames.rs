//! Buffers for pictures that are made here, used again when whoever had them is done.

use gst::prelude::*;

use super::error::SourceError;
use crate::segmenter::Resolution;

/// Buffers of one size and format.
pub(super) struct FramePool {
    pool: gst::BufferPool,
    info: gst_video::VideoInfo,
    caps: gst::Caps,
}

impl FramePool {
    pub(super) fn new(
        format: gst_video::VideoFormat,
        resolution: Resolution,
    ) -> Result<Self, SourceError> {
        let info = gst_video::VideoInfo::builder(format, resolution.width, resolution.height)
            .build()
            .map_err(cannot_allocate)?;
        let caps = info.to_caps().map_err(cannot_allocate)?;
        let size = u32::try_from(info.size()).map_err(cannot_allocate)?;
        let pool = gst::BufferPool::new();
        let mut config = pool.config();
        // No upper bound here: each picture is held for a moment, by queues that are bounded.
        config.set_params(Some(&caps), size, 2, 0);
        pool.set_config(config).map_err(cannot_allocate)?;
        pool.set_active(true).map_err(cannot_allocate)?;
        Ok(Self { pool, info, caps })
    }

    pub(super) fn info(&self) -> &gst_video::VideoInfo {
        &self.info
    }

    pub(super) fn caps(&self) -> &gst::Caps {
        &self.caps
    }

    /// A buffer that `draw` has filled, and what it said. What is in it before is old.
    pub(super) fn fill<T>(
        &self,
        draw: impl FnOnce(&mut [u8]) -> T,
    ) -> Result<(gst::Buffer, T), SourceError> {
        let mut buffer = self.pool.acquire_buffer(None).map_err(cannot_allocate)?;
        let mut map = buffer
            .get_mut()
            .ok_or("it is in use")
            .map_err(cannot_allocate)?
            .map_writable()
            .map_err(cannot_allocate)?;
        let drawn = draw(&mut map);
        drop(map);
        Ok((buffer, drawn))
    }
}

impl Drop for FramePool {
    fn drop(&mut self) {
        if self.pool.set_active(false).is_err() {
            tracing::warn!("a pool of pictures does not close");
        }
    }
}

fn cannot_allocate(error: impl std::fmt::Display) -> SourceError {
    SourceError::GStreamer(format!("no memory for pictures ({error})"))
}
