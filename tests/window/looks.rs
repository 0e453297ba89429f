//! What the window looks like. `UPDATE_SNAPSHOTS=1 cargo test --test window` takes new pictures.

use egui::Theme;
use liveontorrent::broadcast::{Hint, Phase, Severity, Vital};
use liveontorrent::capture::{SourceState, VideoSource};

use crate::desk::Desk;

const LARGE: (f32, f32) = (1280.0, 720.0);
const SMALL: (f32, f32) = (800.0, 600.0);

macro_rules! pictures {
    ($($test:ident: $size:expr, $theme:expr, $prepare:expr;)*) => {
        $(#[test]
        fn $test() {
            let mut desk = Desk::sized($size.0, $size.1, $theme);
            $prepare(&mut desk);
            desk.picture(stringify!($test));
        })*
    };
}

pictures! {
    idle_large_dark: LARGE, Theme::Dark, nothing;
    idle_large_light: LARGE, Theme::Light, nothing;
    idle_small_dark: SMALL, Theme::Dark, nothing;
    idle_small_light: SMALL, Theme::Light, nothing;
    live_large_dark: LARGE, Theme::Dark, Desk::go_live;
    live_large_light: LARGE, Theme::Light, Desk::go_live;
    live_small_dark: SMALL, Theme::Dark, Desk::go_live;
    live_small_light: SMALL, Theme::Light, Desk::go_live;
    trouble_small_dark: SMALL, Theme::Dark, trouble;
    trouble_large_light: LARGE, Theme::Light, trouble;
    qr_code_small_light: SMALL, Theme::Light, large_code;
    advanced_large_dark: LARGE, Theme::Dark, advanced;
    audience_large_dark: LARGE, Theme::Dark, audience;
    audience_large_light: LARGE, Theme::Light, audience;
    log_large_dark: LARGE, Theme::Dark, log;
    settings_large_light: LARGE, Theme::Light, settings;
    settings_small_dark: SMALL, Theme::Dark, settings;
    audience_small_dark: SMALL, Theme::Dark, audience;
    closing_small_dark: SMALL, Theme::Dark, closing;
    large_text_small_dark: SMALL, Theme::Dark, large_text;
}

fn nothing(_: &mut Desk) {}

fn trouble(desk: &mut Desk) {
    desk.go_live();
    desk.tell(|snapshot| {
        snapshot.input.video = VideoSource::Camera(Some("cam-2".into()));
        snapshot.video = SourceState::Gone(
            "The camera was unplugged. Plug it in again, or choose another picture.".into(),
        );
        if let Phase::Live(live) = &mut snapshot.phase {
            live.dropped_frames = 31;
        }
        snapshot.hints = vec![
            Hint {
                about: Some(Vital::Upload),
                ..hint(
                    Severity::Error,
                    "Your upload is too slow for this quality: viewers will see it stop and go.",
                )
            },
            hint(Severity::Note, "Port 8080 was taken; the link uses 8081."),
        ];
    });
}

fn large_code(desk: &mut Desk) {
    desk.go_live();
    desk.click("Enlarge QR code");
}

fn advanced(desk: &mut Desk) {
    desk.click("Advanced");
}

fn audience(desk: &mut Desk) {
    desk.go_live();
    desk.click("Audience");
}

fn log(desk: &mut Desk) {
    desk.go_live();
    desk.click("Log");
}

fn settings(desk: &mut Desk) {
    desk.click("Settings");
}

fn closing(desk: &mut Desk) {
    desk.go_live();
    desk.click_the_cross();
    desk.harness.run();
}

/// As with Ctrl and Plus, five times.
fn large_text(desk: &mut Desk) {
    desk.harness.ctx.set_zoom_factor(1.5);
    desk.harness.run();
}

fn hint(severity: Severity, text: &str) -> Hint {
    Hint {
        severity,
        about: None,
        text: text.into(),
    }
}
