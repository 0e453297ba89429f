//! The window. It shows the engine's snapshot and sends it commands; it holds no socket, no pipeline, no lock.
//!
//! [`Window`] puts the parts where they belong, and each part is a file: what is shown of the snapshot, and which command
//! a click sends. The parts look alike because they are made of `parts` in the colours of `theme`.

mod about;
mod advanced;
mod app;
mod asked;
mod audience;
mod background;
mod channel;
mod closing;
mod entry;
mod file_choice;
mod file_field;
mod hints;
mod icons;
mod large_code;
mod level;
mod links;
mod listing;
mod live_panel;
mod log;
pub mod mark;
mod mesh;
mod outbox;
mod overlay_picker;
mod parts;
mod plots;
mod preferences;
mod preview;
mod qr;
mod quality;
mod reach;
mod recording;
mod settings;
mod share;
mod sound_picker;
mod source_picker;
mod spoken;
mod start_stop;
mod theme;
mod top_bar;
mod turn;
mod upload_limit;
mod view;
mod welcome;

use std::sync::Arc;
use std::time::Instant;

use egui::{IconData, ViewportBuilder};
use tokio::sync::{mpsc, watch};

use links::LinkOpener;
use preferences::{Keeper, Preferences};

pub use app::Window;
pub use welcome::begin as welcome;

use crate::broadcast::{Command, Snapshot};
use crate::words;

/// A window that cannot be shown.
#[derive(Debug, thiserror::Error)]
#[error(
    "the window cannot be opened: {0}. Is a desktop running, and is OpenGL 2.1 or newer there? Without a desktop, `liveontorrent broadcast` goes live from the command line"
)]
pub struct WindowError(#[from] eframe::Error);

/// Opens the window and returns when it is closed. The engine goes on: it is for the caller to end it.
///
/// The window must be on the process's first thread.
pub fn run(
    snapshots: watch::Receiver<Arc<Snapshot>>,
    commands: mpsc::Sender<Command>,
) -> Result<(), WindowError> {
    let options = eframe::NativeOptions {
        viewport: ViewportBuilder::default()
            .with_title(app::NAME)
            // By this name a desktop finds the program's icon and its desktop entry.
            .with_app_id("liveontorrent")
            .with_inner_size([1280.0, 720.0])
            .with_min_inner_size([480.0, 420.0])
            .with_icon(icon()),
        renderer: eframe::Renderer::Glow,
        centered: true,
        // Nothing in the window is a gradient, and every pixel would pay for it.
        dithering: false,
        ..Default::default()
    };
    eframe::run_native(
        app::NAME,
        options,
        Box::new(|creation| {
            let context = &creation.egui_ctx;
            match Preferences::default_folder() {
                Some(folder) => Keeper::install(folder, context),
                None => Preferences::default().apply(context),
            }
            context.add_plugin(LinkOpener);
            let window = Window::new(context, snapshots, commands, Instant::now)?;
            Ok(Box::new(window))
        }),
    )?;
    Ok(())
}

fn icon() -> IconData {
    let image = mark::image(mark::SIDE);
    IconData {
        rgba: image
            .pixels
            .iter()
            .flat_map(|pixel| pixel.to_srgba_unmultiplied())
            .collect(),
        width: image.width() as u32,
        height: image.height() as u32,
    }
}
