//! Which part of the screen an area is.

use crate::capture::ScreenArea;
use crate::capture::error::SourceError;

/// A rectangle in pixels of the whole screen, or of a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rectangle {
    pub(super) x: i16,
    pub(super) y: i16,
    pub(super) width: u16,
    pub(super) height: u16,
}

/// A monitor, and where on the screen it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Monitor {
    pub(super) name: String,
    pub(super) area: Rectangle,
}

impl Rectangle {
    pub(super) const fn new(x: i16, y: i16, width: u16, height: u16) -> Self {
        Self {
            x,
            y,
            width,
            height,
        }
    }

    /// The part of it that is inside of another; `None` where nothing is.
    pub(super) fn within(self, other: Self) -> Option<Self> {
        let (x, width) = overlap((self.x, self.width), (other.x, other.width))?;
        let (y, height) = overlap((self.y, self.height), (other.y, other.height))?;
        Some(Self {
            x,
            y,
            width,
            height,
        })
    }
}

/// Where two ranges, each a start and a length, overlap.
fn overlap(one: (i16, u16), other: (i16, u16)) -> Option<(i16, u16)> {
    let end = |(start, length): (i16, u16)| i32::from(start) + i32::from(length);
    let start = one.0.max(other.0);
    let length = end(one).min(end(other)) - i32::from(start);
    let length = u16::try_from(length).ok().filter(|&length| length > 0)?;
    Some((start, length))
}

/// The rectangle of an area that is not a window.
pub(super) fn locate(
    area: &ScreenArea,
    screen: Rectangle,
    monitors: &[Monitor],
) -> Result<Rectangle, SourceError> {
    match area {
        ScreenArea::Whole | ScreenArea::Window(_) => Ok(screen),
        ScreenArea::Monitor(name) => monitors
            .iter()
            .find(|monitor| monitor.name == *name)
            .and_then(|monitor| monitor.area.within(screen))
            .ok_or_else(|| SourceError::MonitorMissing(name.clone())),
        ScreenArea::Region {
            x,
            y,
            width,
            height,
        } => {
            let outside = SourceError::RegionOutside {
                width: screen.width,
                height: screen.height,
            };
            let (Ok(x), Ok(y)) = (i16::try_from(*x), i16::try_from(*y)) else {
                return Err(outside);
            };
            let length = |length: u32| u16::try_from(length).unwrap_or(u16::MAX);
            let region = Rectangle::new(x, y, length(*width), length(*height));
            region.within(screen).ok_or(outside)
        }
    }
}

/// A monitor's name for a person.
pub(super) fn monitor_name(monitor: &Monitor) -> String {
    let Rectangle { width, height, .. } = monitor.area;
    format!("Monitor {} ({width} × {height})", monitor.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCREEN: Rectangle = Rectangle::new(0, 0, 3200, 1080);

    fn region(x: u32, y: u32, width: u32, height: u32) -> Result<Rectangle, SourceError> {
        let area = ScreenArea::Region {
            x,
            y,
            width,
            height,
        };
        locate(&area, SCREEN, &[])
    }

    #[test]
    fn a_region_is_cut_off_at_the_screens_edge() {
        assert_eq!(
            region(100, 50, 640, 360),
            Ok(Rectangle::new(100, 50, 640, 360))
        );
        assert_eq!(
            region(3000, 1000, 640, 360),
            Ok(Rectangle::new(3000, 1000, 200, 80))
        );
        assert_eq!(region(0, 0, u32::MAX, u32::MAX), Ok(SCREEN));
    }

    #[test]
    fn a_region_outside_of_the_screen_or_without_pixels_is_refused() {
        for (x, y, width, height) in [(3200, 0, 10, 10), (0, 40_000, 10, 10), (10, 10, 0, 10)] {
            let refused = region(x, y, width, height).unwrap_err().to_string();
            assert!(refused.contains("3200 × 1080"), "{refused}");
        }
    }

    #[test]
    fn a_monitor_is_found_by_its_name_wherever_it_is() {
        let monitors = [
            Monitor {
                name: "eDP-1".to_owned(),
                area: Rectangle::new(0, 0, 1920, 1080),
            },
            Monitor {
                name: "HDMI-1".to_owned(),
                area: Rectangle::new(1920, 0, 1280, 1024),
            },
        ];
        let find = |name: &str| locate(&ScreenArea::Monitor(name.to_owned()), SCREEN, &monitors);
        assert_eq!(find("HDMI-1"), Ok(Rectangle::new(1920, 0, 1280, 1024)));
        let missing = find("DP-3").unwrap_err().to_string();
        assert!(missing.contains("DP-3"), "{missing}");
        assert_eq!(monitor_name(&monitors[1]), "Monitor HDMI-1 (1280 × 1024)");
    }
}
