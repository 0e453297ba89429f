//! The first start: three short steps, each of which is a part of the window too. It comes once.

use egui::{Button, Context, Id, RichText, ScrollArea, Ui, vec2};

use super::parts;
use super::theme::semi_bold;
use super::turn::Turn;
use crate::texts::{say, t};

/// The dialog's width in points, where the window has room.
const WIDTH: f32 = 440.0;

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// What is seen.
    Picture,
    /// What is heard.
    Sound,
    /// What it is called.
    Title,
}

impl Step {
    const ALL: [Self; 3] = [Self::Picture, Self::Sound, Self::Title];

    fn question(self) -> &'static str {
        match self {
            Self::Picture => t("welcome-picture"),
            Self::Sound => t("welcome-sound"),
            Self::Title => t("welcome-name"),
        }
    }

    /// The step that is so many steps further; `None` beyond the last.
    fn moved(self, by: isize) -> Option<Self> {
        let at = (self as usize).checked_add_signed(by)?;
        Self::ALL.get(at).copied()
    }
}

/// The dialog, at one of its steps.
pub struct Welcome {
    step: Step,
}

impl Default for Welcome {
    fn default() -> Self {
        Self {
            step: Step::Picture,
        }
    }
}

impl Welcome {
    /// Shows it, where the person is new here; `show_step` shows what a step asks.
    pub fn show(
        &mut self,
        context: &Context,
        turn: &mut Turn<'_>,
        show_step: impl FnOnce(&mut Ui, Step, &mut Turn<'_>),
    ) {
        // Whoever has gone live needs no help with that.
        if is_over(context) || turn.is_on_air() {
            return;
        }
        let step = self.step;
        let window = context.content_rect().size();
        let dialog = parts::dialog("welcome", context).show(context, |ui| {
            ui.set_width(WIDTH.min(window.x - 48.0));
            ui.label(RichText::new(t("welcome")).font(semi_bold(20.0)));
            let values = [
                ("step", (step as usize + 1).into()),
                ("count", Step::ALL.len().into()),
            ];
            parts::explain(ui, say("welcome-step", values));
            parts::heading(ui, step.question());
            // The same height for each step, so that the buttons stay where they are.
            let height = (window.y - 260.0).clamp(120.0, 300.0);
            ScrollArea::vertical()
                .max_height(height)
                .min_scrolled_height(height)
                .auto_shrink(false)
                .show(ui, |ui| show_step(ui, step, turn));
            buttons(ui, step)
        });
        match dialog.inner {
            Some(Some(next)) => self.step = next,
            Some(None) => end(context),
            None if dialog.should_close() => end(context),
            None => {}
        }
    }
}

/// Returns the step to go to, `Some(None)` to end.
fn buttons(ui: &mut Ui, step: Step) -> Option<Option<Step>> {
    let mut chosen = None;
    ui.horizontal(|ui| {
        let size = vec2(100.0, 36.0);
        let next = step.moved(1);
        let label = if next.is_some() {
            t("welcome-next")
        } else {
            t("welcome-done")
        };
        if ui.add(Button::new(label).min_size(size)).clicked() {
            chosen = Some(next);
        }
        if let Some(back) = step.moved(-1)
            && ui
                .add(Button::new(t("welcome-back")).min_size(size))
                .clicked()
        {
            chosen = Some(Some(back));
        }
        if next.is_some()
            && ui
                .add(Button::new(t("welcome-skip")).min_size(size))
                .clicked()
        {
            chosen = Some(None);
        }
    });
    chosen
}

/// Whether there is nobody to welcome, or no more.
pub fn is_over(context: &Context) -> bool {
    context.data(|data| data.get_temp(id()).unwrap_or(true))
}

/// Has a person who is new here welcomed.
pub fn begin(context: &Context) {
    context.data_mut(|data| data.insert_temp(id(), false));
}

fn end(context: &Context) {
    context.data_mut(|data| data.insert_temp(id(), true));
}

fn id() -> Id {
    Id::unique("welcomed")
}
