//! Health at a glance, the log, and the sound level.

use egui::accesskit::Role;
use egui_kittest::kittest::{NodeT, Queryable};
use liveontorrent::broadcast::{Hint, Phase, Severity, Vital};
use liveontorrent::capture::{Peak, SoundLevel, SoundSource, SourceState};

use crate::desk::{Desk, LINK};

#[test]
fn a_healthy_broadcast_shows_green_lights_only() {
    let mut desk = Desk::new();
    desk.go_live();
    assert!(desk.says("Health of the broadcast: all is well"));
    for figure in [
        "12 people watching. All is well",
        "0.1 s added on the way. All is well",
        "0 pictures left out. All is well",
        "x264 encoder. All is well",
    ] {
        assert!(desk.says(figure), "{figure}");
    }
}

#[test]
fn a_light_that_is_not_green_says_why_and_what_to_do() {
    let mut desk = Desk::new();
    desk.go_live();
    desk.tell(|snapshot| {
        snapshot.hints = vec![Hint {
            severity: Severity::Warning,
            about: Some(Vital::Upload),
            text: "Your upload limit is too low. Raise it.".into(),
        }];
    });
    assert!(desk.says("Health of the broadcast: something needs attention"));
    assert!(desk.says("viewers carry 90 %. Your upload limit is too low. Raise it."));
    assert!(desk.says("12 people watching. All is well"));
}

#[test]
fn a_picture_that_is_gone_is_trouble() {
    let mut desk = Desk::new();
    desk.go_live();
    desk.tell(|snapshot| snapshot.video = SourceState::Gone("Unplugged.".into()));
    assert!(desk.says("Health of the broadcast: something does not work"));
}

#[test]
fn the_log_is_read_and_copied_for_a_bug_report() {
    let mut desk = Desk::new();
    desk.go_live();
    desk.click("Log");
    assert!(desk.says("0:12  Live, encoder x264"));
    let report = desk.copied_by("Copy the log for a bug report");
    let report = report.expect("it is copied");
    assert!(report.starts_with("Live on Torrent "), "{report}");
    assert!(report.contains("1:12  8 viewers"), "{report}");
    let channel = LINK.split_once('#').map(|(_, channel)| channel);
    assert!(!report.contains(channel.expect("a link has a channel")));
    assert!(desk.says("Log copied"));
}

#[test]
fn the_sound_level_moves_before_and_while_live() {
    let mut desk = Desk::new();
    let level = |desk: &Desk, said: &str| {
        let mut meters = desk.harness.get_all_by_role(Role::Meter);
        meters.all(|meter| {
            let label = meter.accesskit_node().label();
            label.is_some_and(|label| label.contains(said))
        })
    };
    assert!(level(&desk, "good, -18 dB"));
    desk.tell(|snapshot| snapshot.sound_level = SoundLevel([Peak::of(1.0), Peak::of(0.1)]));
    assert!(level(&desk, "too loud, 0 dB"));
    desk.go_live();
    desk.tell(|snapshot| snapshot.sound_level = SoundLevel::default());
    assert!(level(&desk, "silent"));
    desk.tell(|snapshot| snapshot.muted = true);
    assert!(level(&desk, "muted, viewers hear nothing"));
}

#[test]
fn a_level_that_is_not_good_says_what_to_do_where_the_sound_is_picked() {
    let mut desk = Desk::sized(1280.0, 1600.0, egui::Theme::Dark);
    assert!(desk.says("The level is good."));
    desk.tell(|snapshot| snapshot.sound_level = SoundLevel([Peak::of(0.005); 2]));
    assert!(desk.says("Quiet: come closer"));
    desk.tell(|snapshot| snapshot.input.sound = SoundSource::None);
    assert!(!desk.says("Quiet: come closer"));
}

#[test]
fn pictures_left_out_are_counted_while_live() {
    let mut desk = Desk::new();
    desk.go_live();
    desk.tell(|snapshot| {
        if let Phase::Live(live) = &mut snapshot.phase {
            live.dropped_frames = 31;
        }
    });
    assert!(desk.says("31 pictures left out."));
}
