//! How sizes, rates and encoders are written for people and on the command line.

use std::fmt;
use std::str::FromStr;

use super::{Bitrate, EncoderChoice, Resolution};

/// A word that cannot be understood; the message says what can.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{word:?} is not {expected}")]
pub struct Misspelt {
    word: String,
    expected: &'static str,
}

fn misspelt(word: &str, expected: &'static str) -> Misspelt {
    Misspelt {
        word: word.to_owned(),
        expected,
    }
}

/// Heights that people name a size by, and the size.
const NAMED_SIZES: [(&str, u32, u32); 6] = [
    ("360p", 640, 360),
    ("480p", 854, 480),
    ("540p", 960, 540),
    ("720p", 1280, 720),
    ("1080p", 1920, 1080),
    ("1440p", 2560, 1440),
];

impl FromStr for Resolution {
    type Err = Misspelt;

    fn from_str(word: &str) -> Result<Self, Misspelt> {
        if let Some((_, width, height)) = NAMED_SIZES.iter().find(|(name, ..)| *name == word) {
            return Ok(Self {
                width: *width,
                height: *height,
            });
        }
        let expected = "a size; write 1280x720 or 720p";
        let (width, height) = word.split_once('x').ok_or(misspelt(word, expected))?;
        match (width.parse(), height.parse()) {
            (Ok(width), Ok(height)) => Ok(Self { width, height }),
            _ => Err(misspelt(word, expected)),
        }
    }
}

impl fmt::Display for Resolution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}", self.width, self.height)
    }
}

impl FromStr for Bitrate {
    type Err = Misspelt;

    fn from_str(word: &str) -> Result<Self, Misspelt> {
        let error = || misspelt(word, "a bit rate; write 2500k or 2.5M");
        let (number, unit) = match word.char_indices().next_back().ok_or_else(error)? {
            (end, 'k' | 'K') => (&word[..end], 1e3),
            (end, 'm' | 'M') => (&word[..end], 1e6),
            _ => (word, 1.0),
        };
        let plain = number.chars().all(|c| c.is_ascii_digit() || c == '.');
        match number.parse::<f64>() {
            // 2^53 bits a second are enough; beyond that, floats skip numbers.
            Ok(number) if plain && number * unit < 9e15 => {
                Ok(Self::from_bits_per_second((number * unit).round() as u64))
            }
            _ => Err(error()),
        }
    }
}

impl fmt::Display for Bitrate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kilobits = self.bits_per_second() as f64 / 1e3;
        if kilobits >= 1000.0 {
            write!(f, "{} Mbit/s", kilobits / 1e3)
        } else {
            write!(f, "{kilobits} kbit/s")
        }
    }
}

impl EncoderChoice {
    /// All of them, best first after the automatic one.
    pub const ALL: [Self; 6] = [
        Self::Automatic,
        Self::VaApi,
        Self::Nvenc,
        Self::V4l2,
        Self::X264,
        Self::OpenH264,
    ];

    /// Its name for people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Automatic => "Automatic",
            Self::VaApi => "VA-API",
            Self::Nvenc => "NVENC",
            Self::V4l2 => "V4L2",
            Self::X264 => "x264",
            Self::OpenH264 => "OpenH264",
        }
    }

    /// Its name on the command line.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Automatic => "auto",
            Self::VaApi => "vaapi",
            Self::Nvenc => "nvenc",
            Self::V4l2 => "v4l2",
            Self::X264 => "x264",
            Self::OpenH264 => "openh264",
        }
    }
}

impl FromStr for EncoderChoice {
    type Err = Misspelt;

    fn from_str(word: &str) -> Result<Self, Misspelt> {
        Self::ALL
            .into_iter()
            .find(|choice| choice.word() == word)
            .ok_or(misspelt(
                word,
                "an encoder; write auto, vaapi, nvenc, v4l2, x264 or openh264",
            ))
    }
}

impl fmt::Display for EncoderChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_written_in_pixels_or_by_height() {
        let hd = Resolution {
            width: 1280,
            height: 720,
        };
        assert_eq!("1280x720".parse(), Ok(hd));
        assert_eq!("720p".parse(), Ok(hd));
        assert_eq!(hd.to_string().parse(), Ok(hd));
        for wrong in ["", "720", "x", "1280x", "1280x-720", "1280x720x3", "721p"] {
            assert!(wrong.parse::<Resolution>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn rates_are_written_with_or_without_a_unit() {
        for (word, bits) in [
            ("2500k", 2_500_000),
            ("2.5M", 2_500_000),
            ("800000", 800_000),
            ("0.1m", 100_000),
        ] {
            assert_eq!(
                word.parse(),
                Ok(Bitrate::from_bits_per_second(bits)),
                "{word}"
            );
        }
        for wrong in [
            "",
            "k",
            "-5k",
            "2,5M",
            "1e6",
            "infinity",
            "nan",
            "2.5.1M",
            "99999999999M",
        ] {
            assert!(wrong.parse::<Bitrate>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn every_encoder_is_found_by_its_word() {
        for choice in EncoderChoice::ALL {
            assert_eq!(choice.word().parse(), Ok(choice));
        }
        let error = "h264".parse::<EncoderChoice>().unwrap_err();
        assert!(error.to_string().contains("openh264"));
    }
}
