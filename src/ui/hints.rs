//! What the person should know: errors, warnings and notes, each with an icon of its own shape and in words.

use egui::{Frame, Label, Margin, RichText, ScrollArea, Ui, accesskit};

use super::icons::{self, Icon};
use super::theme::Palette;
use crate::broadcast::{Hint, Severity};
use crate::texts::{Message, t};

/// A hint of the window's own.
pub fn hint(severity: Severity, text: Message) -> Hint {
    Hint {
        severity,
        about: None,
        text,
    }
}

/// Shows what there is to know, and nothing when there is nothing.
pub fn show<'a>(ui: &mut Ui, hints: impl IntoIterator<Item = &'a Hint>) {
    let mut hints = hints.into_iter().peekable();
    if hints.peek().is_none() {
        return;
    }
    // Chosen: three lines of hints at least; more of them scroll, the picture stays in sight.
    let height = (ui.available_height() * 0.35).max(120.0);
    ScrollArea::vertical()
        .id_salt("hints")
        .max_height(height)
        .show(ui, |ui| {
            for hint in hints {
                banner(ui, hint.severity, &hint.text.spoken());
            }
        });
}

/// One thing to know, where it matters.
pub fn banner(ui: &mut Ui, severity: Severity, text: &str) {
    let palette = Palette::in_use(ui);
    let (icon, fill, ink, word) = match severity {
        Severity::Note => (
            Icon::Information,
            palette.accent_soft,
            palette.accent_text,
            t("severity-note"),
        ),
        Severity::Warning => (
            Icon::Warning,
            palette.warning_soft,
            palette.warning_text,
            t("severity-warning"),
        ),
        Severity::Error => (
            Icon::Error,
            palette.error_soft,
            palette.error_text,
            t("severity-error"),
        ),
    };
    Frame::new()
        .fill(fill)
        .corner_radius(8)
        .inner_margin(Margin::symmetric(12, 8))
        .show(ui, |ui| {
            ui.horizontal_top(|ui| {
                icons::show(ui, icon, ink);
                let said = ui.add(Label::new(RichText::new(text).color(ink)).wrap());
                ui.ctx().accesskit_node_builder(said.id, |node| {
                    node.set_label(format!("{word}: {text}"));
                    node.set_role(match severity {
                        Severity::Error => accesskit::Role::Alert,
                        Severity::Note | Severity::Warning => accesskit::Role::Status,
                    });
                    node.set_live(accesskit::Live::Polite);
                });
                ui.take_available_width();
            });
        });
}
