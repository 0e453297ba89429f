//! The mouse pointer, which an X11 display leaves out of what it hands over.

use x11rb::errors::ReplyError;
use x11rb::protocol::xfixes::{ConnectionExt as _, GetCursorImageReply};

use super::display::Display;
use super::geometry::Rectangle;

/// The first version that hands over the pointer's picture.
const XFIXES_VERSION: (u32, u32) = (1, 0);

/// Tells the display that the pointer will be asked for; `false` where it cannot be.
pub(super) fn is_available(display: &Display) -> bool {
    let (major, minor) = XFIXES_VERSION;
    let asked = display.connection.xfixes_query_version(major, minor);
    asked.is_ok_and(|cookie| cookie.reply().is_ok())
}

/// The pointer's picture and place now.
pub(super) fn image(display: &Display) -> Result<GetCursorImageReply, ReplyError> {
    display.connection.xfixes_get_cursor_image()?.reply()
}

/// Draws the pointer on a picture (32 bits a pixel, blue first) of this part of the screen.
pub(super) fn draw(pointer: &GetCursorImageReply, picture: &mut [u8], part: Rectangle) {
    let left = i32::from(pointer.x) - i32::from(pointer.xhot) - i32::from(part.x);
    let top = i32::from(pointer.y) - i32::from(pointer.yhot) - i32::from(part.y);
    let rows = pointer
        .cursor_image
        .chunks_exact(usize::from(pointer.width).max(1));
    for (row, y) in rows.zip(top..) {
        for (&source, x) in row.iter().zip(left..) {
            let is_inside =
                (0..i32::from(part.width)).contains(&x) && (0..i32::from(part.height)).contains(&y);
            if is_inside {
                let pixel = (y as usize * usize::from(part.width) + x as usize) * 4;
                blend(source, &mut picture[pixel..pixel + 4]);
            }
        }
    }
}

/// Lays a pixel, whose colours are multiplied by its opacity already, over another.
fn blend(source: u32, under: &mut [u8]) {
    let [blue, green, red, opacity] = source.to_le_bytes();
    for (under, over) in under.iter_mut().zip([blue, green, red]) {
        let shining_through = u16::from(*under) * u16::from(255 - opacity) / 255;
        *under = over.saturating_add(shining_through as u8);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pointer(x: i16, y: i16) -> GetCursorImageReply {
        GetCursorImageReply {
            sequence: 0,
            length: 0,
            x,
            y,
            width: 2,
            height: 2,
            xhot: 1,
            yhot: 1,
            cursor_serial: 0,
            // White, half-transparent red, nothing, black.
            cursor_image: vec![0xffff_ffff, 0x8080_0000, 0, 0xff00_0000],
        }
    }

    #[test]
    fn it_is_drawn_with_its_hot_spot_where_it_points_and_what_is_transparent_shines_through() {
        let part = Rectangle::new(100, 100, 4, 4);
        let mut picture = vec![100; 4 * 4 * 4];
        draw(&pointer(102, 102), &mut picture, part);
        let pixel = |x: usize, y: usize| &picture[(y * 4 + x) * 4..][..3];
        assert_eq!(pixel(1, 1), [255, 255, 255]);
        assert_eq!(pixel(2, 1), [49, 49, 177]);
        assert_eq!(pixel(1, 2), [100, 100, 100]);
        assert_eq!(pixel(2, 2), [0, 0, 0]);
        assert_eq!(pixel(0, 0), [100, 100, 100]);
    }

    #[test]
    fn it_is_cut_off_at_every_edge() {
        let part = Rectangle::new(100, 100, 4, 4);
        for (x, y) in [(100, 100), (104, 104), (100, 104), (50, 50), (300, -20)] {
            draw(&pointer(x, y), &mut [0; 4 * 4 * 4], part);
        }
    }
}
