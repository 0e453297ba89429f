//! The windows that a window manager shows (EWMH), with their titles.

use x11rb::errors::ReplyError;
use x11rb::protocol::xproto::{AtomEnum, ConnectionExt as _, GetPropertyReply, Window};

use super::display::Display;

/// More windows than a person looks through; a bound on what is asked of the display.
const MAX_WINDOWS: usize = 100;
/// Of a title, in four bytes each.
const MAX_TITLE: u32 = 64;

/// A window that can be picked.
pub(super) struct TitledWindow {
    pub(super) id: Window,
    pub(super) title: String,
}

/// The windows that have a title, in the order in which they were opened.
pub(super) fn list(display: &Display) -> Result<Vec<TitledWindow>, ReplyError> {
    let client_list = display.atom("_NET_CLIENT_LIST")?;
    let property = property(display, display.root, client_list, AtomEnum::WINDOW.into())?;
    let ids: Vec<Window> = property
        .value32()
        .into_iter()
        .flatten()
        .take(MAX_WINDOWS)
        .collect();
    let mut windows = Vec::new();
    for id in ids {
        // One that was closed just now has no title any more.
        if let Ok(Some(title)) = title(display, id) {
            windows.push(TitledWindow { id, title });
        }
    }
    Ok(windows)
}

fn title(display: &Display, window: Window) -> Result<Option<String>, ReplyError> {
    let modern = property(
        display,
        window,
        display.atom("_NET_WM_NAME")?,
        display.atom("UTF8_STRING")?,
    )?;
    let title = if modern.value.is_empty() {
        let name = AtomEnum::WM_NAME.into();
        property(display, window, name, AtomEnum::ANY.into())?.value
    } else {
        modern.value
    };
    let title = String::from_utf8_lossy(&title).trim().to_owned();
    Ok(Some(title).filter(|title| !title.is_empty()))
}

fn property(
    display: &Display,
    window: Window,
    name: u32,
    kind: u32,
) -> Result<GetPropertyReply, ReplyError> {
    let length = MAX_TITLE.max(MAX_WINDOWS as u32);
    display
        .connection
        .get_property(false, window, name, kind, 0, length)?
        .reply()
}
