//! Picking how the broadcast is encoded: one of a few usual qualities, or (`advanced`) each number by itself.

use egui::{Align, Ui};

use super::advanced;
use super::icons::{self, Icon};
use super::parts;
use super::theme::Palette;
use super::turn::Turn;
use super::words;
use crate::segmenter::{Bitrate, Encoding, Resolution};

/// A quality that people know by name.
struct Preset {
    height: u32,
    frames_per_second: u32,
    kilobits_per_second: u64,
}

const PRESETS: [Preset; 8] = [
    Preset::new(360, 30, 800),
    Preset::new(360, 60, 1200),
    Preset::new(480, 30, 1300),
    Preset::new(480, 60, 2000),
    Preset::new(720, 30, 2500),
    Preset::new(720, 60, 4000),
    Preset::new(1080, 30, 4500),
    Preset::new(1080, 60, 7000),
];

/// Sound comes on top of the picture's bit rate.
const SOUND: u64 = 160;

impl Preset {
    const fn new(height: u32, frames_per_second: u32, kilobits_per_second: u64) -> Self {
        Self {
            height,
            frames_per_second,
            kilobits_per_second,
        }
    }

    fn name(&self) -> String {
        let Self {
            height,
            frames_per_second,
            ..
        } = self;
        format!("{height}p at {frames_per_second}")
    }

    fn resolution(&self) -> Resolution {
        Resolution {
            // 16 to 9, and even, as encoders need it.
            width: (self.height * 16 / 9).next_multiple_of(2),
            height: self.height,
        }
    }

    fn apply(&self, encoding: &mut Encoding) {
        encoding.resolution = self.resolution();
        encoding.frames_per_second = self.frames_per_second;
        encoding.video_bitrate = Bitrate::from_kilobits_per_second(self.kilobits_per_second);
    }

    fn is(&self, encoding: &Encoding) -> bool {
        let mut same = encoding.clone();
        self.apply(&mut same);
        same == *encoding
    }
}

/// Shows the picker; a choice changes `encoding`. While a broadcast is on, it shows and does not change.
pub fn show(ui: &mut Ui, encoding: &mut Encoding, turn: &Turn<'_>) {
    parts::card(ui, Icon::Gauge, "Quality", |ui| {
        let is_locked = turn.is_on_air();
        ui.add_enabled_ui(!is_locked, |ui| {
            let current = PRESETS.iter().find(|preset| preset.is(encoding));
            let name = current.map_or_else(|| "Custom".to_owned(), Preset::name);
            parts::drop_down(ui, "Picture quality", &name, |ui| {
                for preset in &PRESETS {
                    let label = format!(
                        "{}   ({})",
                        preset.name(),
                        words::rate(Bitrate::from_kilobits_per_second(
                            preset.kilobits_per_second
                        ))
                    );
                    if ui.selectable_label(preset.is(encoding), label).clicked() {
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
        });
        // What unfolds below the window's edge is brought into sight.
        if fold.header_response.clicked() || (0.01..1.0).contains(&fold.openness) {
            fold.header_response.scroll_to_me(Some(Align::TOP));
        }
    });
}

fn summary(encoding: &Encoding) -> String {
    let Resolution { width, height } = encoding.resolution;
    let with_sound =
        Bitrate::from_bits_per_second(encoding.video_bitrate.bits_per_second() + SOUND * 1000);
    format!(
        "{width} × {height}, {} pictures a second. About {} of upload for each viewer that you serve yourself.",
        encoding.frames_per_second,
        words::rate(with_sound)
    )
}
