//! Single windows.

use std::sync::Arc;

use liveontorrent::capture::{
    Capture, DeviceList, ScreenArea, SoundSource, SourceState, VideoSource,
};

use crate::collector::{Collector, PATIENCE, capture, wait_for_state};
use crate::luma::luma_at;
use crate::painter::{BLACK, GREEN, GREEN_LUMA, Painter, WHITE};
use crate::xvfb::on_a_display;

fn window(id: u32) -> (Capture, Arc<Collector>) {
    capture(
        VideoSource::Screen(ScreenArea::Window(id)),
        SoundSource::None,
    )
}

fn is_gone(state: &SourceState, why: &str) -> bool {
    state
        .trouble()
        .is_some_and(|trouble| trouble.to_string() == why)
}

fn wait_for_luma(collector: &Collector, wanted: u8) {
    collector.wait_for(&format!("luma {wanted}"), |collected| {
        let last = collected.pictures.last()?;
        (luma_at(last, 400, 300).abs_diff(wanted) <= 2).then_some(())
    });
}

#[test]
fn a_window_is_captured_alone_also_where_another_covers_it() {
    on_a_display(
        "windows::a_window_is_captured_alone_also_where_another_covers_it",
        || {
            let painter = Painter::new();
            let captured = painter.window((100, 100, 640, 360), GREEN);
            let (_capture, collector) = window(captured);
            wait_for_luma(&collector, GREEN_LUMA);
            let other = painter.window((0, 0, 1280, 720), BLACK);
            painter.raise(other);
            // Repainted under the other one, and seen all the same.
            painter.paint(captured, WHITE);
            wait_for_luma(&collector, 235);
        },
    );
}

#[test]
fn a_window_may_have_an_odd_size_and_change_it() {
    on_a_display(
        "windows::a_window_may_have_an_odd_size_and_change_it",
        || {
            let painter = Painter::new();
            let captured = painter.window((100, 100, 333, 217), GREEN);
            let (capture, collector) = window(captured);
            wait_for_luma(&collector, GREEN_LUMA);
            for (width, height) in [(101, 199), (1, 1), (1001, 555)] {
                painter.resize(captured, width, height);
                collector.picture_after(3);
            }
            painter.paint(captured, WHITE);
            wait_for_luma(&collector, 235);
            assert_eq!(capture.states().borrow().video, SourceState::Running);
        },
    );
}

#[test]
fn a_window_of_another_shape_gets_black_bars() {
    on_a_display("windows::a_window_of_another_shape_gets_black_bars", || {
        let painter = Painter::new();
        let captured = painter.window((100, 100, 200, 200), WHITE);
        let (_capture, collector) = window(captured);
        let picture = collector.picture_after(3);
        for (x, luma) in [(50, 16), (950, 16), (300, 235), (700, 235)] {
            assert!(luma_at(&picture, x, 500).abs_diff(luma) <= 2, "at {x}");
        }
    });
}

#[test]
fn a_window_that_is_closed_is_gone_and_viewers_are_told() {
    on_a_display(
        "windows::a_window_that_is_closed_is_gone_and_viewers_are_told",
        || {
            let painter = Painter::new();
            let captured = painter.window((100, 100, 640, 360), WHITE);
            let (capture, collector) = window(captured);
            wait_for_luma(&collector, 235);
            painter.close(captured);
            let text = "The window was closed. Choose another source.";
            wait_for_state(&capture, "gone", |state| is_gone(&state.video, text));
            // The notice's ground is dark.
            collector.wait_for("the notice", |collected| {
                (luma_at(collected.pictures.last()?, 20, 20) < 100).then_some(())
            });
        },
    );
}

#[test]
fn a_window_that_is_hidden_comes_back_by_itself_when_it_is_shown() {
    on_a_display(
        "windows::a_window_that_is_hidden_comes_back_by_itself_when_it_is_shown",
        || {
            let painter = Painter::new();
            let captured = painter.window((100, 100, 640, 360), GREEN);
            let (capture, collector) = window(captured);
            wait_for_luma(&collector, GREEN_LUMA);
            painter.hide(captured);
            let text = "The window is not shown. Bring it back, or choose another source.";
            wait_for_state(&capture, "gone", |state| is_gone(&state.video, text));
            painter.show(captured);
            wait_for_state(&capture, "running", |state| {
                state.video == SourceState::Running
            });
            wait_for_luma(&collector, GREEN_LUMA);
        },
    );
}

#[test]
fn windows_are_listed_by_their_titles_as_they_come_and_go() {
    on_a_display(
        "windows::windows_are_listed_by_their_titles_as_they_come_and_go",
        || {
            let painter = Painter::new();
            let listed = DeviceList::watch();
            let devices = listed.devices();
            let wait_for = |wanted: &[&str]| {
                let deadline = std::time::Instant::now() + PATIENCE;
                loop {
                    let screens = devices.borrow().screens.clone();
                    let titles: Vec<_> = screens
                        .iter()
                        .filter(|(area, _)| matches!(area, ScreenArea::Window(_)))
                        .map(|(_, title)| title.as_str())
                        .collect();
                    if titles == wanted {
                        return;
                    }
                    assert!(std::time::Instant::now() < deadline, "{titles:?}");
                    std::thread::sleep(std::time::Duration::from_millis(50));
                }
            };
            let editor = painter.window((0, 0, 100, 100), GREEN);
            let untitled = painter.window((0, 0, 100, 100), GREEN);
            painter.list(&[(editor, "Brief an Jürgen – Editor"), (untitled, "")]);
            wait_for(&["Brief an Jürgen – Editor"]);
            let game = painter.window((0, 0, 100, 100), BLACK);
            painter.list(&[(editor, "Other letter"), (game, "Chess")]);
            wait_for(&["Other letter", "Chess"]);
            painter.close(editor);
            wait_for(&["Chess"]);
        },
    );
}
