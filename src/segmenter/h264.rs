//! The encoders for H.264 that a machine may have, and how each is told the same things: a constant bit rate, no frames
//! out of order, no looking ahead, key frames only where they are due.
//!
//! x264 and OpenH264 are tested. The settings of the others follow GStreamer's documentation of them.

use gst::prelude::*;

use super::cadence::Cadence;
use super::{EncoderChoice, Encoding, SegmenterError};

/// The decoder's buffer that the rate is kept for, in milliseconds: a key frame may take so much of the rate. x264's default.
const BUFFER_MS: u64 = 600;

/// One GStreamer element that encodes H.264.
pub(super) struct Encoder {
    pub(super) choice: EncoderChoice,
    element: &'static str,
    settings: fn(Rates) -> Vec<(&'static str, String)>,
    /// Its driver needs the level to be told.
    needs_level: bool,
}

/// What an encoder is told.
#[derive(Clone, Copy)]
struct Rates {
    bits: u64,
    kilobits: u64,
    /// Kilobits of the decoder's buffer.
    buffer: u64,
    /// Frames from key frame to key frame.
    group: u64,
}

/// Best first: those in hardware cost next to nothing, x264 looks best of the others.
static ENCODERS: [Encoder; 7] = [
    Encoder {
        choice: EncoderChoice::VaApi,
        element: "vah264enc",
        settings: va,
        needs_level: false,
    },
    Encoder {
        choice: EncoderChoice::VaApi,
        element: "vah264lpenc",
        settings: va,
        needs_level: false,
    },
    Encoder {
        choice: EncoderChoice::VaApi,
        element: "vaapih264enc",
        settings: vaapi,
        needs_level: false,
    },
    Encoder {
        choice: EncoderChoice::Nvenc,
        element: "nvh264enc",
        settings: nvenc,
        needs_level: false,
    },
    Encoder {
        choice: EncoderChoice::V4l2,
        element: "v4l2h264enc",
        settings: v4l2,
        needs_level: true,
    },
    Encoder {
        choice: EncoderChoice::X264,
        element: "x264enc",
        settings: x264,
        needs_level: false,
    },
    Encoder {
        choice: EncoderChoice::OpenH264,
        element: "openh264enc",
        settings: openh264,
        needs_level: false,
    },
];

/// The encoders that are worth trying for a choice, best first.
pub(super) fn candidates(choice: EncoderChoice) -> Result<Vec<&'static Encoder>, SegmenterError> {
    let automatic = choice == EncoderChoice::Automatic;
    let found: Vec<_> = ENCODERS
        .iter()
        .filter(|encoder| (automatic || encoder.choice == choice) && encoder.opens())
        .collect();
    match found.is_empty() {
        false => Ok(found),
        true if automatic => Err(SegmenterError::NoVideoEncoder),
        true => Err(SegmenterError::EncoderUnavailable(choice)),
    }
}

impl Encoder {
    pub(super) fn name(&self) -> &'static str {
        self.choice.name()
    }

    /// Whether it works depends on a device and its driver.
    pub(super) fn is_hardware(&self) -> bool {
        !matches!(
            self.choice,
            EncoderChoice::X264 | EncoderChoice::OpenH264 | EncoderChoice::Automatic
        )
    }

    fn opens(&self) -> bool {
        let Ok(element) = gst::ElementFactory::make(self.element).build() else {
            return false;
        };
        let opens = element.set_state(gst::State::Ready).is_ok();
        // Going down from READY does not fail, and nothing depends on it.
        let _ = element.set_state(gst::State::Null);
        opens
    }

    /// The element with all its settings.
    pub(super) fn build(&self, encoding: &Encoding) -> Result<gst::Element, SegmenterError> {
        let element = gst::ElementFactory::make(self.element)
            .build()
            .map_err(|_| SegmenterError::EncoderUnavailable(self.choice))?;
        let bits = encoding.video_bitrate.bits_per_second();
        let rates = Rates {
            bits,
            kilobits: bits / 1000,
            buffer: bits * BUFFER_MS / 1_000_000,
            group: Cadence::new(encoding).frames_per_group(),
        };
        for (name, value) in (self.settings)(rates) {
            set(&element, name, &value);
        }
        Ok(element)
    }

    /// What it is asked to make.
    pub(super) fn caps(&self, encoding: &Encoding) -> gst::Caps {
        let caps = gst::Caps::builder("video/x-h264").field("profile", "high");
        if self.needs_level {
            caps.field("level", level(encoding)).build()
        } else {
            caps.build()
        }
    }
}

/// Sets a property that this version of the element, or its driver, may lack.
fn set(element: &gst::Element, name: &str, value: &str) {
    let Some(property) = element.find_property(name) else {
        tracing::debug!("{} has no {name}", element.name());
        return;
    };
    match gst::glib::Value::deserialize_with_pspec(value, &property) {
        Ok(value) => element.set_property_from_value(name, &value),
        Err(_) => tracing::debug!("{} does not take {value} as {name}", element.name()),
    }
}

/// Macroblocks a second that a level allows at most, by table A-1 of H.264.
const LEVELS: [(u64, &str); 6] = [
    (40_500, "3"),
    (108_000, "3.1"),
    (216_000, "3.2"),
    (245_760, "4"),
    (522_240, "4.2"),
    (983_040, "5.1"),
];

/// The least level for a size and rate.
fn level(encoding: &Encoding) -> &'static str {
    let resolution = encoding.resolution;
    let macroblocks = u64::from(resolution.width.div_ceil(16))
        * u64::from(resolution.height.div_ceil(16))
        * u64::from(encoding.frames_per_second);
    LEVELS
        .iter()
        .find(|(most, _)| macroblocks <= *most)
        .map_or("5.2", |(_, level)| level)
}

fn settings<const N: usize>(pairs: [(&'static str, u64); N]) -> Vec<(&'static str, String)> {
    pairs.map(|(name, value)| (name, value.to_string())).into()
}

fn words<const N: usize>(
    pairs: [(&'static str, &str); N],
) -> impl Iterator<Item = (&'static str, String)> {
    pairs
        .into_iter()
        .map(|(name, value)| (name, value.to_owned()))
}

fn x264(rates: Rates) -> Vec<(&'static str, String)> {
    let mut all = settings([
        ("bitrate", rates.kilobits),
        ("vbv-buf-capacity", BUFFER_MS),
        ("key-int-max", rates.group),
        ("bframes", 0),
    ]);
    all.extend(words([
        ("speed-preset", "veryfast"),
        ("tune", "zerolatency"),
        // A cut in the picture does not make a key frame: groups and segments stay regular.
        ("option-string", "scenecut=0"),
    ]));
    all
}

fn openh264(rates: Rates) -> Vec<(&'static str, String)> {
    let mut all = settings([
        ("bitrate", rates.bits),
        ("max-bitrate", rates.bits * 3 / 2),
        ("gop-size", rates.group),
    ]);
    all.extend(words([
        ("rate-control", "bitrate"),
        ("complexity", "low"),
        ("scene-change-detection", "false"),
        ("enable-frame-skip", "false"),
        ("slice-mode", "auto"),
    ]));
    all
}

fn va(rates: Rates) -> Vec<(&'static str, String)> {
    let mut all = settings([
        ("bitrate", rates.kilobits),
        ("cpb-size", rates.buffer),
        ("key-int-max", rates.group),
        ("b-frames", 0),
        ("ref-frames", 1),
    ]);
    all.extend(words([
        ("rate-control", "cbr"),
        ("cabac", "true"),
        ("dct8x8", "true"),
    ]));
    all
}

fn vaapi(rates: Rates) -> Vec<(&'static str, String)> {
    let mut all = settings([
        ("bitrate", rates.kilobits),
        ("cpb-length", BUFFER_MS),
        ("keyframe-period", rates.group),
        ("max-bframes", 0),
        ("refs", 1),
    ]);
    all.extend(words([
        ("rate-control", "cbr"),
        ("cabac", "true"),
        ("dct8x8", "true"),
    ]));
    all
}

fn nvenc(rates: Rates) -> Vec<(&'static str, String)> {
    let mut all = settings([
        ("bitrate", rates.kilobits),
        ("vbv-buffer-size", rates.buffer),
        ("gop-size", rates.group),
        ("bframes", 0),
        ("rc-lookahead", 0),
    ]);
    all.extend(words([
        ("rc-mode", "cbr"),
        ("preset", "low-latency-hq"),
        ("zerolatency", "true"),
        ("i-adapt", "false"),
        ("b-adapt", "false"),
    ]));
    all
}

fn v4l2(rates: Rates) -> Vec<(&'static str, String)> {
    // Names of the kernel's controls. 1 is constant bit rate.
    let controls = format!(
        "controls, video_bitrate_mode=1, video_bitrate={}, video_gop_size={group}, h264_i_frame_period={group}, \
         video_b_frames=0, repeat_sequence_header=1",
        rates.bits,
        group = rates.group,
    );
    vec![("extra-controls", controls)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_level_fits_size_and_rate() {
        let mut encoding = Encoding::default();
        assert_eq!(level(&encoding), "3.1");
        encoding.resolution = "1080p".parse().unwrap();
        assert_eq!(level(&encoding), "4");
        encoding.frames_per_second = 60;
        assert_eq!(level(&encoding), "4.2");
    }

    #[test]
    fn software_encoders_know_every_setting() {
        super::super::startup::start_gstreamer().unwrap();
        for encoder in ENCODERS.iter().filter(|encoder| !encoder.is_hardware()) {
            let Ok(element) = gst::ElementFactory::make(encoder.element).build() else {
                continue;
            };
            let rates = Rates {
                bits: 2_500_000,
                kilobits: 2500,
                buffer: 1500,
                group: 60,
            };
            for (name, value) in (encoder.settings)(rates) {
                let property = element.find_property(name).unwrap();
                gst::glib::Value::deserialize_with_pspec(&value, &property).unwrap();
            }
        }
    }
}
