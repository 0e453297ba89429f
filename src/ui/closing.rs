//! Closing the window. While a broadcast is on, closing asks first: one click must not end what people are watching.

use std::time::{Duration, Instant};

use egui::{Context, RichText, ViewportCommand, vec2};

use super::icons::Icon;
use super::parts::{self, Weight};
use super::theme::semi_bold;
use super::turn::Turn;
use crate::broadcast::{Command, Phase};
use crate::texts::{say, t};

/// How long the window waits for the broadcast to end before it closes anyway. Chosen: viewers are told within a second;
/// an engine that hangs must not keep the window open.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// Where between open and closed the window is.
#[derive(Default)]
pub enum Closing {
    /// It stays open.
    #[default]
    Not,
    /// The person is asked.
    Asking,
    /// The broadcast is being ended; then the window closes.
    Ending {
        /// When that began.
        since: Instant,
    },
    /// It closes.
    Now,
}

impl Closing {
    /// Answers a request to close the window, and shows the question when there is one.
    pub fn show(&mut self, context: &Context, turn: &mut Turn<'_>) {
        let is_requested = context.input(|input| input.viewport().close_requested());
        if is_requested && turn.is_on_air() && !matches!(self, Self::Now) {
            context.send_viewport_cmd(ViewportCommand::CancelClose);
            if matches!(self, Self::Not) {
                *self = Self::Asking;
            }
        }
        match self {
            Self::Not | Self::Now => {}
            Self::Asking => self.ask(context, turn, is_requested),
            Self::Ending { since } => {
                let is_late = turn.now.saturating_duration_since(*since) >= LONGEST_WAIT;
                if !turn.is_on_air() || !turn.outbox.is_open() || is_late {
                    *self = Self::Now;
                    context.send_viewport_cmd(ViewportCommand::Close);
                } else {
                    ending(context);
                }
            }
        }
    }

    fn ask(&mut self, context: &Context, turn: &mut Turn<'_>, is_new: bool) {
        if !turn.is_on_air() {
            // It ended while the question stood there.
            *self = Self::Now;
            context.send_viewport_cmd(ViewportCommand::Close);
            return;
        }
        let viewers = match &turn.snapshot.phase {
            Phase::Live(live) => live.viewers,
            Phase::Idle | Phase::Starting | Phase::Stopping => 0,
        };
        let (keep, end, dismissed) = question(context, viewers, is_new);
        if end && turn.outbox.send(Command::Stop) {
            *self = Self::Ending { since: turn.now };
            context.request_repaint_after(LONGEST_WAIT);
        } else if keep || dismissed {
            *self = Self::Not;
        }
    }
}

fn question(context: &Context, viewers: usize, is_new: bool) -> (bool, bool, bool) {
    let dialog = parts::dialog("closing", t("closing-live"), context).show(context, |ui| {
        ui.set_width(400.0_f32.min(context.content_rect().width() - 48.0));
        ui.label(RichText::new(t("closing-live")).font(semi_bold(19.0)));
        ui.label(match viewers {
            0 => t("closing-ends").to_owned(),
            1 => t("closing-ends-one").to_owned(),
            more => say("closing-ends-many", [("count", more.into())]),
        });
        ui.add_space(8.0);
        let size = vec2(ui.available_width(), 44.0);
        let keep = parts::large_button(ui, Weight::Primary, None, t("closing-keep"), size);
        let end = parts::large_button(ui, Weight::Ending, Some(Icon::Stop), t("closing-end"), size);
        if is_new {
            keep.request_focus();
        }
        (keep.clicked(), end.clicked())
    });
    let (keep, end) = dialog.inner;
    (keep, end, dialog.should_close())
}

fn ending(context: &Context) {
    parts::dialog("closing", t("closing-ending"), context).show(context, |ui| {
        ui.set_width(320.0_f32.min(context.content_rect().width() - 48.0));
        ui.label(RichText::new(t("closing-ending")).font(semi_bold(19.0)));
        ui.label(t("closing-ending-why"));
    });
}
