//! How loud the picked sound is, as two bars that move, and in words.

use egui::{CornerRadius, Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use super::theme::Palette;
use crate::capture::{Loudness, Peak, SoundLevel};
use crate::texts::{say, t};

/// One bar's height in points, and the room between both.
const BAR: f32 = 5.0;
const BETWEEN: f32 = 2.0;

/// Shows the meter, as wide as `width`.
pub fn show(ui: &mut Ui, level: SoundLevel, muted: bool, width: f32) {
    let palette = Palette::in_use(ui);
    let height = 2.0 * BAR + BETWEEN;
    let (rect, response) = ui.allocate_exact_size(vec2(width, height), Sense::hover());
    let loudness = level.loudness();
    let color = match loudness {
        _ if muted => palette.weak,
        Loudness::Silent | Loudness::Quiet => palette.warning_text,
        Loudness::Good => palette.good_text,
        Loudness::TooLoud => palette.error_text,
    };
    for (index, peak) in level.0.into_iter().enumerate() {
        let top = rect.top() + index as f32 * (BAR + BETWEEN);
        let bar = Rect::from_min_size(pos2(rect.left(), top), vec2(width, BAR));
        bar_of(ui, bar, peak, color);
    }
    let spoken = spoken(level, muted);
    response.widget_info(|| WidgetInfo::labeled(Role::Meter, true, &spoken));
    response.on_hover_text(spoken);
}

fn bar_of(ui: &Ui, bar: Rect, peak: Peak, color: egui::Color32) {
    let radius = CornerRadius::same(2);
    ui.painter()
        .rect_filled(bar, radius, Palette::in_use(ui).control_hovered);
    let mut filled = bar;
    filled.set_width(bar.width() * peak.height());
    ui.painter().rect_filled(filled, radius, color);
}

fn spoken(level: SoundLevel, muted: bool) -> String {
    if muted {
        return t("level-muted").to_owned();
    }
    say(
        "level-spoken",
        [
            ("word", word(level.loudness()).into()),
            ("decibels", level.loudest().decibels().into()),
        ],
    )
}

/// The level in a word or two, for a line beside the meter.
pub fn word(loudness: Loudness) -> &'static str {
    match loudness {
        Loudness::Silent => t("level-silent"),
        Loudness::Quiet => t("level-quiet"),
        Loudness::Good => t("level-good"),
        Loudness::TooLoud => t("level-too-loud"),
    }
}
