//! Looks at single places of a picture.

use liveontorrent::capture::Picture;

use crate::collector::FORMAT;

/// The luma plane's brightness at a place given in thousandths of the frame.
pub fn luma_at(picture: &Picture, x: usize, y: usize) -> u8 {
    let map = picture.buffer.map_readable().unwrap();
    let (width, height) = (
        FORMAT.resolution.width as usize,
        FORMAT.resolution.height as usize,
    );
    map[y * height / 1000 * width + x * width / 1000]
}
