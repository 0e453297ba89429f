//! The first start: three short steps that lead to a broadcast. They come once, and can be skipped.

use egui::{Button, Context, Id, Ui, vec2};

use super::icons::{self, Icon};
use super::parts::{self, Weight};
use super::theme::Palette;
use super::turn::Turn;
use crate::texts::{say, t};

/// The dialog's width in points, where the window has room.
const WIDTH: f32 = 460.0;

/// A step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Step {
    /// What this is, and what others can see.
    #[default]
    Idea,
    /// What is shown and heard.
    Source,
    /// What it is called, and going live.
    Start,
}

/// What the person wants next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wish {
    Go(Step),
    /// The window, as it is.
    End,
    /// The window, live.
    EndAndStart,
}

impl Step {
    const ALL: [Self; 3] = [Self::Idea, Self::Source, Self::Start];

    fn title(self) -> &'static str {
        match self {
            Self::Idea => t("welcome"),
            Self::Source => t("welcome-source"),
            Self::Start => t("welcome-start"),
        }
    }

    /// The step that is so many steps further; `None` beyond the last.
    fn moved(self, by: isize) -> Option<Self> {
        let at = (self as usize).checked_add_signed(by)?;
        Self::ALL.get(at).copied()
    }
}

/// The dialog, at one of its steps.
#[derive(Default)]
pub struct Welcome {
    step: Step,
    /// Whether the keyboard is at the step's first button, so that Enter and Tab lead on.
    is_focused: bool,
}

impl Welcome {
    /// Shows it, where the person is new here; `show_step` shows the parts of the window that a step is about. Returns
    /// whether to go live.
    pub fn show(
        &mut self,
        context: &Context,
        turn: &mut Turn<'_>,
        show_step: impl FnOnce(&mut Ui, Step, &mut Turn<'_>),
    ) -> bool {
        // Whoever has gone live needs no help with that.
        if is_over(context) || turn.is_on_air() {
            return false;
        }
        let step = self.step;
        let window = context.content_rect().size();
        let dialog = parts::dialog("welcome", step.title(), context).show(context, |ui| {
            ui.set_width(WIDTH.min(window.x - 48.0));
            parts::title(ui, step.title());
            let values = [
                ("step", (step as usize + 1).into()),
                ("count", Step::ALL.len().into()),
            ];
            parts::explain(ui, say("welcome-step", values));
            // The same height for each step, so that the buttons stay where they are.
            let height = (window.y - 230.0).clamp(120.0, 330.0);
            parts::scrolled(height).show(ui, |ui| {
                ui.spacing_mut().item_spacing.y = 10.0;
                if step == Step::Idea {
                    idea(ui);
                }
                show_step(ui, step, turn);
            });
            self.buttons(ui, step)
        });
        let wish = dialog.inner.or(dialog.should_close().then_some(Wish::End));
        match wish {
            Some(Wish::Go(step)) => {
                *self = Self {
                    step,
                    is_focused: false,
                };
                context.request_repaint();
            }
            Some(Wish::End | Wish::EndAndStart) => end(context),
            None => {}
        }
        wish == Some(Wish::EndAndStart)
    }

    fn buttons(&mut self, ui: &mut Ui, step: Step) -> Option<Wish> {
        let mut wish = None;
        ui.horizontal(|ui| {
            let size = vec2(110.0, 36.0);
            let (label, leads_to) = match step.moved(1) {
                Some(next) => (t("welcome-next"), Wish::Go(next)),
                None => (t("welcome-go-live"), Wish::EndAndStart),
            };
            let first = parts::large_button(ui, Weight::Primary, None, label, size);
            if !std::mem::replace(&mut self.is_focused, true) {
                first.request_focus();
            }
            if first.clicked() {
                wish = Some(leads_to);
            }
            if let Some(back) = step.moved(-1)
                && button(ui, t("welcome-back"))
            {
                wish = Some(Wish::Go(back));
            }
            let end = match step {
                Step::Idea | Step::Source => t("welcome-skip"),
                Step::Start => t("welcome-later"),
            };
            if button(ui, end) {
                wish = Some(Wish::End);
            }
        });
        wish
    }
}

fn button(ui: &mut Ui, label: &str) -> bool {
    ui.add(Button::new(label).min_size(vec2(90.0, 36.0)))
        .clicked()
}

/// What this is, and what others can see: what a person should know before anything is sent.
fn idea(ui: &mut Ui) {
    let palette = Palette::in_use(ui);
    for (icon, text) in [
        (Icon::Screen, t("welcome-idea")),
        (Icon::Link, t("welcome-link")),
        (Icon::Information, t("welcome-addresses")),
        (Icon::Lock, t("welcome-nobody-yet")),
    ] {
        ui.horizontal_top(|ui| {
            icons::show(ui, icon, palette.accent_text);
            ui.add(egui::Label::new(text).wrap());
        });
    }
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
