//! How viewers beyond this network are reached: where they get the page, the router, trackers, STUN and TURN servers, UDP ports.

mod address_list;
mod found;
mod page;
mod turn_server;

use egui::containers::menu::MenuButton;
use egui::{Checkbox, Ui};

use super::asked::Asked;
use super::entry::Entry;
use super::icons::{self, Icon};
use super::parts;
use super::theme::Palette;
use super::turn::Turn;
use crate::broadcast::{
    Command, MAX_TRACKERS, PUBLIC_TRACKERS, PagePlace, Phase, Reach, Snapshot, TrackerAddress,
};
use crate::seeder::{PortRange, StunServer, TrackerProgress, TrackerStatus};
use crate::texts::{Message, say, t};
use address_list::{AddressList, Names};
use page::PageFields;
use turn_server::TurnFields;

pub use found::notes;

/// More STUN servers tell nothing more: their answers are compared, and two of them make a comparison.
const MOST_STUN_SERVERS: usize = 4;

const TRACKERS: Names = Names {
    line: "reach-tracker",
    add: "reach-tracker-add",
    example: "wss://tracker.example/announce",
    too_many: "reach-too-many-trackers",
};
const STUN_SERVERS: Names = Names {
    line: "reach-stun",
    add: "reach-stun-add",
    example: "stun.example.org:3478",
    too_many: "reach-too-many-stun",
};

/// What is being typed.
#[derive(Default)]
pub struct ReachFields {
    asked: Asked<Reach>,
    page: PageFields,
    trackers: AddressList,
    stun: AddressList,
    turn: TurnFields,
    ports: Entry,
}

impl ReachFields {
    /// Shows the fields; what is finished and right in them is sent. `listing` shows whether the hub lists the broadcast.
    pub fn show(
        &mut self,
        ui: &mut Ui,
        turn: &mut Turn<'_>,
        listing: impl FnOnce(&mut Ui, &mut Turn<'_>),
    ) {
        let told = self.asked.or_told(&turn.snapshot.reach, turn.now);
        let mut reach = told.clone();
        found::show(ui, turn.snapshot);
        self.page.show(ui, &mut reach.page);
        if matches!(reach.page, PagePlace::Hub(_)) {
            listing(ui, turn);
        }
        self.trackers(ui, &mut reach, turn.snapshot);
        self.stun_servers(ui, &mut reach);
        parts::heading(ui, t("reach-turn"));
        self.turn.show(ui, &mut reach.turn);
        parts::heading(ui, t("reach-ports"));
        self.udp_ports(ui, &mut reach);
        ui.add(Checkbox::new(&mut reach.map_port, t("reach-map-port")));
        parts::explain(ui, t("reach-map-port-why"));
        parts::explain(ui, t("reach-later"));
        if reach != told && turn.outbox.send(Command::SetReach(Box::new(reach.clone()))) {
            self.asked.ask(reach, ui.ctx(), turn.now);
        }
    }

    fn trackers(&mut self, ui: &mut Ui, reach: &mut Reach, snapshot: &Snapshot) {
        parts::heading(ui, t("reach-trackers"));
        parts::explain(ui, t("reach-trackers-why"));
        let known: &[TrackerStatus] = match &snapshot.phase {
            Phase::Live(live) => &live.found_at.trackers,
            Phase::Idle | Phase::Starting | Phase::Stopping => &[],
        };
        // Those that are there unasked: this program's own, and the hub's.
        for tracker in known {
            let is_listed = |listed: &TrackerAddress| listed.to_string() == tracker.url;
            if !reach.trackers.iter().any(is_listed) {
                ui.label(&tracker.url);
                ui.horizontal(|ui| progress(ui, tracker));
            }
        }
        let hubs = usize::from(matches!(reach.page, PagePlace::Hub(_)));
        let most = MAX_TRACKERS - hubs;
        self.trackers
            .show(ui, &TRACKERS, most, &mut reach.trackers, |ui, address| {
                let url = address.to_string();
                if let Some(tracker) = known.iter().find(|tracker| tracker.url == url) {
                    progress(ui, tracker);
                }
            });
        public_trackers(ui, most, &mut reach.trackers);
    }

    fn stun_servers(&mut self, ui: &mut Ui, reach: &mut Reach) {
        parts::heading(ui, t("reach-stun-servers"));
        parts::explain(ui, t("reach-stun-why"));
        let before = reach.stun.clone().unwrap_or_default();
        let mut servers: Vec<StunServer> = before.clone();
        self.stun.show(
            ui,
            &STUN_SERVERS,
            MOST_STUN_SERVERS,
            &mut servers,
            |_, _| {},
        );
        if servers != before {
            reach.stun = (!servers.is_empty()).then_some(servers);
        }
    }

    fn udp_ports(&mut self, ui: &mut Ui, reach: &mut Reach) {
        let set = reach
            .udp_ports
            .as_ref()
            .map_or_else(String::new, ToString::to_string);
        let typed = self
            .ports
            .show(ui, t("reach-ports-line"), &set, t("reach-none"), |typed| {
                if typed.is_empty() {
                    return Ok(None);
                }
                typed.parse::<PortRange>().map(Some).map_err(Message::from)
            });
        if let Some(ports) = typed {
            reach.udp_ports = ports;
        }
        parts::explain(ui, t("reach-ports-why"));
    }
}

/// Those that are open to everybody, to be added by a click.
fn public_trackers(ui: &mut Ui, most: usize, trackers: &mut Vec<TrackerAddress>) {
    let offered: Vec<TrackerAddress> = PUBLIC_TRACKERS
        .iter()
        .filter_map(|url| url.parse().ok())
        .filter(|tracker| !trackers.contains(tracker))
        .collect();
    if offered.is_empty() || trackers.len() >= most {
        return;
    }
    MenuButton::new(t("reach-tracker-public")).ui(ui, |ui| {
        ui.spacing_mut().button_padding = parts::MENU_PADDING;
        for tracker in offered {
            if ui.button(tracker.to_string()).clicked() {
                trackers.push(tracker);
            }
        }
    });
}

/// How a tracker is doing, by an icon and in words.
fn progress(ui: &mut Ui, tracker: &TrackerStatus) {
    let palette = Palette::in_use(ui);
    let why = || tracker.reason.clone().unwrap_or_default();
    let (icon, ink, words) = match (tracker.state, &tracker.reason) {
        (TrackerProgress::Connected, None) => (
            Icon::Well,
            palette.good_text,
            t("tracker-connected").to_owned(),
        ),
        (TrackerProgress::Connected, Some(_)) => (
            Icon::Warning,
            palette.warning_text,
            say("tracker-refuses", [("why", why().into())]),
        ),
        (TrackerProgress::Connecting, _) => {
            (Icon::Slow, palette.weak, t("tracker-connecting").to_owned())
        }
        (TrackerProgress::Retrying(after), _) => (
            Icon::Warning,
            palette.warning_text,
            say(
                "tracker-retrying",
                [
                    ("seconds", after.as_secs().max(1).into()),
                    ("why", why().into()),
                ],
            ),
        ),
    };
    icons::show(ui, icon, ink);
    parts::explain(ui, words);
}
