//! What the stage shows while live: the picture, or the audience.

use egui::{Ui, vec2};

use super::parts;

/// What the stage shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum View {
    /// The picture that viewers see.
    #[default]
    Preview,
    /// Who watches, and who carries the stream.
    Audience,
}

/// Shows the choice between the views.
pub fn show(ui: &mut Ui, view: &mut View) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        ui.spacing_mut().button_padding = parts::MENU_PADDING + vec2(6.0, 1.0);
        for (choice, name) in [(View::Preview, "Preview"), (View::Audience, "Audience")] {
            ui.selectable_value(view, choice, name);
        }
    });
}
