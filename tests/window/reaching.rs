//! How viewers elsewhere are reached: hub, trackers, STUN and TURN servers, UDP ports; and what is found.

use std::sync::Arc;
use std::time::Duration;

use egui::Theme;
use egui_kittest::kittest::Queryable;
use liveontorrent::broadcast::{Command, FoundAt, Listed, ListingState, PagePlace, Phase, Reach};
use liveontorrent::seeder::{Reachability, TrackerProgress, TrackerStatus, TurnServer};

use crate::desk::Desk;

const HUB: &str = "https://hub.example/";

/// High enough for everything to be in sight.
fn settings() -> Desk {
    let mut desk = Desk::sized(1280.0, 3000.0, Theme::Dark);
    desk.click("Settings");
    desk
}

fn type_line(desk: &mut Desk, field: &str, text: &str) {
    desk.type_into(field, text);
    desk.harness.key_press(egui::Key::Enter);
    desk.harness.run();
}

/// What the engine is told last.
#[track_caller]
fn told(desk: &mut Desk) -> Reach {
    let commands = desk.commands();
    match commands.last() {
        Some(Command::SetReach(reach)) => Reach::clone(reach),
        _ => panic!("it is told how viewers are reached: {commands:?}"),
    }
}

fn by_hub() -> Reach {
    Reach {
        page: PagePlace::Hub(HUB.parse().expect("it is an address")),
        trackers: ["wss://well.example/", "wss://gone.example/"]
            .map(|tracker| tracker.parse().expect("it is an address"))
            .to_vec(),
        ..Reach::default()
    }
}

fn find(desk: &mut Desk, found_at: FoundAt) {
    desk.go_live();
    desk.tell(|snapshot| {
        if let Phase::Live(live) = &mut snapshot.phase {
            live.found_at = Arc::new(found_at);
        }
    });
}

fn found() -> FoundAt {
    let tracker = |url: &str, state, reason: Option<&str>| TrackerStatus {
        url: url.into(),
        state,
        reason: reason.map(str::to_owned),
    };
    let (connected, after) = (TrackerProgress::Connected, Duration::from_secs(8));
    FoundAt {
        router_ports: Vec::new(),
        local_link: None,
        trackers: vec![
            tracker("ws://127.0.0.1:8080/announce", connected, None),
            tracker("wss://hub.example/announce", connected, None),
            tracker("wss://well.example/", connected, None),
            tracker(
                "wss://gone.example/",
                TrackerProgress::Retrying(after),
                Some("connection refused"),
            ),
        ],
        listing: ListingState::Listed,
        reachability: Reachability::BehindRouter,
    }
}

#[test]
fn a_hub_is_named_and_a_mistake_in_it_is_said_in_place_and_can_be_mended() {
    let mut desk = settings();
    desk.choose("Where viewers get the page", "From a hub, from anywhere");
    assert_eq!(desk.commands(), [], "which hub is not said yet");
    assert!(desk.says("Its address is needed first"));
    type_line(&mut desk, "Address of the hub", "hub.example");
    assert!(desk.says("‘hub.example’ is no page's address. It looks like https://hub.example/"));
    assert_eq!(desk.commands(), []);
    desk.click("Close");
    desk.click("Settings");
    let typed = desk.harness.get_by_label("Address of the hub").value();
    assert_eq!(
        typed.as_deref(),
        Some("hub.example"),
        "nothing that was typed is lost"
    );
    desk.harness.get_by_label("Address of the hub").focus();
    desk.harness.run();
    desk.harness
        .key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::A);
    type_line(&mut desk, "Address of the hub", HUB);
    assert_eq!(told(&mut desk).page, by_hub().page);
    assert!(!desk.says("is no page's address"));
}

#[test]
fn trackers_are_added_changed_and_removed() {
    let mut desk = settings();
    type_line(&mut desk, "Another tracker", "wss://one.example/");
    let one = told(&mut desk);
    assert_eq!(one.trackers.len(), 1);
    desk.click("Add a public one…");
    desk.click("wss://tracker.openwebtorrent.com/");
    assert_eq!(told(&mut desk).trackers.len(), 2);
    type_line(&mut desk, "Another tracker", "http://wrong.example/");
    assert!(desk.says("‘http://wrong.example/’ is no tracker's address"));
    type_line(&mut desk, "Tracker 1", "x");
    let changed = told(&mut desk);
    assert_eq!(changed.trackers[0].to_string(), "wss://one.example/x");
    desk.click("Remove wss://one.example/x");
    let left = told(&mut desk).trackers;
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].to_string(), "wss://tracker.openwebtorrent.com/");
}

#[test]
fn no_more_trackers_are_taken_than_links_hold() {
    let mut desk = settings();
    for number in 0..7 {
        type_line(
            &mut desk,
            "Another tracker",
            &format!("wss://t{number}.example/"),
        );
        desk.commands();
    }
    type_line(&mut desk, "Another tracker", "wss://t7.example/");
    assert!(desk.says("at most 7 trackers; remove one first"));
    assert_eq!(desk.commands(), []);
}

#[test]
fn stun_servers_and_ports_are_set_and_unset() {
    let mut desk = settings();
    type_line(&mut desk, "Another STUN server", "stun.example.org");
    let reach = told(&mut desk);
    assert_eq!(reach.stun.map(|servers| servers.len()), Some(1));
    desk.click("Remove stun.example.org:3478");
    assert_eq!(told(&mut desk).stun, None);
    let ports = "Port that your firewall lets through";
    type_line(&mut desk, ports, "many");
    assert!(desk.says("‘many’ is no range of ports"));
    desk.harness.get_by_label(ports).focus();
    desk.harness.run();
    desk.harness
        .key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::A);
    type_line(&mut desk, ports, "40000-40100");
    let set = told(&mut desk).udp_ports.map(|ports| ports.to_string());
    assert_eq!(set.as_deref(), Some("40000-40100"));
}

#[test]
fn a_turn_server_takes_a_name_and_a_password_and_shows_no_password() {
    let mut desk = settings();
    desk.type_into("Address of a TURN server", "turn:turn.example.org");
    desk.click("Use this server");
    assert!(desk.says("A TURN server takes a user name and a password."));
    assert_eq!(desk.commands(), []);
    desk.type_into("User name of the TURN server", "ada");
    desk.type_into("Password of the TURN server", "sesame");
    desk.click("Use this server");
    let turn = TurnServer::new("turn:turn.example.org", "ada", "sesame").expect("it is one");
    assert_eq!(told(&mut desk).turn, Some(turn));
    assert!(desk.says("turn:turn.example.org:3478"));
    assert!(!desk.says("sesame"));
    desk.click("Use it no more");
    assert_eq!(told(&mut desk).turn, None);
}

#[test]
fn each_trackers_state_is_shown_while_live() {
    let mut desk = settings();
    desk.tell(|snapshot| snapshot.reach = by_hub());
    find(&mut desk, found());
    assert!(desk.says("Connected: new viewers can come from there."));
    assert!(desk.says("Not there; tried again after 8 s. connection refused"));
    assert!(desk.says("wss://hub.example/announce"), "the hub's own");
}

#[test]
fn ports_on_the_router_are_asked_for_by_a_click() {
    let mut desk = settings();
    desk.click("Open ports on my router");
    assert!(told(&mut desk).map_port);
}

#[test]
fn who_can_reach_one_is_said_with_what_to_do() {
    let mut desk = settings();
    assert!(desk.says("Only people on this network can watch"));
    desk.tell(|snapshot| snapshot.reach = by_hub());
    assert!(desk.says("Who can reach you is found out when you are live."));
    for (reachability, words) in [
        (Reachability::Unknown, "It is being found out"),
        (Reachability::Open, "from anywhere, directly"),
        (
            Reachability::BehindRouter,
            "(hole punching). There is nothing to do.",
        ),
        (
            Reachability::PerDestination,
            "or by a TURN server if you have one",
        ),
        (
            Reachability::Silent,
            "Your firewall may let no UDP through: ask for it",
        ),
    ] {
        let found = FoundAt {
            reachability,
            ..found()
        };
        find(&mut desk, found);
        assert!(desk.says(words), "{reachability:?}");
    }
}

#[test]
fn the_hub_lists_one_only_on_request_and_with_a_picture_only_if_one_likes() {
    let mut desk = Desk::sized(1280.0, 2000.0, Theme::Dark);
    assert!(!desk.says("List me on the hub"), "there is no hub");
    desk.tell(|snapshot| snapshot.reach = by_hub());
    assert!(!desk.is_enabled("Do not share a thumbnail"));
    desk.click("List me on the hub");
    let listed = |wanted, without_picture| {
        [Command::SetListed(Listed {
            wanted,
            without_picture,
        })]
    };
    assert_eq!(desk.commands(), listed(true, false));
    desk.click("Do not share a thumbnail");
    assert_eq!(desk.commands(), listed(true, true));
    find(&mut desk, found());
    assert!(desk.says("You are on the hub's list."));
    desk.click("List me on the hub");
    assert_eq!(desk.commands(), listed(false, true), "while live, too");
}

#[test]
fn a_hub_that_lists_nobody_is_said_in_the_switchs_place() {
    let mut desk = Desk::sized(1280.0, 2000.0, Theme::Dark);
    desk.tell(|snapshot| {
        snapshot.reach = by_hub();
        snapshot.listed.wanted = true;
    });
    let failed = FoundAt {
        listing: ListingState::Failed("it is full".into()),
        ..found()
    };
    find(&mut desk, failed);
    assert!(desk.says("The hub does not list this broadcast just now: it is full."));
}

/// The whole of the network's settings, taller than a window.
fn network(desk: &mut Desk) {
    desk.tell(|snapshot| snapshot.reach = by_hub());
    desk.tell(|snapshot| snapshot.listed.wanted = true);
    find(desk, found());
}

#[test]
fn network_settings_dark() {
    let mut desk = Desk::sized(800.0, 2400.0, Theme::Dark);
    network(&mut desk);
    desk.click("Settings");
    desk.picture("network_settings_dark");
}

#[test]
fn network_mistakes_light() {
    let mut desk = Desk::sized(800.0, 2400.0, Theme::Light);
    desk.click("Settings");
    desk.choose("Where viewers get the page", "From a hub, from anywhere");
    type_line(&mut desk, "Address of the hub", "hub.example");
    type_line(&mut desk, "Another tracker", "http://wrong.example/");
    desk.type_into("Address of a TURN server", "turn:turn.example.org");
    desk.click("Use this server");
    desk.picture("network_mistakes_light");
}
