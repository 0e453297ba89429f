//! Sizes and rates that people know by name.

use super::{Bitrate, Encoding, Resolution};

/// A picture's size and rates that go together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Preset {
    /// The picture's size.
    pub resolution: Resolution,
    /// Frames a second.
    pub frames_per_second: u32,
    /// A rate at which people and games look good and text is legible, on the low side of what broadcasting services
    /// recommend: every viewer passes it on.
    pub video_bitrate: Bitrate,
}

const fn preset((width, height): (u32, u32), frames_per_second: u32, kilobits: u64) -> Preset {
    Preset {
        resolution: Resolution { width, height },
        frames_per_second,
        video_bitrate: Bitrate::from_kilobits_per_second(kilobits),
    }
}

/// All presets, least demanding first.
pub const PRESETS: [Preset; 8] = [
    preset((640, 360), 30, 800),
    preset((640, 360), 60, 1200),
    preset((854, 480), 30, 1300),
    preset((854, 480), 60, 2000),
    preset((1280, 720), 30, 2500),
    preset((1280, 720), 60, 3800),
    preset((1920, 1080), 30, 4500),
    preset((1920, 1080), 60, 6500),
];

impl Preset {
    /// The preset of that size and rate.
    fn of(resolution: Resolution, frames_per_second: u32) -> Option<&'static Self> {
        PRESETS.iter().find(|preset| {
            preset.resolution == resolution && preset.frames_per_second == frames_per_second
        })
    }

    /// Sets an encoding's size and rates, and nothing else.
    pub fn apply(&self, encoding: &mut Encoding) {
        encoding.resolution = self.resolution;
        encoding.frames_per_second = self.frames_per_second;
        encoding.video_bitrate = self.video_bitrate;
    }
}

impl Bitrate {
    /// What looks good at any size and rate: the presets' bits a pixel, fewer at high rates, where pictures differ less.
    pub fn fitting(resolution: Resolution, frames_per_second: u32) -> Self {
        if let Some(preset) = Preset::of(resolution, frames_per_second) {
            return preset.video_bitrate;
        }
        let pixels = u64::from(resolution.width) * u64::from(resolution.height);
        // 720p30 is 2,500 kbit/s; the rate grows with pixels to the power of 3/4 and with frames to the power of 3/5.
        let size = (pixels as f64 / (1280.0 * 720.0)).powf(0.75);
        let rate = (f64::from(frames_per_second) / 30.0).powf(0.6);
        let kilobits = (2500.0 * size * rate / 100.0).round() as u64 * 100;
        Self::from_kilobits_per_second(kilobits)
            .clamp(Encoding::LEAST_BITRATE, Encoding::MOST_BITRATE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_preset_is_a_valid_encoding() {
        for preset in PRESETS {
            let mut encoding = Encoding::default();
            preset.apply(&mut encoding);
            encoding.check().unwrap();
        }
    }

    #[test]
    fn a_custom_size_gets_a_rate_like_its_neighbours() {
        let between = Resolution {
            width: 1024,
            height: 576,
        };
        let rate = Bitrate::fitting(between, 30).bits_per_second();
        assert!((1_300_000..2_500_000).contains(&rate));
    }
}
