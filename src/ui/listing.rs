//! Whether the hub, if the page is one's, lists the broadcast on its front page, and with a picture or without.

use egui::{Checkbox, Ui};

use super::asked::Asked;
use super::hints;
use super::icons::{self, Icon};
use super::parts;
use super::theme::Palette;
use super::turn::Turn;
use crate::broadcast::{Command, Listed, ListingState, PagePlace, Phase, Severity};
use crate::texts::{Message, say, t};

/// The switches.
#[derive(Default)]
pub struct Listing {
    asked: Asked<Listed>,
}

impl Listing {
    /// Shows them in a card, where there is a hub.
    pub fn card(&mut self, ui: &mut Ui, turn: &mut Turn<'_>) {
        if let PagePlace::Hub(_) = turn.snapshot.reach.page {
            parts::card(ui, Icon::Window, t("listing"), |ui| self.show(ui, turn));
        }
    }

    /// Shows them; a choice holds at once, idle or live.
    pub fn show(&mut self, ui: &mut Ui, turn: &mut Turn<'_>) {
        let told = self.asked.or_told(&turn.snapshot.listed, turn.now);
        let mut listed = told;
        ui.checkbox(&mut listed.wanted, t("listing-wanted"));
        if let PagePlace::Hub(page) = &turn.snapshot.reach.page {
            let why = say("listing-why", [("hub", page.to_string().into())]);
            parts::explain(ui, why);
        }
        ui.add_enabled(
            listed.wanted,
            Checkbox::new(&mut listed.without_picture, t("listing-without-picture")),
        );
        if listed != told && turn.outbox.send(Command::SetListed(listed)) {
            self.asked.ask(listed, ui.ctx(), turn.now);
        }
        if let Phase::Live(live) = &turn.snapshot.phase
            && listed.wanted
        {
            state(ui, &live.found_at.listing);
        }
    }
}

fn state(ui: &mut Ui, state: &ListingState) {
    let palette = Palette::in_use(ui);
    match state {
        ListingState::Listed => {
            ui.horizontal(|ui| {
                icons::show(ui, Icon::Well, palette.good_text);
                parts::explain(ui, t("listing-listed"));
            });
        }
        ListingState::NotListed => {
            parts::explain(ui, t("listing-soon"));
        }
        ListingState::Failed(why) => {
            let said = Message::new("hint-not-listed").with("why", why.clone());
            hints::banner(ui, Severity::Warning, &said.spoken());
        }
    }
}
