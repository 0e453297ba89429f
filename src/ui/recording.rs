//! Recording the broadcast into a file, off by default.

use std::path::{Path, PathBuf};

use egui::{Button, Ui};
use tokio::sync::oneshot;

use super::hints;
use super::icons::Icon;
use super::parts;
use super::turn::Turn;
use super::words;
use crate::broadcast::{Command, Recording, Severity};
use crate::recording::{Progress, RecordingOptions};

/// Longer than any path of a usual system.
const LONGEST_PATH: usize = 4096;

/// The card; it keeps the path that is typed, and a dialog that is open.
#[derive(Default)]
pub struct RecordingCard {
    path: String,
    dialog: Option<oneshot::Receiver<Option<PathBuf>>>,
}

impl RecordingCard {
    /// Shows the card.
    pub fn show(&mut self, ui: &mut Ui, turn: &mut Turn<'_>) {
        parts::card(ui, Icon::Record, "Recording", |ui| {
            match turn.snapshot.recording.clone() {
                Recording::Off => self.choose(ui, turn),
                Recording::Done(path) => {
                    parts::explain(ui, format!("It is recorded in {}.", path.display()));
                    self.choose(ui, turn);
                }
                Recording::Ready(path) => {
                    let when = if turn.is_on_air() {
                        "in a moment"
                    } else {
                        "when you start"
                    };
                    parts::explain(ui, format!("{} begins {when}.", path.display()));
                    stop(ui, "Do not record", turn);
                }
                Recording::InTheWay(path) => in_the_way(ui, &path, turn),
                Recording::Running(path, progress) => {
                    going_on(ui, &path, &progress);
                    stop(ui, "Stop recording", turn);
                }
            }
        });
    }

    fn choose(&mut self, ui: &mut Ui, turn: &mut Turn<'_>) {
        self.take_answer();
        parts::text_line(
            ui,
            "File to record to",
            &mut self.path,
            "/home/me/Videos/today.mp4",
            LONGEST_PATH,
        );
        ui.horizontal(|ui| {
            let can_ask = self.dialog.is_none();
            if ui
                .add_enabled(can_ask, Button::new("Choose where…"))
                .clicked()
            {
                self.dialog = turn.dialogs.ask_for_recording();
            }
            let path = self.path.trim();
            if ui
                .add_enabled(!path.is_empty(), Button::new("Record"))
                .clicked()
            {
                let options = RecordingOptions::new(with_extension(path));
                turn.outbox.send(Command::Record(options));
            }
        });
        parts::explain(
            ui,
            "What viewers get is kept in an MP4 that any player opens. It costs no extra work, only room on the disk.",
        );
    }

    fn take_answer(&mut self) {
        let Some(dialog) = &mut self.dialog else {
            return;
        };
        match dialog.try_recv() {
            Ok(Some(path)) => self.path = path.to_string_lossy().into_owned(),
            Err(oneshot::error::TryRecvError::Empty) => return,
            Ok(None) | Err(oneshot::error::TryRecvError::Closed) => {}
        }
        self.dialog = None;
    }
}

/// Players and desktops go by it.
fn with_extension(path: &str) -> PathBuf {
    let path = PathBuf::from(path);
    if path.extension().is_some() {
        path
    } else {
        path.with_extension("mp4")
    }
}

fn stop(ui: &mut Ui, label: &str, turn: &mut Turn<'_>) {
    if ui.button(label).clicked() {
        turn.outbox.send(Command::StopRecording);
    }
}

fn in_the_way(ui: &mut Ui, path: &Path, turn: &mut Turn<'_>) {
    let text = format!("{} exists already.", path.display());
    hints::banner(ui, Severity::Warning, &text);
    ui.horizontal(|ui| {
        if ui.button("Replace it").clicked() {
            let options = RecordingOptions {
                replace: true,
                ..RecordingOptions::new(path.to_owned())
            };
            turn.outbox.send(Command::Record(options));
        }
        stop(ui, "Keep it", turn);
    });
}

fn going_on(ui: &mut Ui, path: &Path, progress: &Progress) {
    let so_far = format!(
        "{} so far, {}, in {}.",
        words::duration(progress.duration),
        words::amount(progress.bytes),
        path.display()
    );
    parts::explain(ui, so_far);
    if let (Some(room), Some(time)) = (progress.room, progress.time_left()) {
        let left = format!(
            "The disk has room for {} more, about {}.",
            words::amount(room),
            words::duration(time)
        );
        parts::explain(ui, left);
    }
}
