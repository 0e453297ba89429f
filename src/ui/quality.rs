//! Picking how the broadcast is encoded: one of a few usual qualities, or (`advanced`) each number by itself.

use egui::{Align, Ui};

use super::advanced;
use super::icons::{self, Icon};
use super::parts;
use super::theme::Palette;
use super::turn::Turn;
use super::upload_limit;
use super::words;
use crate::segmenter::{Bitrate, Encoding, PRESETS, Preset, Resolution};

/// Sound comes on top of the picture's bit rate.
const SOUND: Bitrate = Bitrate::from_kilobits_per_second(160);

/// Shows the picker; a choice changes `encoding`, which it only shows while a broadcast is on, or `upload_limit`.
pub fn show(
    ui: &mut Ui,
    encoding: &mut Encoding,
    upload_limit: &mut Option<Bitrate>,
    turn: &Turn<'_>,
) {
    parts::card(ui, Icon::Gauge, "Quality", |ui| {
        let is_locked = turn.is_on_air();
        ui.add_enabled_ui(!is_locked, |ui| {
            let current = PRESETS.iter().find(|preset| is(preset, encoding));
            let name = current.map_or_else(|| "Custom".to_owned(), name);
            parts::drop_down(ui, "Picture quality", &name, |ui| {
                for preset in &PRESETS {
                    let label = format!(
                        "{}   ({})",
                        self::name(preset),
                        words::rate(preset.video_bitrate)
                    );
                    if ui.selectable_label(is(preset, encoding), label).clicked() {
                        preset.apply(encoding);
                    }
                }
            });
        });
        if is_locked {
            let palette = Palette::in_use(ui);
            ui.horizontal(|ui| {
                icons::show(ui, Icon::Lock, palette.weak);
                parts::explain(
                    ui,
                    "Stop the broadcast to change the quality: viewers' players are set up for this one.",
                );
            });
        } else {
            parts::explain(ui, summary(encoding));
        }
        let fold = ui.collapsing("Advanced", |ui| {
            ui.add_enabled_ui(!is_locked, |ui| advanced::show(ui, encoding));
            upload_limit::show(ui, upload_limit);
        });
        // What unfolds below the window's edge is brought into sight.
        if fold.header_response.clicked() || (0.01..1.0).contains(&fold.openness) {
            fold.header_response.scroll_to_me(Some(Align::TOP));
        }
    });
}

fn name(preset: &Preset) -> String {
    format!(
        "{}p at {}",
        preset.resolution.height, preset.frames_per_second
    )
}

fn is(preset: &Preset, encoding: &Encoding) -> bool {
    let mut same = encoding.clone();
    preset.apply(&mut same);
    same == *encoding
}

fn summary(encoding: &Encoding) -> String {
    let Resolution { width, height } = encoding.resolution;
    let with_sound = Bitrate::from_bits_per_second(
        encoding.video_bitrate.bits_per_second() + SOUND.bits_per_second(),
    );
    format!(
        "{width} × {height}, {} pictures a second. About {} of upload for each viewer that you serve yourself.",
        encoding.frames_per_second,
        words::rate(with_sound)
    )
}
