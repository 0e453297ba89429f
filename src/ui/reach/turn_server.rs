//! A TURN server: an address with a name and a password.

use egui::{Button, TextEdit, Ui, vec2};

use super::super::hints;
use super::super::parts;
use crate::broadcast::Severity;
use crate::seeder::TurnServer;
use crate::texts::{Message, say, t};

/// More than the longest name, password or address.
const LONGEST: usize = 512;

/// What is being typed of it. A password that is set is never shown.
#[derive(Default)]
pub struct TurnFields {
    url: String,
    user: String,
    password: String,
    problem: Option<Message>,
}

impl TurnFields {
    /// Shows the server that is set, or the fields for one; a choice changes `server`.
    pub fn show(&mut self, ui: &mut Ui, server: &mut Option<TurnServer>) {
        match server {
            Some(set) => {
                let used = say("reach-turn-used", [("url", set.url().into())]);
                ui.label(used);
                if ui.button(t("reach-turn-remove")).clicked() {
                    *server = None;
                }
            }
            None => {
                if let Some(new) = self.fields(ui) {
                    *self = Self::default();
                    *server = Some(new);
                }
            }
        }
        parts::explain(ui, t("reach-turn-why"));
    }

    fn fields(&mut self, ui: &mut Ui) -> Option<TurnServer> {
        let example = "turn:turn.example.org:3478";
        parts::text_line(ui, t("reach-turn-address"), &mut self.url, example, LONGEST);
        if self.url.trim().is_empty() {
            return None;
        }
        parts::text_line(ui, t("reach-turn-user"), &mut self.user, "", LONGEST);
        parts::field(ui, t("reach-turn-password"), |ui| {
            let password = TextEdit::singleline(&mut self.password)
                .password(true)
                .char_limit(LONGEST)
                .desired_width(f32::INFINITY);
            ui.add(password)
        });
        let used = Button::new(t("reach-turn-use")).min_size(vec2(0.0, 36.0));
        let mut new = None;
        if ui.add(used).clicked() {
            match TurnServer::new(self.url.trim(), &self.user, &self.password) {
                Ok(server) => new = Some(server),
                Err(error) => self.problem = Some(error.into()),
            }
        }
        if let Some(problem) = &self.problem {
            hints::banner(ui, Severity::Error, &problem.spoken());
        }
        new
    }
}
