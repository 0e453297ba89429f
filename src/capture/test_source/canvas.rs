//! Rectangles, discs and digits, drawn straight into the planes of an I420 picture.

/// A colour in limited-range YUV.
#[derive(Clone, Copy)]
pub(super) struct Colour {
    pub(super) y: u8,
    pub(super) u: u8,
    pub(super) v: u8,
}

impl Colour {
    /// Without colour.
    pub(super) const fn grey(y: u8) -> Self {
        Self { y, u: 128, v: 128 }
    }
}

/// Where the planes of a picture lie in its memory.
#[derive(Clone, Copy)]
pub(super) struct Layout {
    pub(super) width: usize,
    pub(super) height: usize,
    /// Bytes from row to row: luma, and both chroma planes.
    strides: [usize; 2],
    /// Where luma, U and V begin.
    offsets: [usize; 3],
}

impl Layout {
    pub(super) fn of(info: &gst_video::VideoInfo) -> Option<Self> {
        let stride = |plane: usize| usize::try_from(*info.stride().get(plane)?).ok();
        let offset = |plane: usize| info.offset().get(plane).copied();
        Some(Self {
            width: info.width() as usize,
            height: info.height() as usize,
            strides: [stride(0)?, stride(1)?],
            offsets: [offset(0)?, offset(1)?, offset(2)?],
        })
    }
}

/// A picture to draw on. What lies outside of it is cut off.
pub(super) struct Canvas<'a> {
    memory: &'a mut [u8],
    layout: Layout,
}

impl<'a> Canvas<'a> {
    /// `memory` is all planes; at least as long as `layout` says.
    pub(super) fn new(memory: &'a mut [u8], layout: Layout) -> Self {
        Self { memory, layout }
    }

    pub(super) fn rectangle(
        &mut self,
        columns: std::ops::Range<usize>,
        rows: std::ops::Range<usize>,
        colour: Colour,
    ) {
        for row in rows.start..rows.end.min(self.layout.height) {
            self.run(row, columns.start, columns.end, colour);
        }
    }

    /// Makes luma half of what it was and half of `shades`, which are taken pixel by pixel.
    pub(super) fn shade(
        &mut self,
        rows: std::ops::Range<usize>,
        mut shades: impl Iterator<Item = u8>,
    ) {
        let Layout {
            strides,
            offsets,
            width,
            height,
        } = self.layout;
        for row in rows.start..rows.end.min(height) {
            let luma = offsets[0] + row * strides[0];
            for (pixel, shade) in self.memory[luma..luma + width].iter_mut().zip(&mut shades) {
                *pixel = *pixel / 2 + shade / 2;
            }
        }
    }

    pub(super) fn disc(&mut self, centre: (usize, usize), radius: usize, colour: Colour) {
        let (x, y) = centre;
        for row in y.saturating_sub(radius)..=(y + radius).min(self.layout.height - 1) {
            let from_centre = row.abs_diff(y);
            let half = (radius * radius - from_centre * from_centre).isqrt();
            self.run(row, x.saturating_sub(half), x + half, colour);
        }
    }

    /// Writes digits, `:`, `.` and the letters of `UTC`, each dot of a letter a square of `dot` pixels.
    pub(super) fn text(&mut self, text: &str, left: usize, top: usize, dot: usize, colour: Colour) {
        for (place, letter) in text.chars().enumerate() {
            let left = left + place * LETTER_ADVANCE * dot;
            for (row, bits) in letter_rows(letter).into_iter().enumerate() {
                let rows = top + row * dot..top + (row + 1) * dot;
                for column in
                    (0..LETTER_WIDTH).filter(|column| bits >> (LETTER_WIDTH - 1 - column) & 1 == 1)
                {
                    let from = left + column * dot;
                    self.rectangle(from..from + dot, rows.clone(), colour);
                }
            }
        }
    }

    /// A piece of a row. Chroma is set where its rows and columns begin.
    fn run(&mut self, row: usize, from: usize, to: usize, colour: Colour) {
        let Layout {
            strides,
            offsets,
            width,
            ..
        } = self.layout;
        let to = to.min(width);
        if from >= to {
            return;
        }
        let luma = offsets[0] + row * strides[0];
        self.memory[luma + from..luma + to].fill(colour.y);
        if row.is_multiple_of(2) {
            for (offset, chroma) in [(offsets[1], colour.u), (offsets[2], colour.v)] {
                let start = offset + row / 2 * strides[1];
                self.memory[start + from / 2..start + to.div_ceil(2)].fill(chroma);
            }
        }
    }
}

/// Dots of a letter from left to right, and to the next letter.
const LETTER_WIDTH: usize = 5;
pub(super) const LETTER_ADVANCE: usize = 6;
/// Dots of a letter from top to bottom.
pub(super) const LETTER_HEIGHT: usize = 7;

fn letter_rows(letter: char) -> [u8; LETTER_HEIGHT] {
    match letter {
        '0' => [
            0b01110, 0b10001, 0b10011, 0b10101, 0b11001, 0b10001, 0b01110,
        ],
        '1' => [
            0b00100, 0b01100, 0b00100, 0b00100, 0b00100, 0b00100, 0b01110,
        ],
        '2' => [
            0b01110, 0b10001, 0b00001, 0b00110, 0b01000, 0b10000, 0b11111,
        ],
        '3' => [
            0b11110, 0b00001, 0b00001, 0b01110, 0b00001, 0b00001, 0b11110,
        ],
        '4' => [
            0b00010, 0b00110, 0b01010, 0b10010, 0b11111, 0b00010, 0b00010,
        ],
        '5' => [
            0b11111, 0b10000, 0b11110, 0b00001, 0b00001, 0b10001, 0b01110,
        ],
        '6' => [
            0b00110, 0b01000, 0b10000, 0b11110, 0b10001, 0b10001, 0b01110,
        ],
        '7' => [
            0b11111, 0b00001, 0b00010, 0b00100, 0b01000, 0b01000, 0b01000,
        ],
        '8' => [
            0b01110, 0b10001, 0b10001, 0b01110, 0b10001, 0b10001, 0b01110,
        ],
        '9' => [
            0b01110, 0b10001, 0b10001, 0b01111, 0b00001, 0b00010, 0b01100,
        ],
        ':' => [
            0b00000, 0b00100, 0b00100, 0b00000, 0b00100, 0b00100, 0b00000,
        ],
        '.' => [
            0b00000, 0b00000, 0b00000, 0b00000, 0b00000, 0b01100, 0b01100,
        ],
        'U' => [
            0b10001, 0b10001, 0b10001, 0b10001, 0b10001, 0b10001, 0b01110,
        ],
        'T' => [
            0b11111, 0b00100, 0b00100, 0b00100, 0b00100, 0b00100, 0b00100,
        ],
        'C' => [
            0b01110, 0b10001, 0b10000, 0b10000, 0b10000, 0b10001, 0b01110,
        ],
        _ => [0; LETTER_HEIGHT],
    }
}
