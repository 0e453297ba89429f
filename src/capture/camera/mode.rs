//! Which of a camera's resolutions, rates and encodings to take.

use gst::Fraction;

use crate::capture::PictureFormat;

/// One way in which a camera can deliver.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Mode {
    /// What to ask the camera for.
    pub(super) caps: gst::Caps,
    /// Whether its pictures are JPEGs, one by one (MJPEG).
    pub(super) is_jpeg: bool,
}

impl Mode {
    /// The one nearest to what is wanted, of all that `offered` allows; `None` where nothing is usable.
    pub(super) fn nearest(offered: &gst::CapsRef, format: PictureFormat) -> Option<Self> {
        offered
            .iter_with_features()
            .filter(|(_, features)| features.contains("memory:SystemMemory"))
            .filter_map(|(structure, _)| Candidate::of(structure, format))
            .min_by(|one, other| one.distance.total_cmp(&other.distance))
            .map(|candidate| candidate.mode)
    }
}

struct Candidate {
    mode: Mode,
    distance: f64,
}

impl Candidate {
    /// What of one kind is nearest, and how far it is from what is wanted.
    fn of(structure: &gst::StructureRef, format: PictureFormat) -> Option<Self> {
        let is_jpeg = match structure.name().as_str() {
            "video/x-raw" => false,
            "image/jpeg" => true,
            _ => return None,
        };
        let (width, height) = (format.resolution.width, format.resolution.height);
        let rate = format.frames_per_second;
        let mut chosen = structure.to_owned();
        chosen.fixate_field_nearest_int("width", i32::try_from(width).ok()?);
        chosen.fixate_field_nearest_int("height", i32::try_from(height).ok()?);
        let wanted_rate = Fraction::new(i32::try_from(rate).ok()?, 1);
        chosen.fixate_field_nearest_fraction("framerate", wanted_rate);
        let size = |field| chosen.get::<i32>(field).ok().filter(|&size| size > 0);
        let (chosen_width, chosen_height) = (size("width")?, size("height")?);
        let chosen_rate = chosen.get::<Fraction>("framerate").ok();

        let octaves = |chosen: f64, wanted: u32| (chosen / f64::from(wanted.max(1))).log2();
        let sides =
            octaves(chosen_width.into(), width).abs() + octaves(chosen_height.into(), height).abs();
        // Pictures beyond the wanted rate are dropped at no loss; missing ones are missed.
        let slowness = chosen_rate
            .filter(|rate| rate.numer() > 0)
            .map_or(0.0, |chosen| {
                let chosen = f64::from(chosen.numer()) / f64::from(chosen.denom());
                -octaves(chosen, rate).min(0.0)
            });
        // Where nothing else differs, what need not be decoded costs less.
        let decoding = if is_jpeg { 0.05 } else { 0.0 };
        let caps = gst::Caps::builder_full().structure(chosen).build();
        Some(Self {
            mode: Mode { caps, is_jpeg },
            distance: sides + slowness + decoding,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::str::FromStr;

    use super::*;
    use crate::segmenter::Resolution;

    /// What a common webcam offers: raw pictures are slow where they are large, since USB is.
    const WEBCAM: &str = "video/x-raw, format=YUY2, width=640, height=480, framerate={ 30/1, 15/1 }; \
        video/x-raw, format=YUY2, width=1280, height=720, framerate=10/1; \
        video/x-raw, format=YUY2, width=1920, height=1080, framerate=5/1; \
        image/jpeg, width=1280, height=720, framerate={ 60/1, 30/1 }; \
        image/jpeg, width=1920, height=1080, framerate=30/1; \
        image/jpeg, width=640, height=480, framerate=30/1";

    fn nearest(offered: &str, width: u32, height: u32, frames_per_second: u32) -> Option<String> {
        gst::init().unwrap();
        let format = PictureFormat {
            resolution: Resolution { width, height },
            frames_per_second,
        };
        let mode = Mode::nearest(&gst::Caps::from_str(offered).unwrap(), format)?;
        let chosen = mode.caps.structure(0)?;
        let rate = chosen.get::<Fraction>("framerate").unwrap();
        Some(format!(
            "{} {}x{}@{}",
            if mode.is_jpeg { "jpeg" } else { "raw" },
            chosen.get::<i32>("width").unwrap(),
            chosen.get::<i32>("height").unwrap(),
            rate.numer() / rate.denom(),
        ))
    }

    #[test]
    fn jpeg_is_taken_where_raw_pictures_would_be_slow() {
        assert_eq!(nearest(WEBCAM, 1280, 720, 30).unwrap(), "jpeg 1280x720@30");
        assert_eq!(
            nearest(WEBCAM, 1920, 1080, 30).unwrap(),
            "jpeg 1920x1080@30"
        );
        assert_eq!(nearest(WEBCAM, 1280, 720, 60).unwrap(), "jpeg 1280x720@60");
    }

    #[test]
    fn raw_is_taken_where_it_is_as_good() {
        assert_eq!(nearest(WEBCAM, 640, 480, 30).unwrap(), "raw 640x480@30");
        assert_eq!(nearest(WEBCAM, 640, 360, 30).unwrap(), "raw 640x480@30");
        assert_eq!(nearest(WEBCAM, 1280, 720, 5).unwrap(), "raw 1280x720@10");
    }

    #[test]
    fn a_range_of_sizes_is_asked_for_the_very_size() {
        let any = "video/x-raw, format=I420, width=[ 2, 4096, 2 ], height=[ 2, 4096, 2 ], framerate=[ 0/1, 120/1 ]";
        assert_eq!(nearest(any, 1280, 720, 30).unwrap(), "raw 1280x720@30");
    }

    #[test]
    fn what_is_neither_raw_nor_jpeg_is_not_taken() {
        assert_eq!(
            nearest(
                "video/x-h264, width=1920, height=1080, framerate=30/1",
                1280,
                720,
                30
            ),
            None
        );
        assert_eq!(nearest("EMPTY", 1280, 720, 30), None);
    }
}
