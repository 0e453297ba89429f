//! Each number of an encoding by itself, for those who know what they want.

use std::time::Duration;

use egui::{Button, DragValue, Ui};

use super::hints;
use super::parts;
use crate::broadcast::Severity;
use crate::segmenter::{Bitrate, EncoderChoice, EncoderState, Encoding, FoundEncoder, Resolution};
use crate::texts::{decimal, say, t};

const HEIGHTS: [u32; 6] = [240, 360, 480, 720, 1080, 1440];
const FRAME_RATES: [u32; 7] = [10, 15, 24, 25, 30, 50, 60];
const SEGMENTS: [Duration; 5] = [
    Duration::from_millis(100),
    Duration::from_millis(250),
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(2),
];
const KEY_FRAMES: [Duration; 5] = [
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(5),
    Duration::from_secs(10),
];

/// Shows the numbers; a choice changes `encoding`. Encoders that were not `found` to work here cannot be chosen.
pub fn show(ui: &mut Ui, encoding: &mut Encoding, found: Option<&[FoundEncoder]>) {
    let sizes = HEIGHTS.map(|height| Resolution {
        width: (height * 16 / 9).next_multiple_of(2),
        height,
    });
    choice(
        ui,
        t("advanced-size"),
        &mut encoding.resolution,
        &sizes,
        |size| format!("{} × {}", size.width, size.height),
    );
    choice(
        ui,
        t("advanced-rate"),
        &mut encoding.frames_per_second,
        &FRAME_RATES,
        u32::to_string,
    );
    bit_rate(ui, &mut encoding.video_bitrate);
    choice(
        ui,
        t("advanced-segment"),
        &mut encoding.segment_duration,
        &SEGMENTS,
        |length| seconds(*length),
    );
    parts::explain(ui, t("advanced-segment-why"));
    choice(
        ui,
        t("advanced-key-picture"),
        &mut encoding.key_frame_interval,
        &KEY_FRAMES,
        |interval| seconds(*interval),
    );
    parts::explain(ui, t("advanced-key-picture-why"));
    encoder(ui, &mut encoding.encoder, found);
}

fn encoder(ui: &mut Ui, chosen: &mut EncoderChoice, found: Option<&[FoundEncoder]>) {
    let best = EncoderChoice::Automatic;
    parts::drop_down(ui, t("advanced-encoder"), encoder_name(*chosen), |ui| {
        ui.selectable_value(chosen, best, encoder_name(best));
        for FoundEncoder { choice, state } in found.unwrap_or_default() {
            let name = encoder_name(*choice);
            match why_not(*choice, *state) {
                None => {
                    ui.selectable_value(chosen, *choice, name);
                }
                Some(why) => {
                    let words = say(
                        "encoder-not-here",
                        [("name", name.into()), ("why", why.into())],
                    );
                    ui.add_enabled(false, Button::selectable(false, words));
                }
            }
        }
    });
    let Some(found) = found else {
        parts::explain(ui, t("encoder-looking"));
        return;
    };
    let mut of_chosen = found.iter().filter(|found| found.choice == *chosen);
    if let Some(why) = of_chosen.find_map(|found| why_not(found.choice, found.state)) {
        let name = encoder_name(*chosen);
        let words = say(
            "encoder-not-here",
            [("name", name.into()), ("why", why.into())],
        );
        hints::banner(ui, Severity::Warning, &words);
    }
}

/// Why an encoder cannot be chosen.
fn why_not(choice: EncoderChoice, state: EncoderState) -> Option<&'static str> {
    match (state, choice) {
        (EncoderState::Works, _) => None,
        (EncoderState::Fails, _) => Some(t("encoder-fails")),
        (EncoderState::Missing, EncoderChoice::X264 | EncoderChoice::OpenH264) => {
            Some(t("encoder-not-installed"))
        }
        (EncoderState::Missing, _) => Some(t("encoder-no-hardware")),
    }
}

fn choice<T: Copy + PartialEq>(
    ui: &mut Ui,
    name: &str,
    value: &mut T,
    choices: &[T],
    label: impl Fn(&T) -> String,
) {
    let selected = label(value);
    parts::drop_down(ui, name, &selected, |ui| {
        for choice in choices {
            ui.selectable_value(value, *choice, label(choice));
        }
    });
}

fn bit_rate(ui: &mut Ui, rate: &mut Bitrate) {
    /// What still shows a recognisable picture, and more than any home upload carries to a few viewers.
    const RANGE: std::ops::RangeInclusive<u64> = 100..=50_000;
    let mut kilobits = rate.bits_per_second() / 1000;
    let response = parts::field(ui, t("advanced-bit-rate"), |ui| {
        let field = DragValue::new(&mut kilobits)
            .range(RANGE)
            .speed(25)
            .suffix(" kbit/s")
            .update_while_editing(false);
        ui.add(field)
    });
    if response.changed() {
        *rate = Bitrate::from_kilobits_per_second(kilobits);
    }
}

fn seconds(duration: Duration) -> String {
    // As many decimals as it takes: 0.25 s, 2 s.
    let written = duration.as_secs_f32().to_string();
    let places = written.split('.').nth(1).map_or(0, str::len);
    format!("{} s", decimal(duration.as_secs_f32(), places))
}

fn encoder_name(encoder: EncoderChoice) -> &'static str {
    match encoder {
        EncoderChoice::Automatic => t("encoder-best"),
        EncoderChoice::VaApi => t("encoder-vaapi"),
        EncoderChoice::Nvenc => t("encoder-nvenc"),
        EncoderChoice::V4l2 => t("encoder-v4l2"),
        EncoderChoice::X264 => t("encoder-x264"),
        EncoderChoice::OpenH264 => t("encoder-openh264"),
    }
}
