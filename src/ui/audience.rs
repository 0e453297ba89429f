//! The audience: who carries the stream, and how that has gone so far.

use egui::{Label, Ui, vec2};

use super::icons::Icon;
use super::mesh;
use super::parts;
use super::plots;
use super::words;
use crate::broadcast::Live;
use crate::texts::{decimal, say, t};

/// The width in points from which on both cards stand side by side.
const TWO_FIT: f32 = 640.0;
/// Between the lines of a card, so that both fit into a window of usual height.
const TIGHT: f32 = 5.0;
/// The mesh's height: legible, and not all of the window.
const LEAST_MESH: f32 = 220.0;
const MOST_MESH: f32 = 296.0;

/// Shows both cards.
pub fn show(ui: &mut Ui, live: &Live) {
    if ui.available_width() < TWO_FIT {
        carriers(ui, live);
        so_far(ui, live);
        return;
    }
    ui.columns(2, |columns| {
        // Columns would spread the words of a line over its whole width.
        columns[0].vertical(|ui| carriers(ui, live));
        columns[1].vertical(|ui| so_far(ui, live));
    });
}

fn carriers(ui: &mut Ui, live: &Live) {
    parts::card(ui, Icon::Link, t("audience-carriers"), |ui| {
        ui.spacing_mut().item_spacing.y = TIGHT;
        ui.add(Label::new(summary(live)).wrap());
        let width = ui.available_width();
        mesh::show(ui, live, vec2(width, width.clamp(LEAST_MESH, MOST_MESH)));
        parts::explain(ui, t("audience-dots"));
    });
}

/// The upload multiple, as a streamer understands it.
fn summary(live: &Live) -> String {
    let beyond = live.viewers.saturating_sub(live.audience.len());
    let beyond = match beyond {
        0 => String::new(),
        _ => format!(" {}", say("audience-beyond", [("count", beyond.into())])),
    };
    let Some(copies) = live.copies.filter(|_| live.viewers > 0) else {
        return t("audience-nobody").to_owned();
    };
    match live.carried_by_viewers() {
        Some(share) => {
            let values = [
                ("copies", decimal(copies, 1).into()),
                ("share", format!("{:.0}", share * 100.0).into()),
            ];
            format!("{}{beyond}", say("audience-summary", values))
        }
        None => say(
            "audience-summary-alone",
            [("copies", decimal(copies, 1).into())],
        ),
    }
}

fn so_far(ui: &mut Ui, live: &Live) {
    parts::card(ui, Icon::Gauge, t("audience-so-far"), |ui| {
        ui.spacing_mut().item_spacing.y = TIGHT;
        plots::show(ui, live);
        let sent = words::amount(live.uploaded_bytes);
        parts::explain(ui, say("audience-sent", [("amount", sent.into())]));
    });
}
