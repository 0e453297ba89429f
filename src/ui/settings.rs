//! The settings: how the window looks, how the broadcast is sent, and the channel itself.

use egui::{Button, Context, DragValue, ThemePreference, Ui, gui_zoom, vec2};

use super::channel::Channel;
use super::hints;
use super::log::Log;
use super::parts;
use super::reach::ReachFields;
use super::spoken;
use super::turn::Turn;
use crate::broadcast::Command;
use crate::server::DEFAULT_PORT;
use crate::texts::{Language, t};

/// The dialog's width in points, where the window has room.
const WIDTH: f32 = 520.0;

/// The dialog, and what is being chosen in it.
#[derive(Default)]
pub struct Settings {
    is_open: bool,
    channel: Channel,
    reach: ReachFields,
    log: Log,
}

impl Settings {
    /// Opens it.
    pub fn open(&mut self) {
        self.is_open = true;
    }

    /// Shows it, where it is open; `quality` and `listing` show what the window shows too.
    pub fn show(
        &mut self,
        context: &Context,
        turn: &mut Turn<'_>,
        quality: impl FnOnce(&mut Ui, &mut Turn<'_>),
        listing: impl FnOnce(&mut Ui, &mut Turn<'_>),
    ) {
        if !self.is_open {
            return;
        }
        let window = context.content_rect().size();
        let dialog = parts::dialog("settings", t("settings"), context).show(context, |ui| {
            ui.set_width(WIDTH.min(window.x - 48.0));
            parts::title(ui, t("settings"));
            // What is left of the window beside the title and the button; all of it at once, and whatever is in it: the
            // dialog must not move under the pointer.
            let height = (window.y - 180.0).max(160.0);
            parts::scrolled(height).show(ui, |ui| {
                ui.spacing_mut().item_spacing.y = 10.0;
                hints::show(ui, &turn.snapshot.hints);
                section(ui, t("settings-appearance"), appearance);
                section(ui, t("settings-language"), language);
                quality(ui, turn);
                section(ui, t("settings-network"), |ui| {
                    self.reach.show(ui, turn, listing);
                    port(ui, turn);
                });
                section(ui, t("settings-channel"), |ui| self.channel.show(ui, turn));
                section(ui, t("settings-wrong"), |ui| {
                    self.log.copy(ui, turn.snapshot, turn.now);
                });
            });
            ui.vertical_centered(|ui| {
                let close = ui.add(Button::new(t("close")).min_size(vec2(140.0, 36.0)));
                close.clicked()
            })
            .inner
        });
        if dialog.inner || dialog.should_close() {
            *self = Self {
                // What is typed there and not right yet is there when it is opened again.
                reach: std::mem::take(&mut self.reach),
                ..Self::default()
            };
        }
    }
}

fn section(ui: &mut Ui, title: &str, content: impl FnOnce(&mut Ui)) {
    ui.separator();
    parts::heading(ui, title);
    content(ui);
}

/// How the window looks; it is the window's own business, so no command is sent.
fn appearance(ui: &mut Ui) {
    let theme = ui.ctx().options(|options| options.theme_preference);
    ui.horizontal_wrapped(|ui| {
        for (choice, label) in [
            (ThemePreference::System, t("look-system")),
            (ThemePreference::Light, t("look-light")),
            (ThemePreference::Dark, t("look-dark")),
        ] {
            if ui.selectable_label(theme == choice, label).clicked() {
                ui.ctx().set_theme(choice);
            }
        }
    });
    ui.horizontal_wrapped(|ui| {
        if ui.button(t("text-larger")).clicked() {
            gui_zoom::zoom_in(ui.ctx());
        }
        if ui.button(t("text-smaller")).clicked() {
            gui_zoom::zoom_out(ui.ctx());
        }
        if ui.button(t("text-usual")).clicked() {
            ui.ctx().set_zoom_factor(1.0);
        }
    });
}

/// What the window speaks; the names are in their own language, so that each is found by who needs it.
fn language(ui: &mut Ui) {
    let chosen = spoken::chosen(ui.ctx());
    let languages = Language::ALL.map(|language| (Some(language), language.name()));
    ui.horizontal_wrapped(|ui| {
        for (choice, name) in std::iter::once((None, t("language-system"))).chain(languages) {
            if ui.selectable_label(chosen == choice, name).clicked() {
                spoken::choose(ui.ctx(), choice);
            }
        }
    });
}

fn port(ui: &mut Ui, turn: &mut Turn<'_>) {
    let chosen = turn.snapshot.port;
    let mut port = chosen.unwrap_or(DEFAULT_PORT);
    parts::field(ui, t("settings-port"), |ui| {
        // Below 1024 a program needs rights that this one should not have.
        let field = DragValue::new(&mut port)
            .range(1024..=u16::MAX)
            .speed(1)
            .update_while_editing(false);
        ui.add(field)
    });
    parts::explain(ui, t("settings-port-why"));
    let port = (port != DEFAULT_PORT).then_some(port);
    if port != chosen {
        turn.outbox.send(Command::SetPort(port));
    }
}
