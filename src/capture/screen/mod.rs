//! Screens: X11 directly, Wayland through the desktop's own dialog.

mod portal;
mod x11;

use std::ffi::OsStr;
use std::sync::Arc;

use super::error::SourceError;
use super::outlet::PictureOutlet;
use super::source::Source;
use super::{PictureFormat, ScreenArea};

/// Opens a screen, part of it, or a window.
pub(super) async fn open(
    area: &ScreenArea,
    format: PictureFormat,
    outlet: Arc<PictureOutlet>,
) -> Result<Box<dyn Source>, SourceError> {
    match (desktop(), area) {
        (Desktop::X11, _) => x11::open(area.clone(), format, outlet).await,
        (Desktop::Wayland, ScreenArea::Whole) => portal::open(format, outlet).await,
        (Desktop::Wayland, _) => Err(SourceError::AskedByTheDesktop),
        (Desktop::None, _) => Err(SourceError::NoScreen),
    }
}

/// What can be picked, with names that a person recognises.
pub(super) fn list() -> Vec<(ScreenArea, String)> {
    match desktop() {
        Desktop::X11 => x11::list(),
        Desktop::Wayland => vec![(
            ScreenArea::Whole,
            "A screen or window (the desktop asks which)".to_owned(),
        )],
        Desktop::None => Vec::new(),
    }
}

/// Who draws the screens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Desktop {
    X11,
    Wayland,
    None,
}

fn desktop() -> Desktop {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| value != OsStr::new(""));
    desktop_by(is_set("WAYLAND_DISPLAY"), is_set("DISPLAY"))
}

fn desktop_by(has_wayland: bool, has_x11: bool) -> Desktop {
    match (has_wayland, has_x11) {
        // X11 programs have a display there too, but it shows nothing of the others.
        (true, _) => Desktop::Wayland,
        (false, true) => Desktop::X11,
        (false, false) => Desktop::None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wayland_desktop_is_asked_even_where_x11_programs_can_run() {
        assert_eq!(desktop_by(true, true), Desktop::Wayland);
        assert_eq!(desktop_by(false, true), Desktop::X11);
        assert_eq!(desktop_by(false, false), Desktop::None);
    }
}
