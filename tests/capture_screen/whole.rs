//! The whole screen, monitors and regions.

use liveontorrent::capture::{
    Capture, DeviceList, Input, ScreenArea, SoundSource, SourceState, VideoSource,
};

use crate::collector::{Collector, capture, wait_for_state};
use crate::luma::luma_at;
use crate::painter::{BLACK, GREEN, GREEN_LUMA, Painter, WHITE};
use crate::xvfb::{kill_server, on_a_display};

fn screen(area: ScreenArea) -> (Capture, std::sync::Arc<Collector>) {
    capture(VideoSource::Screen(area), SoundSource::None)
}

/// Waits until the picture is about this bright, beside its middle, where the pointer is at first.
fn wait_for_luma(collector: &Collector, wanted: u8) {
    collector.wait_for(&format!("luma {wanted}"), |collected| {
        let last = collected.pictures.last()?;
        (luma_at(last, 400, 300).abs_diff(wanted) <= 2).then_some(())
    });
}

#[test]
fn what_is_painted_on_the_screen_arrives_in_its_colour() {
    on_a_display(
        "whole::what_is_painted_on_the_screen_arrives_in_its_colour",
        || {
            let painter = Painter::new();
            let window = painter.window((0, 0, 1280, 720), GREEN);
            let (capture, collector) = screen(ScreenArea::Whole);
            wait_for_luma(&collector, GREEN_LUMA);
            painter.paint(window, WHITE);
            wait_for_luma(&collector, 235);
            painter.paint(window, BLACK);
            wait_for_luma(&collector, 16);
            wait_for_state(&capture, "running", |state| {
                state.video == SourceState::Running
            });
        },
    );
}

#[test]
fn a_region_is_that_part_and_no_other() {
    on_a_display("whole::a_region_is_that_part_and_no_other", || {
        let painter = Painter::new();
        painter.window((0, 0, 1280, 720), WHITE);
        painter.window((300, 200, 320, 180), GREEN);
        let (_capture, collector) = screen(ScreenArea::Region {
            x: 300,
            y: 200,
            width: 320,
            height: 180,
        });
        let picture = collector.picture_after(2);
        for (x, y) in [(10, 10), (990, 10), (10, 990), (990, 990), (500, 500)] {
            assert!(
                luma_at(&picture, x, y).abs_diff(GREEN_LUMA) <= 2,
                "at {x}, {y}"
            );
        }
    });
}

#[test]
fn a_region_outside_of_the_screen_is_said_and_another_area_works() {
    on_a_display(
        "whole::a_region_outside_of_the_screen_is_said_and_another_area_works",
        || {
            let (capture, collector) = screen(ScreenArea::Region {
                x: 5000,
                y: 0,
                width: 10,
                height: 10,
            });
            let state = wait_for_state(&capture, "gone", |state| {
                matches!(state.video, SourceState::Gone(_))
            });
            assert!(format!("{state:?}").contains("1280 × 720"), "{state:?}");
            let painter = Painter::new();
            painter.window((0, 0, 1280, 720), GREEN);
            capture.set_input(Input {
                video: VideoSource::Screen(ScreenArea::Whole),
                sound: SoundSource::None,
            });
            wait_for_luma(&collector, GREEN_LUMA);
        },
    );
}

#[test]
fn the_monitor_that_is_listed_can_be_captured() {
    on_a_display("whole::the_monitor_that_is_listed_can_be_captured", || {
        let painter = Painter::new();
        painter.window((0, 0, 1280, 720), GREEN);
        let screens = DeviceList::once().screens;
        assert_eq!(screens[0].0, ScreenArea::Whole, "{screens:?}");
        let (monitor, name) = screens
            .iter()
            .find(|(area, _)| matches!(area, ScreenArea::Monitor(_)))
            .expect("a monitor");
        assert!(name.contains("1280 × 720"), "{name}");
        let (_capture, collector) = screen(monitor.clone());
        wait_for_luma(&collector, GREEN_LUMA);
    });
}

#[test]
fn a_monitor_that_is_not_there_is_named() {
    on_a_display("whole::a_monitor_that_is_not_there_is_named", || {
        let (capture, _collector) = screen(ScreenArea::Monitor("HDMI-7".to_owned()));
        wait_for_state(&capture, "gone", |state| {
            let missing = "The monitor HDMI-7 is not there. Plug it in, or choose another.";
            state
                .video
                .trouble()
                .is_some_and(|why| why.to_string() == missing)
        });
    });
}

#[test]
fn the_mouse_pointer_is_seen() {
    on_a_display("whole::the_mouse_pointer_is_seen", || {
        let painter = Painter::new();
        painter.window((0, 0, 1280, 720), WHITE);
        painter.point(20, 20);
        let (_capture, collector) = screen(ScreenArea::Region {
            x: 500,
            y: 300,
            width: 160,
            height: 90,
        });
        let dark = |collected: &crate::collector::Collected| {
            let last = collected.pictures.last().unwrap();
            let map = last.buffer.map_readable().unwrap();
            map[..640 * 360].iter().filter(|&&luma| luma < 100).count()
        };
        wait_for_luma(&collector, 235);
        collector.wait_for("a look", |collected| {
            assert_eq!(dark(collected), 0);
            Some(())
        });
        painter.point(580, 345);
        collector.wait_for("the pointer", |collected| {
            (dark(collected) > 50).then_some(())
        });
    });
}

#[test]
fn a_display_that_goes_away_is_said_and_does_not_end_the_program() {
    on_a_display(
        "whole::a_display_that_goes_away_is_said_and_does_not_end_the_program",
        || {
            let (capture, collector) = screen(ScreenArea::Whole);
            collector.picture_after(2);
            kill_server();
            let state = wait_for_state(&capture, "gone", |state| {
                matches!(state.video, SourceState::Gone(_))
            });
            assert!(
                format!("{state:?}").contains("does not answer"),
                "{state:?}"
            );
        },
    );
}
