//! The program's mark: a play sign in a ring of pieces. The window's icon and its top bar show it, and so do the icons that
//! a package has, and the pages' icons.

use std::f32::consts::TAU;
use std::fmt::Write;

use egui::{Color32, ColorImage};

/// The mark's side in pixels where the window shows it: enough for a window's icon on a dense screen.
pub const SIDE: usize = 128;
/// Samples along each side of a pixel; with four the edges are smooth.
const SAMPLES: usize = 4;
const COLOR: Color32 = Color32::from_rgb(0x6b, 0x63, 0xf0);

/// The ring's inner and outer radius, where half the mark's side is 1.
const RING: (f32, f32) = (0.72, 0.97);
const PIECES: u8 = 6;
/// Of each piece's share of the ring, how much is left open; the gap comes first.
const GAP: f32 = 0.16;

/// The play sign's upright edge, its tip, and half its height.
const PLAY_SIGN: (f32, f32, f32) = (-0.25, 0.45, 0.4);

/// The mark on a transparent ground, `side` pixels wide and high.
pub fn image(side: usize) -> ColorImage {
    let pixels = (0..side * side)
        .map(|index| pixel(index % side, index / side, side))
        .collect();
    ColorImage::new([side, side], pixels)
}

/// The same as a picture without pixels.
pub fn svg() -> String {
    let (inner, outer) = RING;
    let (left, tip, half_height) = PLAY_SIGN;
    let radius = (inner + outer) / 2.0;
    let mut pieces = String::new();
    for piece in 0..PIECES {
        let at = |part: f32| {
            let (sine, cosine) = ((f32::from(piece) + part) / f32::from(PIECES) * TAU).sin_cos();
            format!("{:.4} {:.4}", cosine * radius, sine * radius)
        };
        // Writing to a string cannot fail.
        let _ = write!(pieces, "M{}A{radius} {radius} 0 0 1 {}", at(GAP), at(1.0));
    }
    let [red, green, blue, _] = COLOR.to_array();
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{SIDE}\" height=\"{SIDE}\" viewBox=\"-1 -1 2 2\">\n  \
         <path d=\"{pieces}\" fill=\"none\" stroke=\"#{red:02x}{green:02x}{blue:02x}\" stroke-width=\"{width:.4}\"/>\n  \
         <path d=\"M{left} -{half_height}V{half_height}L{tip} 0z\" fill=\"#{red:02x}{green:02x}{blue:02x}\"/>\n\
         </svg>\n",
        width = outer - inner,
    )
}

fn pixel(column: usize, row: usize, side: usize) -> Color32 {
    let covered = (0..SAMPLES * SAMPLES)
        .filter(|sample| {
            let place = |pixel: usize, sample: usize| {
                let position = pixel as f32 + (sample as f32 + 0.5) / SAMPLES as f32;
                position / side as f32 * 2.0 - 1.0
            };
            is_inside(
                place(column, sample % SAMPLES),
                place(row, sample / SAMPLES),
            )
        })
        .count();
    COLOR.gamma_multiply(covered as f32 / (SAMPLES * SAMPLES) as f32)
}

/// Whether a point belongs to the mark; both run from -1 to 1.
fn is_inside(x: f32, y: f32) -> bool {
    is_in_ring(x, y) || is_in_play_sign(x, y)
}

fn is_in_ring(x: f32, y: f32) -> bool {
    let turn = y.atan2(x) / TAU + 1.0;
    (RING.0..RING.1).contains(&x.hypot(y)) && (turn * f32::from(PIECES)).fract() > GAP
}

fn is_in_play_sign(x: f32, y: f32) -> bool {
    let (left, right, half_height) = PLAY_SIGN;
    x >= left && y.abs() <= half_height * (right - x) / (right - left)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_pages_have_the_mark_as_their_icon() {
        let written = svg();
        // Where the mark has changed, `package-files` writes the new one: `icons/scalable/apps/liveontorrent.svg`.
        for icon in [
            include_str!("../../assets/viewer/favicon.svg"),
            include_str!("../../assets/hub/favicon.svg"),
        ] {
            assert_eq!(icon, written);
        }
    }
}
