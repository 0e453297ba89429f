//! Moving the channel to another computer: a copy is saved here and loaded there.

use std::path::PathBuf;

use egui::{Button, Ui};

use super::background::Wanted;
use super::file_choice::{Ask, FileChoice, with_extension};
use super::hints;
use super::parts;
use super::turn::Turn;
use crate::broadcast::{Command, Severity};

/// The files that are being chosen, and one that waits for the person to be sure.
#[derive(Default)]
pub struct Channel {
    copy: FileChoice,
    load: FileChoice,
    asking: Option<PathBuf>,
}

impl Channel {
    /// Shows both.
    pub fn show(&mut self, ui: &mut Ui, turn: &mut Turn<'_>) {
        parts::explain(
            ui,
            "Your link stays the same because of your channel's key, which is on this computer only. To broadcast on the same \
             link from another computer, save a copy here and load it there.",
        );
        self.save(ui, turn);
        if turn.is_on_air() {
            parts::explain(ui, "Stop the broadcast to load another channel.");
        } else {
            self.load(ui, turn);
        }
    }

    fn save(&mut self, ui: &mut Ui, turn: &mut Turn<'_>) {
        let ask = Ask {
            name: "File to save your channel in",
            example: "/media/stick/my-channel.txt",
            button: "Choose where…",
            wanted: Wanted::KeyCopy,
        };
        let chosen = self.copy.show(ui, &ask, turn.dialogs, |ui, path| {
            let save = ui.add_enabled(path.is_some(), Button::new("Save a copy"));
            path.filter(|_| save.clicked())
                .map(|path| with_extension(path, "txt"))
        });
        if let Some(to) = chosen {
            let replace = self.copy.may_replace(&to);
            turn.outbox.send(Command::SaveChannel { to, replace });
        }
        hints::banner(
            ui,
            Severity::Warning,
            "Whoever has this file can broadcast as you. Send it to nobody.",
        );
    }

    fn load(&mut self, ui: &mut Ui, turn: &mut Turn<'_>) {
        let ask = Ask {
            name: "Saved channel to load",
            example: "/media/stick/my-channel.txt",
            button: "Choose a file…",
            wanted: Wanted::Key,
        };
        let chosen = self.load.show(ui, &ask, turn.dialogs, |ui, path| {
            let load = ui.add_enabled(path.is_some(), Button::new("Load"));
            path.filter(|_| load.clicked()).map(PathBuf::from)
        });
        if chosen.is_some() {
            self.asking = chosen;
        }
        let Some(from) = self.asking.clone() else {
            return;
        };
        hints::banner(
            ui,
            Severity::Warning,
            "Your link changes to the loaded channel's: links that you have shared lead nowhere until you load the old key \
             again. It is kept.",
        );
        ui.horizontal_wrapped(|ui| {
            if ui.button("Load this channel").clicked() {
                turn.outbox.send(Command::LoadChannel(from));
                self.asking = None;
            }
            if ui.button("Keep mine").clicked() {
                self.asking = None;
            }
        });
    }
}
