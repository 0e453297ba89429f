//! The small pictures by which channels are known: made by streamers, and drawn anew by hubs. A stranger's JPEG is decoded
//! under limits, so that what browsers get is a picture of ours.

use std::io::Cursor;

use bytes::Bytes;
use image::codecs::jpeg::{JpegDecoder, JpegEncoder};
use image::{DynamicImage, ImageDecoder, ImageError, Limits};

/// As large as the front page shows them, on a screen with two pixels for each.
pub const WIDTH: u32 = 320;
/// Four to three and wider pictures fit into it at their full width.
pub const HEIGHT: u32 = 240;
/// The largest picture that is decoded: what a careless streamer's program might send. Ours send [`WIDTH`].
const MAX_SIDE: u32 = 2048;
/// What decoding it may take: four bytes for each of its pixels.
const MAX_MEMORY: u64 = 4 * MAX_SIDE as u64 * MAX_SIDE as u64;
/// At 75 the blocks are not seen at this size; 90 doubles the bytes.
const QUALITY: u8 = 75;

/// Why a thumbnail is not shown.
#[derive(Debug, thiserror::Error)]
pub enum ThumbnailError {
    /// Not a JPEG, damaged, or too large.
    #[error("it is no JPEG picture of at most {MAX_SIDE} by {MAX_SIDE} pixels: {0}")]
    Picture(#[from] ImageError),
}

/// Draws a JPEG anew, no larger than it is shown.
///
/// # Errors
///
/// When it is none, or too large.
pub fn redraw(jpeg: &[u8]) -> Result<Bytes, ThumbnailError> {
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_MEMORY);
    let mut decoder = JpegDecoder::new(Cursor::new(jpeg))?;
    decoder.set_limits(limits)?;
    let picture = DynamicImage::from_decoder(decoder)?;
    let picture = if picture.width() > WIDTH || picture.height() > HEIGHT {
        picture.thumbnail(WIDTH, HEIGHT)
    } else {
        picture
    };
    encode(&picture)
}

/// A picture as a thumbnail's JPEG.
///
/// # Errors
///
/// When it has no pixels.
pub fn encode(picture: &DynamicImage) -> Result<Bytes, ThumbnailError> {
    let mut bytes = Vec::new();
    let encoder = JpegEncoder::new_with_quality(&mut bytes, QUALITY);
    picture.to_rgb8().write_with_encoder(encoder)?;
    Ok(bytes.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{Rgb, RgbImage};

    fn jpeg(width: u32, height: u32) -> Bytes {
        let picture = RgbImage::from_fn(width, height, |x, _| Rgb([(x % 256) as u8, 80, 200]));
        encode(&picture.into()).unwrap()
    }

    fn size(jpeg: &[u8]) -> (u32, u32) {
        let decoder = JpegDecoder::new(Cursor::new(jpeg)).unwrap();
        decoder.dimensions()
    }

    #[test]
    fn what_is_larger_than_shown_is_made_smaller() {
        assert_eq!(size(&redraw(&jpeg(1280, 720)).unwrap()), (320, 180));
        assert_eq!(size(&redraw(&jpeg(160, 90)).unwrap()), (160, 90));
    }

    #[test]
    fn nothing_but_pixels_passes() {
        let mut jpeg = jpeg(32, 18).to_vec();
        // An application segment (APP1) right after the start of the image, and bytes behind its end.
        let note = b"<script>alert(1)</script>";
        let mut marked = jpeg[..2].to_vec();
        marked.extend([0xff, 0xe1, 0, note.len() as u8 + 2]);
        marked.extend(note);
        marked.extend(jpeg.drain(2..));
        marked.extend(note);
        let drawn = redraw(&marked).unwrap();
        assert!(!drawn.windows(note.len()).any(|bytes| bytes == note));
        assert_eq!(size(&drawn), (32, 18));
    }

    #[test]
    fn what_is_no_picture_or_would_take_much_memory_is_refused() {
        assert!(redraw(b"").is_err());
        assert!(redraw(b"<svg onload=alert(1)>").is_err());
        let whole = jpeg(64, 64);
        assert!(redraw(&whole[..whole.len() / 4]).is_err());
        let refused = redraw(&jpeg(MAX_SIDE + 1, 8)).unwrap_err().to_string();
        assert!(refused.contains("2048 by 2048"), "{refused}");
        // A small file that says it is enormous.
        let mut bomb = jpeg(8, 8).to_vec();
        let frame = bomb
            .windows(2)
            .position(|bytes| bytes == [0xff, 0xc0])
            .unwrap();
        bomb[frame + 5..frame + 9].copy_from_slice(&[0xff, 0xff, 0xff, 0xff]);
        assert!(redraw(&bomb).is_err());
    }
}
