//! The bar along the window's foot: the button that starts and ends a broadcast, always in sight.

use egui::{Align, Layout, RichText, Ui, vec2};

use super::icons::Icon;
use super::parts::{self, Weight};
use super::theme::{Palette, semi_bold};
use super::title::TitleField;
use super::turn::Turn;
use crate::broadcast::{Command, Phase};

/// Shows the bar. A title that is still being typed goes out before the broadcast begins.
pub fn show(ui: &mut Ui, turn: &mut Turn<'_>, title: &mut TitleField) {
    let (headline, detail) = words(&turn.snapshot.phase);
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        button(ui, turn, title);
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
        Phase::Idle => ("Ready when you are", "Nobody sees you until you start."),
        Phase::Starting => ("Going live…", "The first seconds are being made."),
        Phase::Live(_) => ("You are live", "Whoever has the link can watch and listen."),
        Phase::Stopping => ("Ending…", "Viewers are being told that it is over."),
    }
}

fn button(ui: &mut Ui, turn: &mut Turn<'_>, title: &mut TitleField) {
    let (weight, icon, label, enabled) = match &turn.snapshot.phase {
        Phase::Idle => (Weight::Primary, Icon::Play, "Start", true),
        Phase::Starting => (Weight::Primary, Icon::Slow, "Starting…", false),
        Phase::Live(_) => (Weight::Ending, Icon::Stop, "Stop", true),
        Phase::Stopping => (Weight::Ending, Icon::Slow, "Stopping…", false),
    };
    let clicked = ui
        .add_enabled_ui(enabled, |ui| {
            parts::large_button(ui, weight, Some(icon), label, vec2(210.0, 46.0)).clicked()
        })
        .inner;
    if !clicked {
        return;
    }
    match &turn.snapshot.phase {
        Phase::Idle => {
            title.send(ui.ctx(), turn);
            turn.outbox.send(Command::Start);
        }
        Phase::Live(_) => {
            turn.outbox.send(Command::Stop);
        }
        Phase::Starting | Phase::Stopping => {}
    }
}
