//! How sources, corners, addresses, times and limits are written on the command line.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use crate::capture::{Corner, OverlaySize, ScreenArea, SoundSource, VideoSource};
use crate::segmenter::Bitrate;
use crate::server::Listen;

/// Longer than this is no duration but a slip of the finger.
const LONGEST_SECONDS: f64 = 1e9;
/// Less upload than this carries no stream, and is a slip of the unit: 20 for 20M.
const LEAST_UPLOAD: Bitrate = Bitrate::from_kilobits_per_second(100);

/// What is seen.
pub(super) fn video(text: &str) -> Result<VideoSource, String> {
    let (kind, what) = split(text);
    match (kind, what) {
        ("test", None) if !text.ends_with(':') => Ok(VideoSource::Test),
        ("test", Some("busy")) => Ok(VideoSource::BusyTest),
        ("screen", None) => Ok(VideoSource::Screen(ScreenArea::Whole)),
        ("screen", Some(area)) => Ok(VideoSource::Screen(
            region(area).unwrap_or_else(|| ScreenArea::Monitor(area.to_owned())),
        )),
        ("window", Some(id)) => window(id).map(VideoSource::Screen),
        ("camera", id) => Ok(VideoSource::Camera(id.map(str::to_owned))),
        ("file", Some(path)) => Ok(VideoSource::File(path.into())),
        _ => Err(format!(
            "'{text}' is no source; use test, test:busy, screen, screen:MONITOR, screen:WIDTHxHEIGHT+X+Y, window:ID, \
             camera, camera:ID or file:PATH ('liveontorrent devices' lists them)"
        )),
    }
}

/// In which corner an overlay lies.
pub(super) fn corner(text: &str) -> Result<Corner, String> {
    named(text, "corner", Corner::ALL, Corner::name)
}

/// How large an overlay is.
pub(super) fn overlay_size(text: &str) -> Result<OverlaySize, String> {
    named(text, "size", OverlaySize::ALL, OverlaySize::name)
}

/// The one of this name.
fn named<T: Copy, const COUNT: usize>(
    text: &str,
    what: &str,
    all: [T; COUNT],
    name: fn(T) -> &'static str,
) -> Result<T, String> {
    let found = all.into_iter().find(|each| name(*each) == text);
    found.ok_or_else(|| format!("'{text}' is no {what}; use {}", all.map(name).join(", ")))
}

/// What is heard.
pub(super) fn sound(text: &str) -> Result<SoundSource, String> {
    match split(text) {
        ("none", None) => Ok(SoundSource::None),
        ("own", None) => Ok(SoundSource::Own),
        ("microphone", id) => Ok(SoundSource::Microphone(id.map(str::to_owned))),
        ("computer", None) => Ok(SoundSource::Computer),
        _ => Err(format!(
            "'{text}' is no sound; use none, own, microphone, microphone:ID or computer"
        )),
    }
}

/// What is heard where nothing is said of it.
pub(super) fn usual_sound(video: &VideoSource) -> SoundSource {
    match video {
        VideoSource::Test | VideoSource::BusyTest | VideoSource::File(_) => SoundSource::Own,
        VideoSource::Screen(_) | VideoSource::Camera(_) => SoundSource::None,
    }
}

/// Where to listen.
pub(super) fn listen(text: &str) -> Result<Listen, String> {
    if let Ok(address) = text.parse::<SocketAddr>() {
        return Ok(Listen::At(address));
    }
    let port = text.strip_prefix(':').unwrap_or(text).parse::<u16>();
    port.map(|port| Listen::At(SocketAddr::new(IpAddr::V6(Ipv6Addr::UNSPECIFIED), port)))
        .map_err(|_| {
            format!("'{text}' is no port and no ADDRESS:PORT, such as 8080 or 127.0.0.1:8080")
        })
}

/// A time in seconds, with or without a fraction.
pub(super) fn seconds(text: &str) -> Result<Duration, String> {
    text.parse::<f64>()
        .ok()
        .filter(|seconds| (0.0..=LONGEST_SECONDS).contains(seconds))
        .map(Duration::from_secs_f64)
        .ok_or_else(|| format!("'{text}' is no number of seconds"))
}

/// The most to send.
pub(super) fn upload_limit(text: &str) -> Result<Bitrate, String> {
    let limit: Bitrate = text.parse().map_err(|error| format!("{error}"))?;
    if limit < LEAST_UPLOAD {
        return Err(format!(
            "{limit} would carry no stream; write at least 100k, as in 800k or 20M (bits a second)"
        ));
    }
    Ok(limit)
}

fn split(text: &str) -> (&str, Option<&str>) {
    match text.split_once(':') {
        Some((kind, what)) if !what.is_empty() => (kind, Some(what)),
        Some((kind, _)) => (kind, None),
        None => (text, None),
    }
}

/// `WIDTHxHEIGHT+X+Y`, as X11's own tools write it.
fn region(text: &str) -> Option<ScreenArea> {
    let (size, place) = text.split_once('+')?;
    let (width, height) = size.split_once('x')?;
    let (x, y) = place.split_once('+')?;
    Some(ScreenArea::Region {
        x: x.parse().ok()?,
        y: y.parse().ok()?,
        width: width.parse().ok().filter(|width| *width > 0)?,
        height: height.parse().ok().filter(|height| *height > 0)?,
    })
}

fn window(id: &str) -> Result<ScreenArea, String> {
    let number = match id.strip_prefix("0x") {
        Some(digits) => u32::from_str_radix(digits, 16),
        None => id.parse(),
    };
    number
        .map(ScreenArea::Window)
        .map_err(|_| format!("'{id}' is no window's number; 'liveontorrent devices' lists them"))
}

/// How a screen area is written for [`video`].
pub(super) fn area_argument(area: &ScreenArea) -> String {
    match area {
        ScreenArea::Whole => "screen".to_owned(),
        ScreenArea::Monitor(name) => format!("screen:{name}"),
        ScreenArea::Region {
            x,
            y,
            width,
            height,
        } => format!("screen:{width}x{height}+{x}+{y}"),
        ScreenArea::Window(id) => format!("window:0x{id:x}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_area_reads_as_it_is_written() {
        for area in [
            ScreenArea::Whole,
            ScreenArea::Monitor("HDMI-1".to_owned()),
            ScreenArea::Region {
                x: 10,
                y: 0,
                width: 640,
                height: 480,
            },
            ScreenArea::Window(0x2a00007),
        ] {
            let written = area_argument(&area);
            assert_eq!(video(&written), Ok(VideoSource::Screen(area)), "{written}");
        }
    }

    #[test]
    fn corners_and_sizes_read_as_they_are_written_and_wrong_ones_are_answered_with_the_right_ones()
    {
        for place in Corner::ALL {
            assert_eq!(corner(place.name()), Ok(place));
        }
        for size in OverlaySize::ALL {
            assert_eq!(overlay_size(size.name()), Ok(size));
        }
        assert!(corner("middle").unwrap_err().contains("top-left"));
        assert!(overlay_size("huge").unwrap_err().contains("large"));
    }

    #[test]
    fn a_path_may_hold_colons() {
        let file = VideoSource::File("/films/12:30.mp4".into());
        assert_eq!(video("file:/films/12:30.mp4"), Ok(file));
    }

    #[test]
    fn what_is_no_source_is_answered_with_what_is_one() {
        for wrong in [
            "",
            "tset",
            "test:",
            "file",
            "file:",
            "window",
            "window:door",
        ] {
            let error = video(wrong).unwrap_err();
            assert!(error.contains("devices"), "{error}");
        }
        assert!(sound("loud").unwrap_err().contains("microphone"));
    }

    #[test]
    fn a_port_alone_means_all_addresses() {
        let all = Listen::At("[::]:9000".parse().unwrap());
        assert_eq!(listen("9000"), Ok(all));
        assert_eq!(listen(":9000"), Ok(all));
        let one = Listen::At("127.0.0.1:0".parse().unwrap());
        assert_eq!(listen("127.0.0.1:0"), Ok(one));
        for wrong in ["", "localhost", "99999", "1.2.3.4"] {
            assert!(listen(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_limit_without_a_unit_is_most_likely_a_slip() {
        let megabits = Bitrate::from_kilobits_per_second(20_000);
        assert_eq!(upload_limit("20M"), Ok(megabits));
        for wrong in ["20", "0", "fast", ""] {
            assert!(upload_limit(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn durations_are_positive_and_finite() {
        assert_eq!(seconds("1.5"), Ok(Duration::from_millis(1500)));
        for wrong in ["", "-1", "inf", "NaN", "1e300", "soon"] {
            assert!(seconds(wrong).is_err(), "{wrong}");
        }
    }
}
