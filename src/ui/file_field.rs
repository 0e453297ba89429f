//! Picking a video file: by the desktop's dialog, by typing or pasting its path, or by dropping it on the window.

use std::path::PathBuf;

use egui::{Button, TextEdit, Ui};
use tokio::sync::oneshot;

use super::background::Wanted;
use super::parts;
use super::turn::Turn;
use crate::capture::VideoSource;
use crate::texts::t;

/// A path that is being typed, or a dialog that is open.
#[derive(Default)]
pub struct FileField {
    /// What stands in the field while it is edited.
    draft: Option<String>,
    dialog: Dialog,
}

#[derive(Default)]
enum Dialog {
    #[default]
    Closed,
    Open(oneshot::Receiver<Option<PathBuf>>),
    /// It brought no file: cancelled, or the desktop has no file dialog.
    BroughtNothing,
}

impl FileField {
    /// A file that was just dropped on the window.
    pub fn take_dropped(&mut self, context: &egui::Context) -> Option<PathBuf> {
        let dropped = context.input(|input| {
            let file = input.raw.dropped_files.first()?;
            Some(file.path().to_owned())
        });
        if dropped.is_some() {
            *self = Self::default();
        }
        dropped
    }

    /// Shows the field; returns the path that was chosen.
    pub fn show(&mut self, ui: &mut Ui, source: &VideoSource, turn: &Turn<'_>) -> Option<PathBuf> {
        let in_use = match source {
            VideoSource::File(path) => path.to_string_lossy().into_owned(),
            _ => String::new(),
        };
        let typed = self.path(ui, in_use);
        let is_open = matches!(self.dialog, Dialog::Open(_));
        if ui
            .add_enabled(!is_open, Button::new(t("choose-file")))
            .clicked()
            && let Some(answer) = turn.dialogs.ask(Wanted::Video)
        {
            self.dialog = Dialog::Open(answer);
        }
        let chosen = self.dialog_answer();
        if matches!(self.dialog, Dialog::BroughtNothing) {
            parts::explain(ui, t("file-none"));
        }
        parts::explain(ui, t("file-plays"));
        let picked = chosen.or(typed)?;
        *self = Self::default();
        Some(picked)
    }

    fn path(&mut self, ui: &mut Ui, in_use: String) -> Option<PathBuf> {
        let mut text = self.draft.clone().unwrap_or_else(|| in_use.clone());
        let response = parts::field(ui, t("file-path"), |ui| {
            let field = TextEdit::singleline(&mut text)
                .desired_width(f32::INFINITY)
                .hint_text("/home/me/Videos/clip.mp4");
            ui.add(field)
        });
        if response.changed() {
            self.draft = Some(text);
        }
        if !response.lost_focus() {
            return None;
        }
        let typed = self.draft.take()?;
        let typed = typed.trim();
        (!typed.is_empty() && typed != in_use).then(|| PathBuf::from(typed))
    }

    fn dialog_answer(&mut self) -> Option<PathBuf> {
        let Dialog::Open(answer) = &mut self.dialog else {
            return None;
        };
        let answer = match answer.try_recv() {
            Ok(answer) => answer,
            Err(oneshot::error::TryRecvError::Empty) => return None,
            Err(oneshot::error::TryRecvError::Closed) => None,
        };
        self.dialog = match answer {
            Some(_) => Dialog::Closed,
            None => Dialog::BroughtNothing,
        };
        answer
    }
}
