//! Which encoders this machine has, found out by trying each: a part of GStreamer may be missing, a device may be, and
//! drivers promise more than they keep.

use super::h264;
use super::{EncoderChoice, Encoding, trial};

/// One encoder, and whether it can be used here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FoundEncoder {
    /// Which.
    pub choice: EncoderChoice,
    /// Whether it can be used.
    pub state: EncoderState,
}

/// Whether an encoder can be used on this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EncoderState {
    /// It encoded some pictures.
    Works,
    /// Its part of GStreamer, its hardware or that one's driver is not there.
    Missing,
    /// It is there, and encodes nothing.
    Fails,
}

/// Tries all of them, best first. It blocks: a tenth of a second each, seconds where a driver hangs.
pub fn find_encoders() -> Vec<FoundEncoder> {
    let started = super::startup::start_gstreamer().is_ok();
    EncoderChoice::ALL
        .into_iter()
        .filter(|choice| *choice != EncoderChoice::Automatic)
        .map(|choice| FoundEncoder {
            choice,
            state: if started {
                state(choice)
            } else {
                EncoderState::Missing
            },
        })
        .collect()
}

/// What this machine can encode with, best first. It blocks as [`find_encoders`] does.
pub fn available_encoders() -> Vec<EncoderChoice> {
    find_encoders()
        .into_iter()
        .filter(|found| found.state == EncoderState::Works)
        .map(|found| found.choice)
        .collect()
}

fn state(choice: EncoderChoice) -> EncoderState {
    let Ok(candidates) = h264::candidates(choice) else {
        return EncoderState::Missing;
    };
    let encoding = Encoding::default();
    let mut candidates = candidates.into_iter();
    if candidates.any(|encoder| trial::encodes(encoder, &encoding)) {
        EncoderState::Works
    } else {
        EncoderState::Fails
    }
}
