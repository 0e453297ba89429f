//! A line in which something is written that may turn out to be wrong: what was typed stays, with the reason under it.

use egui::Ui;

use super::hints;
use super::parts;
use crate::broadcast::Severity;
use crate::texts::Message;

/// More than the longest address.
const LONGEST: usize = 512;

/// What is being typed.
#[derive(Default)]
pub struct Entry {
    /// `None` while what is set is shown.
    typed: Option<String>,
    problem: Option<Message>,
}

impl Entry {
    /// Shows the line, with what is `set` in it. Returns what `read` makes of what was typed, when the person has finished
    /// and it is right.
    pub fn show<T>(
        &mut self,
        ui: &mut Ui,
        name: &str,
        set: &str,
        example: &str,
        read: impl FnOnce(&str) -> Result<T, Message>,
    ) -> Option<T> {
        let mut text = self.typed.clone().unwrap_or_else(|| set.to_owned());
        let line = parts::text_line(ui, name, &mut text, example, LONGEST);
        if line.changed() {
            self.problem = None;
            self.typed = Some(text);
        }
        let finished = self.typed.as_deref().filter(|_| line.lost_focus());
        let right = match finished.map(|typed| read(typed.trim())) {
            Some(Ok(right)) => {
                self.typed = None;
                Some(right)
            }
            Some(Err(problem)) => {
                self.problem = Some(problem);
                None
            }
            None => None,
        };
        if let Some(problem) = &self.problem {
            hints::banner(ui, Severity::Error, &problem.spoken());
        }
        right
    }
}
