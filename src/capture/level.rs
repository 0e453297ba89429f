//! How loud the picked sound is, for a meter that a person looks at before and while live.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::{CHANNELS, Sound};

/// How often the meter moves. Ten times a second looks alive and costs one number.
const STEP: gst::ClockTime = gst::ClockTime::from_mseconds(100);

/// The loudest moment of one channel's last tenth of a second, in whole decibels below the loudest sound there can be
/// (dBFS).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Peak(u8);

impl Peak {
    /// Nothing is heard, or hardly anything.
    pub const SILENCE: Self = Self(60);
    /// Louder than this, the next louder word is cut off.
    const TOO_LOUD: Self = Self(2);
    /// Softer than this, viewers turn their volume up.
    const QUIET: Self = Self(36);

    /// That of a sample's distance from zero, of which 1 is the largest.
    pub fn of(amplitude: f32) -> Self {
        // What is no number, and what is softer than -60 dB, is silence.
        if amplitude.is_nan() || amplitude <= 0.001 {
            return Self::SILENCE;
        }
        let below = -20.0 * amplitude.min(1.0).log10();
        // From 0 to 60.
        Self(below.round() as u8)
    }

    /// From 0, silence, to 1, the loudest.
    pub fn height(self) -> f32 {
        1.0 - f32::from(self.0) / f32::from(Self::SILENCE.0)
    }

    /// In dBFS: 0 is the loudest, -60 silence.
    pub fn decibels(self) -> i32 {
        -i32::from(self.0)
    }
}

/// How loud sound is, left and right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SoundLevel(pub [Peak; CHANNELS]);

impl Default for SoundLevel {
    fn default() -> Self {
        Self([Peak::SILENCE; CHANNELS])
    }
}

/// What a level means for viewers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loudness {
    /// They hear nothing.
    Silent,
    /// They turn their volume up.
    Quiet,
    /// As it should be.
    Good,
    /// They hear it distorted.
    TooLoud,
}

impl SoundLevel {
    /// What it means.
    pub fn loudness(self) -> Loudness {
        match self.loudest() {
            Peak::SILENCE => Loudness::Silent,
            peak if peak <= Peak::TOO_LOUD => Loudness::TooLoud,
            peak if peak >= Peak::QUIET => Loudness::Quiet,
            _ => Loudness::Good,
        }
    }

    /// That of the louder channel.
    pub fn loudest(self) -> Peak {
        self.0.into_iter().min().unwrap_or(Peak::SILENCE)
    }
}

/// Measures sound that passes by.
#[derive(Debug)]
pub struct LevelMeter {
    measuring: Mutex<Measuring>,
    levels: watch::Sender<SoundLevel>,
}

#[derive(Debug, Default)]
struct Measuring {
    /// When the step began that is being measured.
    since: gst::ClockTime,
    loudest: [f32; CHANNELS],
    /// Whether something was heard since [`LevelMeter::look`].
    heard: bool,
}

impl Default for LevelMeter {
    fn default() -> Self {
        Self {
            measuring: Mutex::default(),
            levels: watch::Sender::new(SoundLevel::default()),
        }
    }
}

impl LevelMeter {
    /// Measures some sound. It is as cheap as looking at each sample once.
    pub fn hear(&self, sound: &Sound) {
        let mut measuring = self.measuring();
        measuring.heard = true;
        for pair in sound.samples.chunks_exact(CHANNELS) {
            for (loudest, sample) in measuring.loudest.iter_mut().zip(pair) {
                *loudest = loudest.max(sample.abs());
            }
        }
        // Another source's clock stamps may lie before the last one's.
        let is_over = match sound.captured_at.checked_sub(measuring.since) {
            Some(measured) => measured >= STEP,
            None => true,
        };
        if is_over {
            let level = SoundLevel(measuring.loudest.map(Peak::of));
            measuring.since = sound.captured_at;
            measuring.loudest = [0.0; CHANNELS];
            drop(measuring);
            self.show(level);
        }
    }

    /// To be called now and then: a source that delivers no more sound is silent.
    pub fn look(&self) {
        let heard = std::mem::take(&mut self.measuring().heard);
        if !heard {
            self.show(SoundLevel::default());
        }
    }

    /// The level, as it changes.
    pub fn levels(&self) -> watch::Receiver<SoundLevel> {
        self.levels.subscribe()
    }

    fn show(&self, level: SoundLevel) {
        self.levels
            .send_if_modified(|shown| std::mem::replace(shown, level) != level);
    }

    fn measuring(&self) -> MutexGuard<'_, Measuring> {
        // Numbers that are each whole at any time.
        self.measuring
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sound(millis: u64, left: f32, right: f32) -> Sound {
        Sound {
            samples: [left, right].repeat(480),
            captured_at: gst::ClockTime::from_mseconds(millis),
        }
    }

    #[test]
    fn the_loudest_moment_of_each_channel_is_shown() {
        let meter = LevelMeter::default();
        let levels = meter.levels();
        for step in 0..=20 {
            let left = if step == 13 { -0.5 } else { 0.01 };
            meter.hear(&sound(1000 + step * 10, left, 0.0));
        }
        let SoundLevel([left, right]) = *levels.borrow();
        assert_eq!((left.decibels(), right.decibels()), (-6, -60));
    }

    #[test]
    fn a_source_that_fell_silent_is_not_shown_as_loud_for_ever() {
        let meter = LevelMeter::default();
        let levels = meter.levels();
        meter.hear(&sound(1000, 0.5, 0.5));
        meter.look();
        assert_eq!(levels.borrow().loudness(), Loudness::Good);
        meter.look();
        assert_eq!(levels.borrow().loudness(), Loudness::Silent);
    }

    #[test]
    fn a_level_is_told_in_words() {
        let loudness = |amplitude| SoundLevel([Peak::of(amplitude); 2]).loudness();
        assert_eq!(loudness(0.0), Loudness::Silent);
        assert_eq!(loudness(f32::NAN), Loudness::Silent);
        assert_eq!(loudness(0.005), Loudness::Quiet);
        assert_eq!(loudness(0.25), Loudness::Good);
        assert_eq!(loudness(1.0), Loudness::TooLoud);
        assert_eq!(loudness(7.0), Loudness::TooLoud);
    }
}
