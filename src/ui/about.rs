//! What people are told of the broadcast: the title below the picture, the rest on a card of its own.
//!
//! All of it is one draft: what is being typed is kept here until the person pauses, then goes to the engine, which
//! remembers it and tells viewers.

use std::time::{Duration, Instant};

use egui::{Checkbox, Response, Ui};
use swarm::{Category, Details, DonationLink, DonationLinkError};

use super::asked::Asked;
use super::hints;
use super::icons::Icon;
use super::parts;
use super::turn::Turn;
use crate::broadcast::{Command, Severity};
use crate::texts::{say, t};

/// How long after the last key what was typed is sent. Chosen: longer than a pause between two words, so that viewers are
/// not shown every letter.
const PAUSE: Duration = Duration::from_millis(800);
/// The shortest title that needs no hint, as the platform before this one asked for.
const SHORT_TITLE: usize = 10;
/// Keywords as they are typed: as many as may be, with commas between them.
const KEYWORDS_CHARS: usize = Details::MAX_KEYWORDS * (Details::MAX_KEYWORD_CHARS + 2);

/// The fields; they keep what is being typed.
#[derive(Default)]
pub struct About {
    draft: Option<Draft>,
    /// When the draft was changed, while that has not been sent.
    changed: Option<Instant>,
    has_focus: bool,
    asked: Asked<Details>,
}

/// What stands in the fields.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Draft {
    details: Details,
    keywords: String,
    donation: String,
}

impl Draft {
    fn of(details: Details) -> Self {
        Self {
            keywords: details.keywords.join(", "),
            donation: details
                .donation
                .as_ref()
                .map_or_else(String::new, DonationLink::to_string),
            details,
        }
    }

    /// The link that is typed; `None` where there is none.
    fn donation(&self) -> Result<Option<DonationLink>, DonationLinkError> {
        let typed = self.donation.trim();
        if typed.is_empty() {
            return Ok(None);
        }
        DonationLink::parse(typed).map(Some)
    }

    /// What viewers are told. A link that is not finished is none.
    fn details(&self) -> Details {
        let keywords = self.keywords.split(',').map(str::to_owned).collect();
        Details {
            keywords,
            donation: self.donation().unwrap_or_default(),
            ..self.details.clone()
        }
        .fitted()
    }
}

impl About {
    /// Shows the title.
    pub fn title(&mut self, ui: &mut Ui, turn: &mut Turn<'_>) {
        self.edit(ui, turn, |ui, draft| {
            let title = &mut draft.details.title;
            let response = parts::text_line(
                ui,
                t("about-title"),
                title,
                t("about-title-hint"),
                Details::MAX_TITLE_CHARS,
            );
            let length = draft.details.title.trim().chars().count();
            if (1..SHORT_TITLE).contains(&length) {
                parts::explain(ui, t("about-title-short"));
            }
            response.into()
        });
    }

    /// Shows the other fields.
    pub fn card(&mut self, ui: &mut Ui, turn: &mut Turn<'_>) {
        parts::card(ui, Icon::Text, t("about"), |ui| {
            self.edit(ui, turn, fields);
        });
    }

    /// Sends what was typed and not sent yet.
    pub fn send(&mut self, context: &egui::Context, turn: &mut Turn<'_>) {
        let (Some(draft), Some(_)) = (&self.draft, self.changed) else {
            return;
        };
        let details = draft.details();
        if turn.outbox.send(Command::SetDetails(details.clone())) {
            self.changed = None;
            self.asked.ask(details, context, turn.now);
        } else {
            self.changed = Some(turn.now);
            context.request_repaint_after(PAUSE);
        }
    }

    fn edit(
        &mut self,
        ui: &mut Ui,
        turn: &mut Turn<'_>,
        show: impl FnOnce(&mut Ui, &mut Draft) -> Outcome,
    ) {
        let told = self.asked.or_told(&turn.snapshot.details, turn.now);
        let before = self.draft.clone().unwrap_or_else(|| Draft::of(told));
        let mut draft = before.clone();
        let Outcome { has_focus, is_left } = show(ui, &mut draft);
        if draft != before {
            self.changed = Some(turn.now);
            ui.ctx().request_repaint_after(PAUSE);
        }
        let is_unfinished = draft.donation().is_err();
        self.has_focus |= has_focus;
        self.draft = Some(draft);
        let is_over = self
            .changed
            .is_some_and(|changed| turn.now.saturating_duration_since(changed) >= PAUSE);
        if is_over || is_left {
            self.send(ui.ctx(), turn);
        }
        // What the engine tells is shown again as soon as nothing here differs from it on purpose.
        if is_left {
            self.has_focus = false;
        }
        if self.changed.is_none() && !self.has_focus && !is_unfinished {
            self.draft = None;
        }
    }
}

/// What a person did in some fields.
struct Outcome {
    has_focus: bool,
    /// The person has finished with one of them.
    is_left: bool,
}

impl From<Response> for Outcome {
    fn from(response: Response) -> Self {
        Self {
            has_focus: response.has_focus(),
            is_left: response.lost_focus(),
        }
    }
}

impl Outcome {
    fn and(self, response: &Response) -> Self {
        Self {
            has_focus: self.has_focus || response.has_focus(),
            is_left: self.is_left || response.lost_focus(),
        }
    }
}

fn fields(ui: &mut Ui, draft: &mut Draft) -> Outcome {
    let author = parts::text_line(
        ui,
        t("about-author"),
        &mut draft.details.author,
        t("about-author-hint"),
        Details::MAX_AUTHOR_CHARS,
    );
    let description = parts::text_area(
        ui,
        t("about-description"),
        &mut draft.details.description,
        t("about-description-hint"),
        Details::MAX_DESCRIPTION_CHARS,
    );
    category(ui, &mut draft.details.category);
    let keywords = parts::text_line(
        ui,
        t("about-keywords"),
        &mut draft.keywords,
        t("about-keywords-hint"),
        KEYWORDS_CHARS,
    );
    let donation = parts::text_line(
        ui,
        t("about-donation"),
        &mut draft.donation,
        "https://…",
        DonationLink::MAX_LEN,
    );
    if let Err(error) = draft.donation()
        && !donation.has_focus()
    {
        hints::banner(
            ui,
            Severity::Warning,
            &say("about-donation-bad", [("why", error.to_string().into())]),
        );
    }
    ui.add(Checkbox::new(
        &mut draft.details.sensitive,
        t("about-sensitive"),
    ));
    parts::explain(ui, t("about-sensitive-why"));
    Outcome::from(author)
        .and(&description)
        .and(&keywords)
        .and(&donation)
}

fn category(ui: &mut Ui, category: &mut Option<Category>) {
    let selected = category.map_or(t("about-category-none"), category_name);
    parts::drop_down(ui, t("about-category"), selected, |ui| {
        ui.selectable_value(category, None, t("about-category-none"));
        for choice in Category::ALL {
            ui.selectable_value(category, Some(choice), category_name(choice));
        }
    });
}

fn category_name(category: Category) -> &'static str {
    match category {
        Category::Activism => t("category-activism"),
        Category::Animals => t("category-animals"),
        Category::Art => t("category-art"),
        Category::Comedy => t("category-comedy"),
        Category::Education => t("category-education"),
        Category::Entertainment => t("category-entertainment"),
        Category::Films => t("category-films"),
        Category::Food => t("category-food"),
        Category::Gaming => t("category-gaming"),
        Category::HowTo => t("category-how-to"),
        Category::Kids => t("category-kids"),
        Category::Music => t("category-music"),
        Category::NewsPolitics => t("category-news"),
        Category::People => t("category-people"),
        Category::ScienceTechnology => t("category-science"),
        Category::Sports => t("category-sports"),
        Category::Travels => t("category-travels"),
        Category::Vehicles => t("category-vehicles"),
    }
}
