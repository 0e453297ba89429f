//! The broadcast's title.

use std::time::{Duration, Instant};

use egui::{TextEdit, Ui};
use swarm::Details;

use super::asked::Asked;
use super::parts;
use super::turn::Turn;
use crate::broadcast::Command;

/// How long after the last key the title is sent. Chosen: longer than a pause between two words, so that viewers are not
/// shown every letter.
const PAUSE: Duration = Duration::from_millis(800);

/// The field; it keeps what is being typed until it is sent.
#[derive(Default)]
pub struct TitleField {
    typed: Option<Typed>,
    asked: Asked<String>,
}

struct Typed {
    text: String,
    at: Instant,
}

impl TitleField {
    /// Shows the field.
    pub fn show(&mut self, ui: &mut Ui, turn: &mut Turn<'_>) {
        let told = self.asked.or_told(&turn.snapshot.details.title, turn.now);
        let mut text = self.typed.as_ref().map_or(told, |typed| typed.text.clone());
        let response = parts::field(ui, "Title that viewers see", |ui| {
            let field = TextEdit::singleline(&mut text)
                .char_limit(Details::MAX_TITLE_CHARS)
                .desired_width(f32::INFINITY)
                .hint_text("What is it about?");
            ui.add(field)
        });
        if response.changed() {
            self.typed = Some(Typed { text, at: turn.now });
            ui.ctx().request_repaint_after(PAUSE);
        }
        let is_over = self
            .typed
            .as_ref()
            .is_some_and(|typed| turn.now.saturating_duration_since(typed.at) >= PAUSE);
        if is_over || response.lost_focus() {
            self.send(ui.ctx(), turn);
        }
    }

    /// Sends what was typed and not sent yet.
    pub fn send(&mut self, context: &egui::Context, turn: &mut Turn<'_>) {
        let Some(Typed { text, .. }) = self.typed.take() else {
            return;
        };
        let details = Details {
            title: text.clone(),
            ..turn.snapshot.details.clone()
        };
        if turn.outbox.send(Command::SetDetails(details)) {
            self.asked.ask(text, context, turn.now);
        } else {
            self.typed = Some(Typed { text, at: turn.now });
        }
    }
}
