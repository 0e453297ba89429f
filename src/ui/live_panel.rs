//! How the broadcast is doing: a figure for each thing that it depends on, with a light.

use egui::{Frame, Label, Margin, Response, RichText, Stroke, Ui};

use super::icons::{self, Icon};
use super::parts;
use super::theme::{CARD_RADIUS, Palette, semi_bold};
use super::words;
use crate::broadcast::{Light, Live, Snapshot, Vital};
use crate::segmenter::Bitrate;
use crate::texts::{Message, decimal, say, t};

/// The least width of a figure in points: with less, `12.5 Mbit/s` is cut.
const LEAST: f32 = 144.0;

/// What is said of one thing.
struct Figure {
    value: String,
    meaning: String,
    /// Where a screen reader has more time than the window room.
    in_full: Option<String>,
}

/// Shows the figures of a live broadcast: as many in a row as there is room for.
pub fn show(ui: &mut Ui, snapshot: &Snapshot, live: &Live) {
    let room = (ui.available_width() / LEAST) as usize;
    let in_a_row = room.clamp(2, Vital::ALL.len());
    for row in Vital::ALL.chunks(in_a_row) {
        ui.columns(in_a_row, |columns| {
            for (ui, vital) in columns.iter_mut().zip(row) {
                figure(ui, snapshot, *vital, &Figure::of(*vital, live));
            }
        });
    }
    if live.dropped_frames > 0 {
        // Whether it still goes on, and what to do then, is a hint of the engine's.
        let left_out = [("count", live.dropped_frames.into())];
        parts::explain(ui, say("figure-left-out", left_out));
    }
}

impl Figure {
    fn of(vital: Vital, live: &Live) -> Self {
        let new = |value: String, meaning: &str| Self {
            value,
            meaning: meaning.to_owned(),
            in_full: None,
        };
        match vital {
            Vital::Viewers if live.viewers == 1 => new("1".to_owned(), t("figure-viewer")),
            Vital::Viewers => new(live.viewers.to_string(), t("figure-viewers")),
            Vital::Upload => upload(live),
            Vital::Delay => {
                let delay = live.history.last().and_then(|moment| moment.delay);
                let delay = delay.map_or_else(
                    || "–".to_owned(),
                    |delay| format!("{} s", decimal(delay.middle.as_secs_f32(), 1)),
                );
                new(delay, t("figure-delay"))
            }
            Vital::Pictures => new(live.dropped_frames.to_string(), t("figure-pictures")),
            Vital::Encoder => new(live.encoder.clone(), t("figure-encoder")),
        }
    }
}

/// What the upload means: how often the stream goes out, and what viewers do beyond that.
fn upload(live: &Live) -> Figure {
    let rate = Bitrate::from_bits_per_second(live.upload_per_second.saturating_mul(8));
    let (meaning, in_full) = match (live.copies, live.carried_by_viewers()) {
        (Some(copies), Some(share)) => (
            in_copies(copies),
            Some(say(
                "figure-copies-carried",
                [
                    ("copies", decimal(copies, 1).into()),
                    ("share", format!("{:.0}", share * 100.0).into()),
                ],
            )),
        ),
        (Some(copies), None) => (in_copies(copies), None),
        (None, _) => (t("figure-upload").to_owned(), None),
    };
    Figure {
        value: words::rate(rate),
        meaning,
        in_full,
    }
}

fn in_copies(copies: f64) -> String {
    say("figure-copies", [("copies", decimal(copies, 1).into())])
}

fn figure(ui: &mut Ui, snapshot: &Snapshot, vital: Vital, figure: &Figure) {
    let palette = Palette::in_use(ui);
    let (icon, ink) = match snapshot.light(vital) {
        Light::Green => (Icon::Well, palette.good_text),
        Light::Amber => (Icon::Warning, palette.warning_text),
        Light::Red => (Icon::Error, palette.error_text),
    };
    let Figure {
        value,
        meaning,
        in_full,
    } = figure;
    let advice = snapshot
        .advice(vital)
        .map_or_else(|| t("all-is-well").to_owned(), Message::spoken);
    let spoken = format!("{value} {}. {advice}", in_full.as_ref().unwrap_or(meaning));
    let shown = Frame::new()
        .fill(palette.surface)
        .stroke(Stroke::new(1.0, palette.border))
        .corner_radius(CARD_RADIUS)
        .inner_margin(Margin::symmetric(12, 8))
        .show(ui, |ui| {
            ui.take_available_width();
            ui.spacing_mut().item_spacing.y = 0.0;
            ui.horizontal(|ui| {
                ui.spacing_mut().interact_size.y = 24.0;
                icons::show(ui, icon, ink);
                let value = RichText::new(value).font(semi_bold(16.0));
                tell(ui.add(Label::new(value).truncate()), &spoken);
            });
            let meaning = RichText::new(meaning).small().color(palette.weak);
            ui.add(Label::new(meaning).truncate());
        });
    shown.response.on_hover_text(spoken);
}

fn tell(label: Response, spoken: &str) {
    label.ctx.accesskit_node_builder(label.id, |node| {
        node.set_value(spoken);
    });
}
