//! The picture that stands in for a source that is not there.

use gst::prelude::*;
use gst_app::AppSink;

use super::error::SourceError;
use super::pipeline::{element, picture_caps};
use super::{Picture, PictureFormat, clock_time};

/// What viewers read. It does not say what the streamer reads: file names are none of their business.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Notice {
    /// The source takes its time.
    Opening,
    /// The source is gone.
    Gone,
}

impl Notice {
    fn text(self) -> &'static str {
        match self {
            Self::Opening => "The picture is coming",
            Self::Gone => {
                "The source is gone\nThe broadcast goes on. The picture returns by itself."
            }
        }
    }
}

/// Longer than drawing one picture takes on anything.
const PATIENCE: gst::ClockTime = gst::ClockTime::from_seconds(5);

/// Draws a notice. It takes some hundredths of a second, and waits for a thread of GStreamer's.
pub(super) fn draw(notice: Notice, format: PictureFormat) -> Result<Picture, SourceError> {
    let source = element("videotestsrc", "gstreamer1.0-plugins-base")?;
    source.set_property("num-buffers", 1_i32);
    source.set_property_from_str("pattern", "solid-color");
    source.set_property("foreground-color", 0xff20_2830_u32);
    let caps = element("capsfilter", "libgstreamer1.0-0")?;
    caps.set_property("caps", picture_caps(format));
    let text = element("textoverlay", "gstreamer1.0-plugins-base")?;
    text.set_property("text", notice.text());
    // The font's size counts for a picture 640 wide, and is scaled with it.
    text.set_property("font-desc", "Sans 16");
    text.set_property_from_str("halignment", "center");
    text.set_property_from_str("valignment", "center");
    let sink = AppSink::builder().sync(false).build();
    let pipeline = gst::Pipeline::new();
    let chain = [&source, &caps, &text, sink.upcast_ref()];
    let sample = pipeline
        .add_many(chain)
        .and_then(|()| gst::Element::link_many(chain))
        .map(|()| {
            let started = pipeline.set_state(gst::State::Playing);
            started.ok().and_then(|_| sink.try_pull_sample(PATIENCE))
        });
    let stopped = pipeline.set_state(gst::State::Null);
    let buffer = sample
        .ok()
        .flatten()
        .and_then(|sample| sample.buffer_owned());
    match (buffer, stopped) {
        (Some(buffer), Ok(_)) => Ok(Picture {
            buffer,
            captured_at: clock_time(),
        }),
        _ => Err(SourceError::GStreamer("no text can be drawn".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::segmenter::Resolution;

    #[test]
    fn a_notice_is_a_picture_of_the_formats_size_with_something_written_in_it() {
        gst::init().unwrap();
        for (width, height) in [(1280, 720), (640, 360), (854, 480), (1920, 1080)] {
            let format = PictureFormat {
                resolution: Resolution { width, height },
                frames_per_second: 30,
            };
            let picture = draw(Notice::Gone, format).unwrap();
            let info = gst_video::VideoInfo::from_caps(&picture_caps_fixed(format)).unwrap();
            assert_eq!(picture.buffer.size(), info.size());
            let map = picture.buffer.map_readable().unwrap();
            let luma = &map[..(width * height) as usize];
            let bright = luma.iter().filter(|&&y| y > 200).count();
            let dark = luma.iter().filter(|&&y| y < 60).count();
            assert!(
                bright * 200 > luma.len(),
                "{bright} bright of {}",
                luma.len()
            );
            assert!(dark * 2 > luma.len());
        }
    }

    fn picture_caps_fixed(format: PictureFormat) -> gst::Caps {
        let mut caps = picture_caps(format);
        caps.make_mut().set("framerate", gst::Fraction::new(30, 1));
        caps
    }
}
