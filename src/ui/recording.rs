//! Recording the broadcast into a file, off by default.

use std::path::Path;

use egui::{Button, Ui};
use fluent_bundle::FluentValue;

use super::background::Wanted;
use super::file_choice::{Ask, FileChoice, with_extension};
use super::hints;
use super::icons::Icon;
use super::parts;
use super::turn::Turn;
use super::words;
use crate::broadcast::{Command, Recording, Severity};
use crate::recording::{Progress, RecordingOptions};
use crate::texts::{say, t};

/// The card; it keeps the file that is being chosen.
#[derive(Default)]
pub struct RecordingCard {
    file: FileChoice,
}

impl RecordingCard {
    /// Shows the card.
    pub fn show(&mut self, ui: &mut Ui, turn: &mut Turn<'_>) {
        parts::card(ui, Icon::Record, t("recording"), |ui| {
            match turn.snapshot.recording.clone() {
                Recording::Off => self.choose(ui, turn),
                Recording::Done(path) => {
                    parts::explain(ui, say("recording-done", [named(&path)]));
                    self.choose(ui, turn);
                }
                Recording::Ready(path) => {
                    let when = if turn.is_on_air() {
                        t("recording-soon")
                    } else {
                        t("recording-at-start")
                    };
                    parts::explain(
                        ui,
                        say("recording-begins", [named(&path), ("when", when.into())]),
                    );
                    stop(ui, t("recording-not"), turn);
                }
                Recording::InTheWay(path) => in_the_way(ui, &path, turn),
                Recording::Running(path, progress) => {
                    going_on(ui, &path, &progress);
                    stop(ui, t("recording-stop"), turn);
                }
            }
        });
    }

    fn choose(&mut self, ui: &mut Ui, turn: &mut Turn<'_>) {
        let ask = Ask {
            name: t("recording-file"),
            example: "/home/me/Videos/today.mp4",
            button: t("choose-where"),
            wanted: Wanted::Recording,
        };
        let outbox = &mut *turn.outbox;
        self.file.show(ui, &ask, turn.dialogs, |ui, path| {
            let record = ui.add_enabled(path.is_some(), Button::new(t("recording-record")));
            if let Some(path) = path.filter(|_| record.clicked()) {
                let options = RecordingOptions::new(with_extension(path, "mp4"));
                outbox.send(Command::Record(options));
            }
        });
        parts::explain(ui, t("recording-why"));
    }
}

fn stop(ui: &mut Ui, label: &str, turn: &mut Turn<'_>) {
    if ui.button(label).clicked() {
        turn.outbox.send(Command::StopRecording);
    }
}

fn in_the_way(ui: &mut Ui, path: &Path, turn: &mut Turn<'_>) {
    let text = say("recording-exists", [named(path)]);
    hints::banner(ui, Severity::Warning, &text);
    ui.horizontal(|ui| {
        if ui.button(t("recording-replace")).clicked() {
            let options = RecordingOptions {
                replace: true,
                ..RecordingOptions::new(path.to_owned())
            };
            turn.outbox.send(Command::Record(options));
        }
        stop(ui, t("recording-keep"), turn);
    });
}

/// The file, as texts take it.
fn named(path: &Path) -> (&'static str, FluentValue<'static>) {
    ("path", path.display().to_string().into())
}

fn going_on(ui: &mut Ui, path: &Path, progress: &Progress) {
    let so_far = say(
        "recording-so-far",
        [
            ("time", words::duration(progress.duration).into()),
            ("amount", words::amount(progress.bytes).into()),
            named(path),
        ],
    );
    parts::explain(ui, so_far);
    if let (Some(room), Some(time)) = (progress.room, progress.time_left()) {
        let left = say(
            "recording-room",
            [
                ("amount", words::amount(room).into()),
                ("time", words::duration(time).into()),
            ],
        );
        parts::explain(ui, left);
    }
}
