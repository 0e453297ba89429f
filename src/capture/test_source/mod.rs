//! The built-in test source: a picture that says when it was made, and a flash and a beep at the same instants, so that
//! delay and lip sync can be measured anywhere down the stream. `docs/TEST-SOURCE.md` says how to read it.

mod beep;
mod canvas;
mod drawing;
mod grain;
mod strip;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use gst::ClockTime;

use super::error::SourceError;
use super::frames::FramePool;
use super::outlet::{PictureOutlet, SoundOutlet};
use super::worker::Worker;
use super::{Picture, PictureFormat, clock_time};
use drawing::Drawing;

pub(super) use drawing::Detail;
pub use strip::read_strip;

/// For this long at the beginning of each Unix second there is a flash, and a beep.
const SIGNAL_MILLIS: u64 = 100;
const SECOND: u64 = 1_000_000_000;

/// Starts to draw test pictures.
pub(super) fn start_picture(
    format: PictureFormat,
    detail: Detail,
    outlet: PictureOutlet,
) -> Result<Worker, SourceError> {
    let pool = FramePool::new(gst_video::VideoFormat::I420, format.resolution)?;
    let drawing = Drawing::new(pool.info(), detail).ok_or_else(|| unusable(format))?;
    let beat = Beat::new(format.frames_per_second);
    // Begins with the next frame: one that was due before the source was picked is a frame of the past.
    let mut last = beat.frame_at(unix_nanos(SystemTime::now()));
    Worker::start("test picture", move || {
        // Both clocks at once: drawing takes a moment, and the system may take the processor away for longer.
        let (now, clock_now) = (unix_nanos(SystemTime::now()), clock_time());
        let frame = beat.frame_at(now);
        if last != frame {
            last = frame;
            let late = ClockTime::from_nseconds(now - frame);
            let (buffer, ()) = pool.fill(|memory| drawing.draw(memory, frame / 1_000_000))?;
            outlet.deliver(Picture {
                buffer,
                captured_at: clock_now.saturating_sub(late),
            });
        }
        let now = unix_nanos(SystemTime::now());
        Ok(Duration::from_nanos(
            beat.frame_after(frame).saturating_sub(now),
        ))
    })
}

/// Starts to beep.
pub(super) fn start_sound(outlet: SoundOutlet) -> Result<Worker, SourceError> {
    beep::start(outlet)
}

fn unusable(format: PictureFormat) -> SourceError {
    let resolution = format.resolution;
    SourceError::GStreamer(format!(
        "a picture of {}x{} cannot be laid out",
        resolution.width, resolution.height
    ))
}

fn unix_nanos(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}

/// When frames are due: evenly, and one exactly at the beginning of each Unix second, where the flash begins.
struct Beat {
    per_second: u64,
}

impl Beat {
    fn new(frames_per_second: u32) -> Self {
        Self {
            per_second: u64::from(frames_per_second.max(1)),
        }
    }

    /// The Unix time in nanoseconds of the newest frame that is due.
    fn frame_at(&self, unix_nanos: u64) -> u64 {
        let (second, nanos) = (unix_nanos / SECOND, unix_nanos % SECOND);
        self.nth(second, nanos * self.per_second / SECOND)
    }

    /// The one after it.
    fn frame_after(&self, frame: u64) -> u64 {
        let (second, nanos) = (frame / SECOND, frame % SECOND);
        self.nth(second, nanos * self.per_second / SECOND + 1)
    }

    fn nth(&self, second: u64, frame: u64) -> u64 {
        second * SECOND + (frame * SECOND).div_ceil(self.per_second)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_has_exactly_the_wanted_frames_the_first_at_its_very_beginning() {
        for rate in [5, 24, 30, 50, 60] {
            let beat = Beat::new(rate);
            let mut frame = 1_800_000_000 * SECOND;
            for _ in 0..rate {
                assert_eq!(beat.frame_at(frame), frame);
                frame = beat.frame_after(frame);
            }
            assert_eq!(frame, 1_800_000_001 * SECOND);
        }
    }

    #[test]
    fn the_frame_that_is_due_is_never_in_the_future_and_never_older_than_one_frame() {
        let beat = Beat::new(30);
        for now in (0..3 * SECOND).step_by(1_234_567) {
            let frame = beat.frame_at(now);
            assert!(
                frame <= now && now - frame <= SECOND / 30 + 1,
                "{now}: {frame}"
            );
        }
    }
}
