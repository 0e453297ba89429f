//! The test picture: a pure function of the time and the frame's size.
//!
//! The background is drawn once; a frame is a copy of it with what moves drawn over it.

use super::canvas::{Canvas, Colour, LETTER_ADVANCE, LETTER_HEIGHT, Layout};
use super::{SIGNAL_MILLIS, grain, strip};

/// The seven bars of a test card: white, yellow, cyan, green, magenta, red, blue, at three quarters (BT.709).
const BARS: [Colour; 7] = [
    Colour {
        y: 180,
        u: 128,
        v: 128,
    },
    Colour {
        y: 168,
        u: 44,
        v: 136,
    },
    Colour {
        y: 145,
        u: 147,
        v: 44,
    },
    Colour {
        y: 133,
        u: 63,
        v: 52,
    },
    Colour {
        y: 63,
        u: 193,
        v: 204,
    },
    Colour {
        y: 51,
        u: 109,
        v: 212,
    },
    Colour {
        y: 28,
        u: 212,
        v: 120,
    },
];
const WHITE: Colour = Colour::grey(strip::WHITE);
const BLACK: Colour = Colour::grey(strip::BLACK);
const BACKGROUND: Colour = Colour::grey(60);
const PANEL: Colour = Colour::grey(30);
const DISC: Colour = Colour {
    y: 150,
    u: 70,
    v: 190,
};

/// How much there is for an encoder to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::capture) enum Detail {
    /// Flat areas: next to no bits.
    Plain,
    /// Grain that is new in each frame: all the bits there are.
    Busy,
}

/// Draws test pictures of one size.
pub(super) struct Drawing {
    layout: Layout,
    detail: Detail,
    background: Vec<u8>,
}

impl Drawing {
    pub(super) fn new(info: &gst_video::VideoInfo, detail: Detail) -> Option<Self> {
        let layout = Layout::of(info)?;
        let mut background = vec![128; info.size()];
        draw_background(&mut Canvas::new(&mut background, layout), layout);
        Some(Self {
            layout,
            detail,
            background,
        })
    }

    /// Draws the picture of this Unix time in milliseconds over all of `memory`.
    pub(super) fn draw(&self, memory: &mut [u8], unix_millis: u64) {
        let Some(memory) = memory.get_mut(..self.background.len()) else {
            return;
        };
        memory.copy_from_slice(&self.background);
        let mut canvas = Canvas::new(memory, self.layout);
        if self.detail == Detail::Busy {
            // The strip, and a row of blocks below it, stay clear: an encoder short of bits blurs across blocks.
            let rows = 3 * strip::height(self.layout.width)..self.layout.height;
            canvas.shade(rows, grain::of(unix_millis));
        }
        self.draw_strip(&mut canvas, unix_millis);
        self.draw_flash(&mut canvas, unix_millis);
        self.draw_clock(&mut canvas, unix_millis);
        self.draw_motion(&mut canvas, unix_millis);
    }

    fn draw_strip(&self, canvas: &mut Canvas<'_>, unix_millis: u64) {
        let width = self.layout.width;
        for (block, white) in strip::blocks(unix_millis).into_iter().enumerate() {
            let columns = strip::block_start(block, width)..strip::block_start(block + 1, width);
            let colour = if white { WHITE } else { BLACK };
            canvas.rectangle(columns, 0..strip::height(width), colour);
        }
    }

    /// A square at the right, white for the first tenth of each second.
    fn draw_flash(&self, canvas: &mut Canvas<'_>, unix_millis: u64) {
        let (width, height) = (self.layout.width, self.layout.height);
        let lit = unix_millis % 1000 < SIGNAL_MILLIS;
        let columns = width * 3 / 4..width * 15 / 16;
        let rows = height / 5..height * 2 / 5;
        canvas.rectangle(columns, rows, if lit { WHITE } else { BLACK });
    }

    fn draw_clock(&self, canvas: &mut Canvas<'_>, unix_millis: u64) {
        let (seconds, millis) = (unix_millis / 1000, unix_millis % 1000);
        let (hours, minutes) = (seconds / 3600 % 24, seconds / 60 % 60);
        let text = format!(
            "{hours:02}:{minutes:02}:{:02}.{millis:03} UTC",
            seconds % 60
        );
        let (left, top, dot) = clock_place(self.layout);
        canvas.text(&text, left, top, dot, WHITE);
    }

    /// A disc that goes from side to side, and a bar under it that goes around once in two seconds.
    fn draw_motion(&self, canvas: &mut Canvas<'_>, unix_millis: u64) {
        let (width, height) = (self.layout.width, self.layout.height);
        let radius = height / 16;
        let phase = (unix_millis % 4000) as usize;
        let there_and_back = phase.min(4000 - phase);
        let x = radius + (width - 2 * radius) * there_and_back / 2000;
        canvas.disc((x, height * 10 / 16), radius, DISC);
        let bar = (unix_millis % 2000) as usize * width / 2000;
        let columns = bar..bar + width / 40;
        canvas.rectangle(columns, height * 23 / 32..height * 3 / 4, WHITE);
    }
}

fn draw_background(canvas: &mut Canvas<'_>, layout: Layout) {
    let Layout { width, height, .. } = layout;
    canvas.rectangle(0..width, 0..height, BACKGROUND);
    for (bar, colour) in BARS.into_iter().enumerate() {
        let columns = bar * width / BARS.len()..(bar + 1) * width / BARS.len();
        canvas.rectangle(columns, height * 3 / 4..height, colour);
    }
    let (left, top, dot) = clock_place(layout);
    let columns = left - 2 * dot..left + (CLOCK_LETTERS * LETTER_ADVANCE + 1) * dot;
    canvas.rectangle(
        columns,
        top - 2 * dot..top + (LETTER_HEIGHT + 2) * dot,
        PANEL,
    );
}

/// `hh:mm:ss.mmm UTC`.
const CLOCK_LETTERS: usize = 16;

/// Where the clock begins, and how large its dots are.
fn clock_place(layout: Layout) -> (usize, usize, usize) {
    let dot = (layout.width / 160).max(1);
    (layout.width / 20 + 2 * dot, layout.height / 4, dot)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(width: u32, height: u32, unix_millis: u64) -> (gst_video::VideoInfo, Vec<u8>) {
        frame_with(Detail::Plain, width, height, unix_millis)
    }

    fn frame_with(
        detail: Detail,
        width: u32,
        height: u32,
        unix_millis: u64,
    ) -> (gst_video::VideoInfo, Vec<u8>) {
        gst::init().unwrap();
        let info = gst_video::VideoInfo::builder(gst_video::VideoFormat::I420, width, height)
            .build()
            .unwrap();
        let mut memory = vec![0; info.size()];
        Drawing::new(&info, detail)
            .unwrap()
            .draw(&mut memory, unix_millis);
        (info, memory)
    }

    #[test]
    fn the_strip_of_a_frame_says_its_time_at_any_size() {
        for (width, height) in [
            (426, 240),
            (640, 360),
            (854, 480),
            (1280, 720),
            (1920, 1080),
        ] {
            let (info, memory) = frame(width, height, 1_799_999_999_999);
            let time = strip::read_strip(&memory, info.stride()[0] as usize, width as usize);
            assert_eq!(
                time,
                Some(1_799_999_999_999 % (1 << 40)),
                "{width}x{height}"
            );
        }
    }

    #[test]
    fn grain_leaves_the_strip_clear_and_nothing_else_flat() {
        let (info, memory) = frame_with(Detail::Busy, 320, 180, 1_799_999_999_999);
        let stride = info.stride()[0] as usize;
        let time = strip::read_strip(&memory, stride, 320);
        assert_eq!(time, Some(1_799_999_999_999 % (1 << 40)));
        let bars = &memory[170 * stride..170 * stride + 320];
        let equal = bars.windows(2).filter(|pair| pair[0] == pair[1]).count();
        assert!(equal < 32, "{equal} of 320 are like their neighbour");
    }

    #[test]
    fn the_square_is_white_for_the_first_tenth_of_a_second() {
        let lit = |unix_millis| {
            let (info, memory) = frame(1280, 720, unix_millis);
            memory[216 * info.stride()[0] as usize + 1080] == strip::WHITE
        };
        assert!(lit(1_000) && lit(1_099) && lit(7_050));
        assert!(!lit(1_100) && !lit(1_999) && !lit(7_500));
    }

    #[test]
    fn two_frames_of_the_same_time_are_the_same_and_of_another_time_are_not() {
        let of = |unix_millis| frame(1280, 720, unix_millis).1;
        assert!(of(1_500) == of(1_500));
        assert!(of(1_500) != of(1_533));
    }
}
