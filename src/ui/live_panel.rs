//! How the broadcast is doing: viewers, upload, and what is lost.

use egui::{Frame, Margin, RichText, Stroke, Ui};

use super::icons::{self, Icon};
use super::parts;
use super::theme::{CARD_RADIUS, Palette, semi_bold};
use super::words;
use crate::broadcast::Live;
use crate::segmenter::Bitrate;

/// The width in points from which on three figures stand side by side.
const THREE_FIT: f32 = 520.0;

/// Shows the numbers of a live broadcast.
pub fn show(ui: &mut Ui, live: &Live) {
    let rate = Bitrate::from_bits_per_second(live.upload_per_second.saturating_mul(8));
    let viewers = if live.viewers == 1 {
        "person watching"
    } else {
        "people watching"
    };
    let figures = [
        (Icon::Eye, live.viewers.to_string(), viewers.to_owned()),
        (Icon::Upload, words::rate(rate), copies(live)),
        (Icon::Chip, live.encoder.clone(), "encoder".to_owned()),
    ];
    // The last figure matters least: it is left out where there is no room for three.
    let fit = if ui.available_width() < THREE_FIT {
        2
    } else {
        3
    };
    ui.columns(fit, |columns| {
        for (ui, (icon, value, meaning)) in columns.iter_mut().zip(figures) {
            figure(ui, icon, &value, &meaning);
        }
    });
    if live.dropped_frames > 0 {
        // Whether it still goes on, and what to do then, is a hint of the engine's.
        let left_out = words::count(live.dropped_frames, "picture was", "pictures were");
        parts::explain(
            ui,
            format!("{left_out} left out so far, because this computer could not keep up."),
        );
    }
}

/// What the upload means: how often the stream goes out, and what viewers do beyond that.
fn copies(live: &Live) -> String {
    match (live.copies, live.carried_by_viewers()) {
        (Some(copies), Some(share)) => {
            format!("{copies:.1} copies; viewers carry {:.0} %", share * 100.0)
        }
        (Some(copies), None) => format!("{copies:.1} copies of the stream"),
        (None, _) => "upload".to_owned(),
    }
}

fn figure(ui: &mut Ui, icon: Icon, value: &str, meaning: &str) {
    let palette = Palette::in_use(ui);
    Frame::new()
        .fill(palette.surface)
        .stroke(Stroke::new(1.0, palette.border))
        .corner_radius(CARD_RADIUS)
        .inner_margin(Margin::symmetric(14, 8))
        .show(ui, |ui| {
            ui.take_available_width();
            ui.spacing_mut().item_spacing.y = 0.0;
            ui.horizontal(|ui| {
                ui.spacing_mut().interact_size.y = 24.0;
                icons::show(ui, icon, palette.weak);
                let said = ui.label(RichText::new(value).font(semi_bold(17.0)));
                ui.ctx().accesskit_node_builder(said.id, |node| {
                    node.set_value(format!("{value} {meaning}"));
                });
            });
            ui.label(RichText::new(meaning).small().color(palette.weak));
        });
}
