//! The bar along the window's foot: the button that starts and ends a broadcast, always in sight.

use egui::{Align, Context, Layout, RichText, Ui, Vec2, vec2};

use super::about::About;
use super::icons::Icon;
use super::level;
use super::parts::{self, Weight};
use super::theme::{Palette, semi_bold};
use super::turn::Turn;
use crate::broadcast::{Command, Phase};
use crate::texts::t;

/// What may be done beside starting and stopping.
const SECOND: Vec2 = vec2(112.0, 46.0);
/// The sound level's width.
const METER: f32 = 84.0;
/// Where the window is too narrow, the buttons say enough.
const ROOM_FOR_WORDS: f32 = 220.0;
/// The large button's width, and what is left of it in a narrow window.
const WIDTHS: [f32; 2] = [210.0, 150.0];
/// What counts as one.
const NARROW: f32 = 560.0;

/// Shows the bar. What is still being typed of the broadcast goes out before it begins.
pub fn show(ui: &mut Ui, turn: &mut Turn<'_>, about: &mut About) {
    let (headline, detail) = words(&turn.snapshot.phase);
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        button(ui, turn, about);
        pause(ui, turn);
        mute(ui, turn);
        if ui.available_width() < ROOM_FOR_WORDS {
            return;
        }
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            ui.vertical(|ui| {
                /// Both lines together.
                const HEIGHT: f32 = 38.0;
                ui.add_space((ui.available_height() - HEIGHT) / 2.0);
                ui.spacing_mut().item_spacing.y = 2.0;
                ui.label(RichText::new(headline).font(semi_bold(15.0)));
                let weak = Palette::in_use(ui).weak;
                ui.label(RichText::new(detail).small().color(weak));
            });
        });
    });
}

fn words(phase: &Phase) -> (&'static str, &'static str) {
    match phase {
        Phase::Idle => (t("ready"), t("ready-why")),
        Phase::Starting => (t("going-live"), t("going-live-why")),
        Phase::Live(live) if live.paused => (t("paused"), t("paused-why")),
        Phase::Live(_) => (t("live"), t("live-why")),
        Phase::Stopping => (t("ending"), t("ending-why")),
    }
}

fn pause(ui: &mut Ui, turn: &mut Turn<'_>) {
    let Phase::Live(live) = &turn.snapshot.phase else {
        return;
    };
    let (icon, label, command) = if live.paused {
        (Icon::Play, t("continue"), Command::Continue)
    } else {
        (Icon::Pause, t("pause"), Command::Pause)
    };
    if parts::large_button(ui, Weight::Plain, Some(icon), label, SECOND).clicked() {
        turn.outbox.send(command);
    }
}

fn mute(ui: &mut Ui, turn: &mut Turn<'_>) {
    let muted = turn.snapshot.muted;
    let (icon, label) = if muted {
        (Icon::Silence, t("unmute"))
    } else {
        (Icon::Microphone, t("mute"))
    };
    if parts::large_button(ui, Weight::Plain, Some(icon), label, SECOND).clicked() {
        turn.outbox.send(Command::SetMuted(!muted));
    }
    if ui.available_width() > METER {
        level::show(ui, turn.snapshot.sound_level, muted, METER);
    }
}

/// Goes live, with what was typed until now.
pub fn start(context: &Context, turn: &mut Turn<'_>, about: &mut About) {
    about.send(context, turn);
    turn.outbox.send(Command::Start);
}

fn button(ui: &mut Ui, turn: &mut Turn<'_>, about: &mut About) {
    let (weight, icon, label, enabled) = match &turn.snapshot.phase {
        Phase::Idle => (Weight::Primary, Icon::Play, t("start"), true),
        Phase::Starting => (Weight::Primary, Icon::Slow, t("starting"), false),
        Phase::Live(_) => (Weight::Ending, Icon::Stop, t("stop"), true),
        Phase::Stopping => (Weight::Ending, Icon::Slow, t("stopping"), false),
    };
    let [wide, narrow] = WIDTHS;
    let width = if ui.available_width() < NARROW {
        narrow
    } else {
        wide
    };
    let clicked = ui
        .add_enabled_ui(enabled, |ui| {
            parts::large_button(ui, weight, Some(icon), label, vec2(width, 46.0)).clicked()
        })
        .inner;
    if !clicked {
        return;
    }
    match &turn.snapshot.phase {
        Phase::Idle => start(ui.ctx(), turn, about),
        Phase::Live(_) => {
            turn.outbox.send(Command::Stop);
        }
        Phase::Starting | Phase::Stopping => {}
    }
}
