//! Choosing a file to write or to read: by typing or pasting its path, or in the desktop's dialog where it has one.

use std::path::{Path, PathBuf};

use egui::{Button, Ui};
use tokio::sync::oneshot;

use super::background::{FileDialogs, Wanted};
use super::parts;

/// Longer than any path of a usual system.
const LONGEST_PATH: usize = 4096;

/// A path that is being chosen, and a dialog that is open.
#[derive(Default)]
pub struct FileChoice {
    path: String,
    dialog: Option<oneshot::Receiver<Option<PathBuf>>>,
    /// What came out of the dialog, which has asked already whether a file may be replaced.
    from_dialog: Option<PathBuf>,
}

/// How a file is asked for.
pub struct Ask<'a> {
    /// The field's name.
    pub name: &'a str,
    /// What it may look like.
    pub example: &'a str,
    /// The button that opens the dialog.
    pub button: &'a str,
    /// What the dialog asks for.
    pub wanted: Wanted,
}

impl FileChoice {
    /// Shows the field, and under it a row of buttons: the one that opens the dialog, and those of `more`, which gets
    /// the path that is chosen so far.
    pub fn show<R>(
        &mut self,
        ui: &mut Ui,
        ask: &Ask<'_>,
        dialogs: &FileDialogs,
        more: impl FnOnce(&mut Ui, Option<&Path>) -> R,
    ) -> R {
        self.take_answer();
        parts::text_line(ui, ask.name, &mut self.path, ask.example, LONGEST_PATH);
        ui.horizontal_wrapped(|ui| {
            let can_ask = self.dialog.is_none();
            if ui.add_enabled(can_ask, Button::new(ask.button)).clicked() {
                self.dialog = dialogs.ask(ask.wanted);
            }
            let path = self.path.trim();
            more(ui, (!path.is_empty()).then_some(Path::new(path)))
        })
        .inner
    }

    /// Whether the person has agreed in the dialog that this file is replaced if it is there.
    pub fn may_replace(&self, path: &Path) -> bool {
        self.from_dialog.as_deref() == Some(path)
    }

    fn take_answer(&mut self) {
        let Some(dialog) = &mut self.dialog else {
            return;
        };
        match dialog.try_recv() {
            Ok(Some(path)) => {
                self.path = path.to_string_lossy().into_owned();
                self.from_dialog = Some(path);
            }
            Err(oneshot::error::TryRecvError::Empty) => return,
            Ok(None) | Err(oneshot::error::TryRecvError::Closed) => {}
        }
        self.dialog = None;
    }
}

/// The path with this extension where it has none: players and desktops go by it.
pub fn with_extension(path: &Path, extension: &str) -> PathBuf {
    if path.extension().is_some() {
        path.to_owned()
    } else {
        path.with_extension(extension)
    }
}
