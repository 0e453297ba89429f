//! Takes pictures of a screen or a window.

use std::fs::File;
use std::os::unix::fs::FileExt;

use x11rb::connection::Connection;
use x11rb::errors::{ReplyError, ReplyOrIdError};
use x11rb::protocol::ErrorKind;
use x11rb::protocol::composite::{self, ConnectionExt as _};
use x11rb::protocol::shm::{self, ConnectionExt as _};
use x11rb::protocol::xproto::{ConnectionExt as _, Drawable, ImageFormat, MapState, Window};

use super::display::{Display, lost};
use super::geometry::{Rectangle, locate};
use super::pointer;
use crate::capture::ScreenArea;
use crate::capture::error::SourceError;
use crate::capture::frames::FramePool;
use crate::capture::naming;
use crate::segmenter::Resolution;

/// All bits of a pixel.
const ALL_PLANES: u32 = !0;
const BYTES_PER_PIXEL: u32 = 4;
/// Where monitors are is asked again after so many pictures.
const LOCATE_EVERY: u32 = 15;

/// Takes pictures of one area.
pub(super) struct Grab {
    display: Display,
    area: ScreenArea,
    /// Memory that the display writes pictures to; `None` where it cannot, as on another machine.
    shared: Option<Shared>,
    can_share: bool,
    has_pointer: bool,
    /// Where the area is, and for how many pictures that is believed.
    located: Option<(Rectangle, u32)>,
    /// Buffers, and the width and height that they are for.
    pool: Option<((u16, u16), FramePool)>,
}

/// A picture as the display gave it.
#[derive(Clone)]
pub(super) struct Frame {
    pub(super) buffer: gst::Buffer,
    pub(super) caps: gst::Caps,
}

/// A segment of memory that the display writes to and this program reads as a file.
struct Shared {
    segment: shm::Seg,
    memory: File,
    size: u32,
}

/// What to take a picture of.
#[derive(Clone, Copy)]
struct Target {
    drawable: Drawable,
    /// The part of it.
    part: Rectangle,
    /// The same part, on the screen.
    on_screen: Rectangle,
}

impl Grab {
    pub(super) fn open(display: Display, area: ScreenArea) -> Result<Self, SourceError> {
        let has_pointer = pointer::is_available(&display);
        let grab = Self {
            display,
            area,
            shared: None,
            can_share: true,
            has_pointer,
            located: None,
            pool: None,
        };
        if let ScreenArea::Window(window) = grab.area {
            grab.keep_whole(window);
        }
        Ok(grab)
    }

    /// Takes a picture.
    pub(super) fn frame(&mut self) -> Result<Frame, SourceError> {
        let target = self.target()?;
        let is_window = matches!(self.area, ScreenArea::Window(_));
        match self.read(target) {
            // The screen has another size now, as after a monitor was unplugged.
            Err(_) if !is_window => {
                self.located = None;
                let target = self.target()?;
                self.read(target)
            }
            frame => frame,
        }
    }

    /// Has the display keep all of a window, also where others cover it. Without the extension, or where a compositor
    /// does it already, nothing is lost.
    fn keep_whole(&self, window: Window) {
        let connection = &self.display.connection;
        if let Ok(version) = connection.composite_query_version(0, 4)
            && version.reply().is_ok()
            && let Ok(asked) =
                connection.composite_redirect_window(window, composite::Redirect::AUTOMATIC)
            && let Err(error) = asked.check()
        {
            tracing::debug!(%error, "a window is not kept whole");
        }
    }

    fn target(&mut self) -> Result<Target, SourceError> {
        match self.area {
            ScreenArea::Window(window) => self
                .window(window)
                .map_err(|error| self.explain(error))?
                .ok_or(SourceError::WindowHidden),
            _ => {
                let part = self.located()?;
                Ok(Target {
                    drawable: self.display.root,
                    part,
                    on_screen: part,
                })
            }
        }
    }

    /// Where a window is; `None` while it is minimised.
    fn window(&self, window: Window) -> Result<Option<Target>, ReplyError> {
        let connection = &self.display.connection;
        let geometry = connection.get_geometry(window)?;
        let attributes = connection.get_window_attributes(window)?;
        let place = connection.translate_coordinates(window, self.display.root, 0, 0)?;
        let (geometry, place) = (geometry.reply()?, place.reply()?);
        if attributes.reply()?.map_state != MapState::VIEWABLE {
            return Ok(None);
        }
        let (width, height) = (geometry.width, geometry.height);
        Ok(Some(Target {
            drawable: window,
            part: Rectangle::new(0, 0, width, height),
            on_screen: Rectangle::new(place.dst_x, place.dst_y, width, height),
        }))
    }

    fn located(&mut self) -> Result<Rectangle, SourceError> {
        if let Some((rectangle, left)) = self.located
            && left > 0
        {
            self.located = Some((rectangle, left - 1));
            return Ok(rectangle);
        }
        let screen = self.display.screen().map_err(|error| self.explain(error))?;
        let monitors = match self.area {
            ScreenArea::Monitor(_) => self.display.monitors(),
            _ => Ok(Vec::new()),
        };
        let monitors = monitors.map_err(|error| self.explain(error))?;
        let rectangle = locate(&self.area, screen, &monitors)?;
        self.located = Some((rectangle, LOCATE_EVERY));
        Ok(rectangle)
    }

    fn read(&mut self, target: Target) -> Result<Frame, SourceError> {
        let Rectangle { width, height, .. } = target.part;
        let pool = match self.pool.take() {
            Some((size, pool)) if size == (width, height) => pool,
            _ => pool_of(width, height)?,
        };
        let bytes = u32::from(width) * u32::from(height) * BYTES_PER_PIXEL;
        self.share(bytes);
        let mut buffer = match &self.shared {
            Some(shared) => {
                self.ask_shared(shared, target)?;
                let read = |memory: &mut [u8]| shared.memory.read_exact_at(memory, 0);
                pool.fill(read).and_then(|(buffer, read)| {
                    read.map_err(|error| SourceError::NoDisplay(error.to_string()))?;
                    Ok(buffer)
                })?
            }
            None => {
                let pixels = self.ask(target)?;
                let copy = |memory: &mut [u8]| {
                    let length = memory.len().min(pixels.len());
                    memory[..length].copy_from_slice(&pixels[..length]);
                };
                pool.fill(copy)?.0
            }
        };
        self.draw_pointer(&mut buffer, target);
        let caps = pool.caps().clone();
        self.pool = Some(((width, height), pool));
        Ok(Frame { buffer, caps })
    }

    /// Sees to it that so many bytes are shared with the display, if it can share any.
    fn share(&mut self, bytes: u32) {
        let is_enough = self
            .shared
            .as_ref()
            .is_some_and(|shared| shared.size >= bytes);
        if is_enough || !self.can_share {
            return;
        }
        if let Some(shared) = self.shared.take() {
            // Fails only when the connection does, which the next request tells.
            let _ = self.display.connection.shm_detach(shared.segment);
        }
        match Shared::create(&self.display, bytes) {
            Ok(shared) => self.shared = Some(shared),
            Err(error) => {
                tracing::debug!(%error, "the display shares no memory");
                self.can_share = false;
            }
        }
    }

    fn ask_shared(&self, shared: &Shared, target: Target) -> Result<(), SourceError> {
        let Rectangle {
            x,
            y,
            width,
            height,
        } = target.part;
        let format = ImageFormat::Z_PIXMAP.into();
        let connection = &self.display.connection;
        connection
            .shm_get_image(
                target.drawable,
                x,
                y,
                width,
                height,
                ALL_PLANES,
                format,
                shared.segment,
                0,
            )
            .map_err(lost)?
            .reply()
            .map_err(|error| self.explain(error))?;
        Ok(())
    }

    fn ask(&self, target: Target) -> Result<Vec<u8>, SourceError> {
        let Rectangle {
            x,
            y,
            width,
            height,
        } = target.part;
        let format = ImageFormat::Z_PIXMAP;
        let connection = &self.display.connection;
        let image = connection
            .get_image(format, target.drawable, x, y, width, height, ALL_PLANES)
            .map_err(lost)?
            .reply()
            .map_err(|error| self.explain(error))?;
        Ok(image.data)
    }

    fn draw_pointer(&self, buffer: &mut gst::Buffer, target: Target) {
        if self.has_pointer
            && let Ok(pointer) = pointer::image(&self.display)
            && let Some(buffer) = buffer.get_mut()
            && let Ok(mut picture) = buffer.map_writable()
        {
            pointer::draw(&pointer, &mut picture, target.on_screen);
        }
    }

    fn explain(&self, error: ReplyError) -> SourceError {
        let error = match error {
            ReplyError::ConnectionError(error) => return lost(error),
            ReplyError::X11Error(error) => error,
        };
        match (&self.area, error.error_kind) {
            (ScreenArea::Window(_), ErrorKind::Window | ErrorKind::Drawable) => {
                SourceError::WindowClosed
            }
            (ScreenArea::Window(_), ErrorKind::Match) => SourceError::WindowHidden,
            (area, kind) => SourceError::Failed {
                source_name: naming::screen(area),
                reason: format!("the display refuses its picture ({kind:?})"),
            },
        }
    }
}

impl Shared {
    fn create(display: &Display, size: u32) -> Result<Self, ReplyOrIdError> {
        let segment = display.connection.generate_id()?;
        let shared = display
            .connection
            .shm_create_segment(segment, size, false)?;
        let memory = File::from(shared.reply()?.shm_fd);
        Ok(Self {
            segment,
            memory,
            size,
        })
    }
}

fn pool_of(width: u16, height: u16) -> Result<FramePool, SourceError> {
    let resolution = Resolution {
        width: width.into(),
        height: height.into(),
    };
    FramePool::new(gst_video::VideoFormat::Bgrx, resolution)
}
