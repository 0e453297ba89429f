//! Moving the channel to another computer: a copy is saved here and loaded there.

use std::path::PathBuf;

use egui::{Button, Ui};

use super::background::Wanted;
use super::file_choice::{Ask, FileChoice, with_extension};
use super::hints;
use super::parts;
use super::turn::Turn;
use crate::broadcast::{Command, Severity};
use crate::texts::t;

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
        parts::explain(ui, t("channel-why"));
        self.save(ui, turn);
        if turn.is_on_air() {
            parts::explain(ui, t("channel-stop-first"));
        } else {
            self.load(ui, turn);
        }
    }

    fn save(&mut self, ui: &mut Ui, turn: &mut Turn<'_>) {
        let ask = Ask {
            name: t("channel-copy"),
            example: "/media/stick/my-channel.txt",
            button: t("choose-where"),
            wanted: Wanted::KeyCopy,
        };
        let chosen = self.copy.show(ui, &ask, turn.dialogs, |ui, path| {
            let save = ui.add_enabled(path.is_some(), Button::new(t("channel-save")));
            path.filter(|_| save.clicked())
                .map(|path| with_extension(path, "txt"))
        });
        if let Some(to) = chosen {
            let replace = self.copy.may_replace(&to);
            turn.outbox.send(Command::SaveChannel { to, replace });
        }
        hints::banner(ui, Severity::Warning, t("channel-warning"));
    }

    fn load(&mut self, ui: &mut Ui, turn: &mut Turn<'_>) {
        let ask = Ask {
            name: t("channel-saved"),
            example: "/media/stick/my-channel.txt",
            button: t("choose-file"),
            wanted: Wanted::Key,
        };
        let chosen = self.load.show(ui, &ask, turn.dialogs, |ui, path| {
            let load = ui.add_enabled(path.is_some(), Button::new(t("channel-load")));
            path.filter(|_| load.clicked()).map(PathBuf::from)
        });
        if chosen.is_some() {
            self.asking = chosen;
        }
        let Some(from) = self.asking.clone() else {
            return;
        };
        hints::banner(ui, Severity::Warning, t("channel-changes"));
        ui.horizontal_wrapped(|ui| {
            if ui.button(t("channel-load-sure")).clicked() {
                turn.outbox.send(Command::LoadChannel(from));
                self.asking = None;
            }
            if ui.button(t("channel-keep")).clicked() {
                self.asking = None;
            }
        });
    }
}
