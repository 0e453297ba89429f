//! A single picture as pixels, small: for thumbnails.

use image::RgbImage;

use super::pipeline::picture_info;
use super::{Picture, PictureFormat};

/// A picture of this format, `width` pixels wide and as high as its shape asks for. `None` where it is of another format
/// than it is said to be.
pub fn still(picture: &Picture, format: PictureFormat, width: u32) -> Option<RgbImage> {
    let size = format.resolution;
    // Rows of three bytes a pixel, without padding: GStreamer's begin at multiples of four bytes.
    let width = width.next_multiple_of(4);
    let height = (width * size.height).div_ceil(size.width.max(1)).max(1);
    let from = picture_info(format).ok()?;
    let to = gst_video::VideoInfo::builder(gst_video::VideoFormat::Rgb, width, height)
        .build()
        .ok()?;
    let converter = gst_video::VideoConverter::new(&from, &to, None).ok()?;
    let source = gst_video::VideoFrame::from_buffer_readable(picture.buffer.clone(), &from);
    let buffer = gst::Buffer::with_size(to.size()).ok()?;
    let mut drawn = gst_video::VideoFrame::from_buffer_writable(buffer, &to).ok()?;
    converter.frame(&source.ok()?, &mut drawn);
    let pixels = drawn.plane_data(0).ok()?.to_vec();
    RgbImage::from_raw(width, height, pixels)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::segmenter::Resolution;

    fn format(width: u32, height: u32) -> PictureFormat {
        PictureFormat {
            resolution: Resolution { width, height },
            frames_per_second: 30,
        }
    }

    /// All of one colour, in BT.709's limited range.
    fn picture(format: PictureFormat, [y, u, v]: [u8; 3]) -> Picture {
        gst::init().unwrap();
        let pixels = (format.resolution.width * format.resolution.height) as usize;
        let mut bytes = vec![y; pixels];
        bytes.extend(vec![u; pixels / 4]);
        bytes.extend(vec![v; pixels / 4]);
        Picture {
            buffer: gst::Buffer::from_slice(bytes),
            captured_at: gst::ClockTime::ZERO,
        }
    }

    #[test]
    fn a_still_has_the_pictures_colours_and_shape() {
        for ([width, height], expected) in [([640, 360], (320, 180)), ([360, 640], (320, 569))] {
            let format = format(width, height);
            // Red.
            let still = still(&picture(format, [63, 102, 240]), format, 320).unwrap();
            assert_eq!((still.width(), still.height()), expected);
            let [red, green, blue] = still.get_pixel(160, 90).0;
            assert!(red > 240 && green < 20 && blue < 20, "{red} {green} {blue}");
        }
    }

    #[test]
    fn a_picture_that_is_smaller_than_it_is_said_to_be_makes_none() {
        let small = picture(format(64, 36), [63, 102, 240]);
        assert!(still(&small, format(640, 360), 320).is_none());
    }
}
