//! The bar along the window's head: the program's name, whether it is live, and the way to the settings.

use std::time::{Duration, Instant};

use egui::{Align, Button, Color32, Image, Layout, RichText, TextureHandle, Ui, Vec2, vec2};

use super::icons::{self, Icon};
use super::mark;
use super::parts;
use super::theme::{Palette, semi_bold};
use super::turn::Turn;
use super::words;
use crate::broadcast::{Live, Phase};
use crate::texts::{say, t};

/// The bar; it holds the mark on the graphics card.
#[derive(Default)]
pub struct TopBar {
    mark: Option<TextureHandle>,
}

impl TopBar {
    /// Shows the bar. Returns whether the settings are asked for.
    pub fn show(&mut self, ui: &mut Ui, turn: &Turn<'_>) -> bool {
        let mark = self.mark.get_or_insert_with(|| {
            ui.ctx().load_texture(
                "mark",
                mark::image(mark::SIDE),
                egui::TextureOptions::LINEAR,
            )
        });
        ui.horizontal_centered(|ui| {
            ui.add(
                Image::from_texture(&*mark)
                    .fit_to_exact_size(Vec2::splat(26.0))
                    .alt_text(""),
            );
            ui.label(RichText::new("Live on Torrent").font(semi_bold(17.0)));
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let asked = settings(ui);
                state(ui, turn);
                asked
            })
            .inner
        })
        .inner
    }
}

fn state(ui: &mut Ui, turn: &Turn<'_>) {
    let words = match &turn.snapshot.phase {
        Phase::Idle => t("state-idle"),
        Phase::Starting => t("state-starting"),
        Phase::Live(live) => return on_air(ui, live, turn.now),
        Phase::Stopping => t("state-ending"),
    };
    let palette = Palette::in_use(ui);
    parts::pill(ui, palette.control, palette.weak, false, words, words);
}

fn on_air(ui: &mut Ui, live: &Live, now: Instant) {
    let duration = now.saturating_duration_since(live.since);
    // The next full second, when the words change.
    let rest = Duration::from_secs(1) - Duration::from_nanos(duration.subsec_nanos().into());
    ui.ctx().request_repaint_after(rest);
    let time = words::duration(duration);
    let palette = Palette::in_use(ui);
    if live.paused {
        parts::pill(
            ui,
            palette.warning_soft,
            palette.warning_text,
            true,
            &say("state-paused", [("time", time.as_str().into())]),
            &say("state-paused-spoken", [("time", time.as_str().into())]),
        );
    } else {
        parts::pill(
            ui,
            palette.live,
            Color32::WHITE,
            true,
            &say("state-live", [("time", time.as_str().into())]),
            &say("state-live-spoken", [("time", time.as_str().into())]),
        );
    }
}

fn settings(ui: &mut Ui) -> bool {
    let button = Button::new(icons::atom(Icon::Gear)).min_size(vec2(40.0, 32.0));
    ui.add(button)
        .on_hover_text(t("settings"))
        .accessible_name(t("settings"))
        .clicked()
}
