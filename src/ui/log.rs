//! What has happened since the program's start, to be read and to be copied into a bug report.

use std::time::{Duration, Instant};

use egui::{Label, RichText, ScrollArea, TextStyle, Ui};

use super::icons::Icon;
use super::parts;
use super::words;
use crate::broadcast::Snapshot;
use crate::texts::t;

/// The log is not higher than this, so that its button stays in sight.
const HIGHEST: f32 = 320.0;
/// How long the button says that the log was copied.
const COPIED_FOR: Duration = Duration::from_secs(2);

/// The card; it remembers that the log was just copied.
#[derive(Default)]
pub struct Log {
    copied_at: Option<Instant>,
}

impl Log {
    /// Shows the log with its button.
    pub fn show(&mut self, ui: &mut Ui, snapshot: &Snapshot, now: Instant) {
        parts::card(ui, Icon::Text, t("log-title"), |ui| {
            ScrollArea::vertical()
                .id_salt("log")
                .max_height(HIGHEST)
                .stick_to_bottom(true)
                .show(ui, |ui| {
                    ui.take_available_width();
                    ui.spacing_mut().item_spacing.y = 3.0;
                    for entry in snapshot.journal.iter() {
                        let line = format!("{}  {}", words::duration(entry.at), entry.text);
                        let text = RichText::new(line).text_style(TextStyle::Small);
                        ui.add(Label::new(text).wrap().selectable(true));
                    }
                });
            self.copy(ui, snapshot, now);
        });
    }

    /// Shows the button and what it is for.
    pub fn copy(&mut self, ui: &mut Ui, snapshot: &Snapshot, now: Instant) {
        let is_copied = self
            .copied_at
            .is_some_and(|at| now.saturating_duration_since(at) < COPIED_FOR);
        let (icon, label) = if is_copied {
            (Icon::Done, t("log-copied"))
        } else {
            (Icon::Copy, t("log-copy"))
        };
        if parts::icon_button(ui, icon, label).clicked() {
            ui.ctx().copy_text(snapshot.report());
            self.copied_at = Some(now);
            ui.ctx().request_repaint_after(COPIED_FOR);
        }
        parts::explain(ui, t("log-privacy"));
    }
}
