//! Whether an encoder really encodes: drivers promise more than they keep.

use gst::prelude::*;

use super::branches::PictureBranch;
use super::picture_format::black_picture;
use super::{Encoding, h264};

/// Drivers hold a few pictures back at first.
const PICTURES: u64 = 3;
/// The first use of a driver loads its firmware.
const PATIENCE: gst::ClockTime = gst::ClockTime::from_seconds(3);

/// Encodes some black pictures.
pub(super) fn encodes(encoder: &h264::Encoder, encoding: &Encoding) -> bool {
    let pipeline = gst::Pipeline::new();
    let worked = try_in(&pipeline, encoder, encoding).is_some();
    // Going down to NULL does not fail.
    let _ = pipeline.set_state(gst::State::Null);
    worked
}

fn try_in(pipeline: &gst::Pipeline, encoder: &h264::Encoder, encoding: &Encoding) -> Option<()> {
    let branch = PictureBranch::add_to(pipeline, encoding, encoder).ok()?;
    pipeline.set_state(gst::State::Playing).ok()?;
    let slot = gst::ClockTime::SECOND / u64::from(encoding.frames_per_second);
    for number in 0..PICTURES {
        let mut picture = black_picture(encoding).ok()?;
        let writable = picture.make_mut();
        writable.set_pts(slot * number);
        writable.set_duration(slot);
        branch.source.push_buffer(picture).ok()?;
    }
    branch.source.end_of_stream().ok()?;
    branch.sink.try_pull_sample(PATIENCE).map(|_| ())
}
