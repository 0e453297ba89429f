//! The pictures that encoders get.

use super::{Encoding, SegmenterError};

/// What is said about pictures to an encoder.
pub(super) fn picture_info(encoding: &Encoding) -> Result<gst_video::VideoInfo, SegmenterError> {
    let resolution = encoding.resolution;
    gst_video::VideoInfo::builder(
        gst_video::VideoFormat::I420,
        resolution.width,
        resolution.height,
    )
    .fps(gst::Fraction::new(
        encoding.frames_per_second.cast_signed(),
        1,
    ))
    .colorimetry(&gst_video::VideoColorimetry::new(
        gst_video::VideoColorRange::Range16_235,
        gst_video::VideoColorMatrix::Bt709,
        gst_video::VideoTransferFunction::Bt709,
        gst_video::VideoColorPrimaries::Bt709,
    ))
    .build()
    .map_err(|_| SegmenterError::Resolution(resolution))
}

/// What is shown before the first picture.
pub(super) fn black_picture(encoding: &Encoding) -> Result<gst::Buffer, SegmenterError> {
    let info = picture_info(encoding)?;
    // Limited range: black is 16, no colour is 128.
    let mut planes = vec![128; info.size()];
    planes[..info.offset()[1]].fill(16);
    Ok(gst::Buffer::from_mut_slice(planes))
}
