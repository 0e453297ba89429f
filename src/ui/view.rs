//! What the stage shows while live: the picture, the audience, or the log; and beside the choice how all is going.

use egui::{Align, Layout, Ui, vec2};

use super::parts;
use super::theme::Palette;
use crate::broadcast::{Light, Snapshot};
use crate::texts::t;

/// What the stage shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum View {
    /// The picture that viewers see.
    #[default]
    Preview,
    /// Who watches, and who carries the stream.
    Audience,
    /// What has happened.
    Log,
}

/// Shows the choice between the views, and the light of everything together.
pub fn show(ui: &mut Ui, view: &mut View, snapshot: &Snapshot) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        ui.scope(|ui| {
            ui.spacing_mut().button_padding = parts::MENU_PADDING + vec2(6.0, 1.0);
            for (choice, name) in [
                (View::Preview, t("view-preview")),
                (View::Audience, t("view-audience")),
                (View::Log, t("view-log")),
            ] {
                ui.selectable_value(view, choice, name);
            }
        });
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            health(ui, snapshot.health());
        });
    });
}

fn health(ui: &mut Ui, light: Light) {
    let palette = Palette::in_use(ui);
    let (fill, ink, words, spoken) = match light {
        Light::Green => (
            palette.good_soft,
            palette.good_text,
            t("all-is-well"),
            t("health-good"),
        ),
        Light::Amber => (
            palette.warning_soft,
            palette.warning_text,
            t("health-attention"),
            t("health-attention-spoken"),
        ),
        Light::Red => (
            palette.error_soft,
            palette.error_text,
            t("health-trouble"),
            t("health-trouble-spoken"),
        ),
    };
    parts::pill(ui, fill, ink, true, words, spoken);
}
