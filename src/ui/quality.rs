//! Picking how the broadcast is encoded: one of a few usual qualities, or (`advanced`) each number by itself.

use egui::{Align, Ui};

use super::advanced;
use super::icons::{self, Icon};
use super::parts;
use super::theme::Palette;
use super::turn::Turn;
use super::upload_limit;
use super::words;
use crate::broadcast::Command;
use crate::segmenter::{Bitrate, Encoding, PRESETS, Preset, Resolution};
use crate::texts::{say, t};

/// Sound comes on top of the picture's bit rate.
const SOUND: Bitrate = Bitrate::from_kilobits_per_second(160);

/// Shows the picker; a choice changes `encoding`, which it only shows while a broadcast is on, or `upload_limit`.
pub fn show(
    ui: &mut Ui,
    encoding: &mut Encoding,
    upload_limit: &mut Option<Bitrate>,
    turn: &mut Turn<'_>,
) {
    parts::card(ui, Icon::Gauge, t("quality"), |ui| {
        let is_locked = turn.is_on_air();
        ui.add_enabled_ui(!is_locked, |ui| {
            let current = PRESETS.iter().find(|preset| is(preset, encoding));
            let name = current.map_or_else(|| t("quality-custom").to_owned(), name);
            parts::drop_down(ui, t("quality-picture"), &name, |ui| {
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
                parts::explain(ui, t("quality-locked"));
            });
        } else {
            parts::explain(ui, summary(encoding));
        }
        let fold = ui.collapsing(t("quality-advanced"), |ui| {
            ui.add_enabled_ui(!is_locked, |ui| {
                advanced::show(ui, encoding, turn.snapshot.encoders.as_deref())
            });
            upload_limit::show(ui, upload_limit);
        });
        if fold.header_response.clicked() && !is_locked && turn.snapshot.encoders.is_none() {
            turn.outbox.send(Command::FindEncoders);
        }
        // What unfolds below the window's edge is brought into sight.
        if fold.header_response.clicked() || (0.01..1.0).contains(&fold.openness) {
            fold.header_response.scroll_to_me(Some(Align::TOP));
        }
    });
}

fn name(preset: &Preset) -> String {
    let Preset {
        resolution,
        frames_per_second,
        ..
    } = preset;
    say(
        "quality-preset",
        [
            ("height", resolution.height.into()),
            ("rate", (*frames_per_second).into()),
        ],
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
    say(
        "quality-summary",
        [
            ("width", width.into()),
            ("height", height.into()),
            ("rate", encoding.frames_per_second.into()),
            ("upload", words::rate(with_sound).into()),
        ],
    )
}
