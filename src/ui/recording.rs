//! Recording the broadcast into a file, off by default.

use std::path::Path;

use egui::{Button, Ui};

use super::background::Wanted;
use super::file_choice::{Ask, FileChoice, with_extension};
use super::hints;
use super::icons::Icon;
use super::parts;
use super::turn::Turn;
use super::words;
use crate::broadcast::{Command, Recording, Severity};
use crate::recording::{Progress, RecordingOptions};

/// The card; it keeps the file that is being chosen.
#[derive(Default)]
pub struct RecordingCard {
    file: FileChoice,
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
        let ask = Ask {
            name: "File to record to",
            example: "/home/me/Videos/today.mp4",
            button: "Choose where…",
            wanted: Wanted::Recording,
        };
        let outbox = &mut *turn.outbox;
        self.file.show(ui, &ask, turn.dialogs, |ui, path| {
            let record = ui.add_enabled(path.is_some(), Button::new("Record"));
            if let Some(path) = path.filter(|_| record.clicked()) {
                let options = RecordingOptions::new(with_extension(path, "mp4"));
                outbox.send(Command::Record(options));
            }
        });
        parts::explain(
            ui,
            "What viewers get is kept in an MP4 that any player opens. It costs no extra work, only room on the disk.",
        );
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
