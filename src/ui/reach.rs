//! How viewers beyond this network are reached: where they get the page, trackers, STUN and TURN servers, UDP ports.

use egui::{TextEdit, Ui};

use super::asked::Asked;
use super::hints;
use super::parts;
use super::turn::Turn;
use crate::broadcast::{Command, MAX_TRACKERS, PagePlace, Reach, Severity};
use crate::seeder::TurnServer;
use crate::texts::{say, t};

/// More than the longest list of the longest addresses.
const LONGEST: usize = 4096;

/// What is being typed.
#[derive(Default)]
pub struct ReachFields {
    draft: Option<Draft>,
    asked: Asked<Reach>,
    /// Why what was typed is not used.
    problem: Option<String>,
}

/// The settings as texts.
#[derive(Clone, PartialEq)]
struct Draft {
    place: Place,
    address: String,
    trackers: String,
    stun: String,
    turn: String,
    user: String,
    /// Never filled in from what is set: a password that is shown is one that is seen.
    password: String,
    ports: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Here,
    Hub,
    Files,
}

impl Place {
    const ALL: [Self; 3] = [Self::Here, Self::Hub, Self::Files];

    fn name(self) -> &'static str {
        match self {
            Self::Here => t("reach-here"),
            Self::Hub => t("reach-hub"),
            Self::Files => t("reach-files"),
        }
    }
}

impl Draft {
    fn of(reach: &Reach) -> Self {
        let (place, address) = match &reach.page {
            PagePlace::Here => (Place::Here, String::new()),
            PagePlace::Hub(page) => (Place::Hub, page.to_string()),
            PagePlace::Files(page) => (Place::Files, page.to_string()),
        };
        let lines = |all: &mut dyn Iterator<Item = String>| all.collect::<Vec<_>>().join("\n");
        Self {
            place,
            address,
            trackers: lines(&mut reach.trackers.iter().map(ToString::to_string)),
            stun: lines(&mut reach.stun.iter().flatten().map(ToString::to_string)),
            turn: reach
                .turn
                .as_ref()
                .map_or_else(String::new, TurnServer::url),
            user: String::new(),
            password: String::new(),
            ports: reach
                .udp_ports
                .as_ref()
                .map_or_else(String::new, ToString::to_string),
        }
    }

    /// What is set by it, in place of `before`; or what is wrong with it.
    fn reach(&self, before: &Reach) -> Result<Reach, String> {
        let page = match self.place {
            Place::Here => PagePlace::Here,
            Place::Hub => PagePlace::Hub(parsed(&self.address)?),
            Place::Files => PagePlace::Files(parsed(&self.address)?),
        };
        let trackers = lines(&self.trackers)
            .map(parsed)
            .collect::<Result<Vec<_>, _>>()?;
        let hubs = usize::from(self.place == Place::Hub);
        if trackers.len() + hubs > MAX_TRACKERS {
            return Err(say("reach-too-many", [("count", MAX_TRACKERS.into())]));
        }
        let stun = lines(&self.stun)
            .map(parsed)
            .collect::<Result<Vec<_>, _>>()?;
        let ports = self.ports.trim();
        Ok(Reach {
            page,
            trackers,
            stun: (!stun.is_empty()).then_some(stun),
            turn: self.turn(before)?,
            udp_ports: (!ports.is_empty()).then(|| parsed(ports)).transpose()?,
            announce_segments: before.announce_segments,
        })
    }

    fn turn(&self, before: &Reach) -> Result<Option<TurnServer>, String> {
        let url = self.turn.trim();
        if url.is_empty() {
            return Ok(None);
        }
        let is_untouched = self.user.is_empty() && self.password.is_empty();
        match &before.turn {
            Some(server) if is_untouched && server.url() == url => Ok(Some(server.clone())),
            _ => TurnServer::new(url, &self.user, &self.password)
                .map(Some)
                .map_err(|error| error.to_string()),
        }
    }
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty())
}

fn parsed<T: std::str::FromStr<Err: ToString>>(text: &str) -> Result<T, String> {
    text.trim()
        .parse()
        .map_err(|error: T::Err| error.to_string())
}

impl ReachFields {
    /// Shows the fields; what is finished in them is sent.
    pub fn show(&mut self, ui: &mut Ui, turn: &mut Turn<'_>) {
        let told = self.asked.or_told(&turn.snapshot.reach, turn.now);
        let before = self.draft.clone().unwrap_or_else(|| Draft::of(&told));
        let mut draft = before.clone();
        let is_finished = fields(ui, &mut draft);
        if draft != before || self.draft.is_some() {
            self.draft = Some(draft.clone());
        }
        if is_finished && self.draft.is_some() {
            match draft.reach(&told) {
                Ok(reach) => {
                    self.problem = None;
                    self.draft = None;
                    if reach != told && turn.outbox.send(Command::SetReach(Box::new(reach.clone())))
                    {
                        self.asked.ask(reach, ui.ctx(), turn.now);
                    }
                }
                Err(problem) => self.problem = Some(problem),
            }
        }
        if let Some(why) = &self.problem {
            let text = say("reach-bad", [("why", why.as_str().into())]);
            hints::banner(ui, Severity::Warning, &text);
        }
        parts::explain(ui, t("reach-later"));
    }
}

/// Returns whether the person has finished with one of them.
fn fields(ui: &mut Ui, draft: &mut Draft) -> bool {
    let place = draft.place;
    parts::drop_down(ui, t("reach-page"), draft.place.name(), |ui| {
        for choice in Place::ALL {
            ui.selectable_value(&mut draft.place, choice, choice.name());
        }
    });
    // The other places need an address first.
    let mut is_finished = draft.place != place && draft.place == Place::Here;
    if draft.place != Place::Here {
        is_finished |= line(
            ui,
            "reach-address",
            &mut draft.address,
            "https://hub.example/",
        );
    }
    is_finished |= parts::text_area(
        ui,
        t("reach-trackers"),
        &mut draft.trackers,
        "wss://tracker.example/announce",
        LONGEST,
    )
    .lost_focus();
    parts::explain(ui, t("reach-trackers-why"));
    is_finished |= parts::text_area(
        ui,
        t("reach-stun"),
        &mut draft.stun,
        "stun.example.org:3478",
        LONGEST,
    )
    .lost_focus();
    parts::explain(ui, t("reach-stun-why"));
    is_finished |= turn_server(ui, draft);
    is_finished |= line(ui, "reach-ports", &mut draft.ports, t("reach-none"));
    is_finished
}

/// Name and password belong to the address: with one of them missing nothing is finished.
fn turn_server(ui: &mut Ui, draft: &mut Draft) -> bool {
    let mut is_left = line(
        ui,
        "reach-turn",
        &mut draft.turn,
        "turn:turn.example.org:3478",
    );
    is_left |= line(ui, "reach-turn-user", &mut draft.user, "");
    is_left |= parts::field(ui, t("reach-turn-password"), |ui| {
        let password = TextEdit::singleline(&mut draft.password)
            .password(true)
            .char_limit(LONGEST)
            .desired_width(f32::INFINITY);
        ui.add(password)
    })
    .lost_focus();
    parts::explain(ui, t("reach-turn-why"));
    let filled = [&draft.user, &draft.password].map(|text| !text.is_empty());
    is_left && (draft.turn.trim().is_empty() || filled[0] == filled[1])
}

fn line(ui: &mut Ui, name: &'static str, text: &mut String, example: &str) -> bool {
    parts::text_line(ui, t(name), text, example, LONGEST).lost_focus()
}
