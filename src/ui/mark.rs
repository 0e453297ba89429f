//! The program's mark: a play sign in a ring of pieces. The window's icon and its top bar show it.

use egui::{Color32, ColorImage};

/// The mark's side in pixels: enough for a window's icon on a dense screen.
pub const SIDE: usize = 128;
/// Samples along each side of a pixel; with four the edges are smooth.
const SAMPLES: usize = 4;
const COLOR: Color32 = Color32::from_rgb(0x6b, 0x63, 0xf0);

/// The mark on a transparent ground.
pub fn image() -> ColorImage {
    let pixels = (0..SIDE * SIDE)
        .map(|index| pixel(index % SIDE, index / SIDE))
        .collect();
    ColorImage::new([SIDE, SIDE], pixels)
}

fn pixel(column: usize, row: usize) -> Color32 {
    let covered = (0..SAMPLES * SAMPLES)
        .filter(|sample| {
            let place = |pixel: usize, sample: usize| {
                let position = pixel as f32 + (sample as f32 + 0.5) / SAMPLES as f32;
                position / SIDE as f32 * 2.0 - 1.0
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
    const PIECES: f32 = 6.0;
    /// Of each piece's share of the ring, how much is left open.
    const GAP: f32 = 0.16;
    let turn = y.atan2(x) / std::f32::consts::TAU + 1.0;
    (0.72..0.97).contains(&x.hypot(y)) && (turn * PIECES).fract() > GAP
}

fn is_in_play_sign(x: f32, y: f32) -> bool {
    let (left, right, half_height) = (-0.25, 0.45, 0.4);
    x >= left && y.abs() <= half_height * (right - x) / (right - left)
}
