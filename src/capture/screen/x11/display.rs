//! A connection to an X11 display, and what it says of its screen.

use x11rb::connection::Connection;
use x11rb::errors::{ConnectionError, ReplyError};
use x11rb::protocol::randr::ConnectionExt as _;
use x11rb::protocol::xproto::{self, ConnectionExt as _, ImageOrder, Window};
use x11rb::rust_connection::RustConnection;

use super::geometry::{Monitor, Rectangle};
use crate::capture::error::SourceError;

/// A display.
pub(super) struct Display {
    pub(super) connection: RustConnection,
    pub(super) root: Window,
}

impl Display {
    /// Connects to the display that the environment names.
    pub(super) fn open() -> Result<Self, SourceError> {
        let (connection, screen) =
            x11rb::connect(None).map_err(|error| SourceError::NoDisplay(error.to_string()))?;
        let setup = connection.setup();
        let root = &setup.roots[screen];
        let is_usable = setup.image_byte_order == ImageOrder::LSB_FIRST
            && setup
                .pixmap_formats
                .iter()
                .any(|format| format.depth == root.root_depth && format.bits_per_pixel == 32)
            && matches!(root.root_depth, 24 | 32);
        if !is_usable {
            return Err(SourceError::ScreenColours);
        }
        let root = root.root;
        Ok(Self { connection, root })
    }

    /// The whole screen.
    pub(super) fn screen(&self) -> Result<Rectangle, ReplyError> {
        let root = self.connection.get_geometry(self.root)?.reply()?;
        Ok(Rectangle::new(0, 0, root.width, root.height))
    }

    /// The monitors that are on.
    pub(super) fn monitors(&self) -> Result<Vec<Monitor>, ReplyError> {
        let monitors = self
            .connection
            .randr_get_monitors(self.root, true)?
            .reply()?;
        let mut named = Vec::with_capacity(monitors.monitors.len());
        for monitor in monitors.monitors {
            let name = self.connection.get_atom_name(monitor.name)?.reply()?;
            named.push(Monitor {
                name: String::from_utf8_lossy(&name.name).into_owned(),
                area: Rectangle::new(monitor.x, monitor.y, monitor.width, monitor.height),
            });
        }
        Ok(named)
    }

    /// The number of a name.
    pub(super) fn atom(&self, name: &str) -> Result<xproto::Atom, ReplyError> {
        let atom = self.connection.intern_atom(false, name.as_bytes())?;
        Ok(atom.reply()?.atom)
    }
}

/// The connection is lost.
pub(super) fn lost(error: ConnectionError) -> SourceError {
    SourceError::NoDisplay(error.to_string())
}
