//! Notices that a screen does not change, so that nothing is spent on showing the same again.

use gst::ClockTime;

use super::grab::Frame;

/// Even a screen that stands still shows this often that it is there.
const SIGN_OF_LIFE: ClockTime = ClockTime::from_mseconds(500);

/// Compares each picture with the one shown last.
#[derive(Default)]
pub(super) struct Stillness {
    shown: Option<(Frame, ClockTime)>,
}

impl Stillness {
    /// Whether a picture need not be shown; otherwise it is taken to be shown now.
    pub(super) fn holds(&mut self, frame: &Frame, now: ClockTime) -> bool {
        let holds = self.shown.as_ref().is_some_and(|(shown, at)| {
            now < *at + SIGN_OF_LIFE && shown.caps == frame.caps && is_same(shown, frame)
        });
        if !holds {
            self.shown = Some((frame.clone(), now));
        }
        holds
    }
}

fn is_same(one: &Frame, other: &Frame) -> bool {
    match (one.buffer.map_readable(), other.buffer.map_readable()) {
        (Ok(one), Ok(other)) => one.as_slice() == other.as_slice(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(pixels: &[u8]) -> Frame {
        gst::init().unwrap();
        Frame {
            buffer: gst::Buffer::from_slice(pixels.to_vec()),
            caps: gst::Caps::new_empty_simple("video/x-raw"),
        }
    }

    #[test]
    fn the_same_is_shown_once_and_then_now_and_then() {
        let mut stillness = Stillness::default();
        let shown = (0..90)
            .filter(|n| !stillness.holds(&frame(&[7; 64]), ClockTime::from_mseconds(n * 33)))
            .count();
        assert_eq!(shown, 6);
    }

    #[test]
    fn what_changes_is_shown_at_once() {
        let mut stillness = Stillness::default();
        for n in 0..10 {
            assert!(!stillness.holds(&frame(&[n; 64]), ClockTime::from_mseconds(n.into())));
        }
    }
}
