//! The most that this computer sends to viewers.

use egui::{DragValue, Ui};

use super::parts;
use crate::segmenter::Bitrate;
use crate::texts::t;

/// What is suggested to somebody who wants a limit: what most homes can spare.
const SUGGESTED: Bitrate = Bitrate::from_kilobits_per_second(10_000);
/// In Mbit/s: one small stream, and more than any connection of today.
const RANGE: std::ops::RangeInclusive<f64> = 0.1..=10_000.0;

/// Shows the limit; a choice changes it. It can be changed while a broadcast is on, too.
pub fn show(ui: &mut Ui, limit: &mut Option<Bitrate>) {
    let shown = t(if limit.is_some() { AT_MOST } else { AUTOMATIC });
    parts::drop_down(ui, t("limit"), shown, |ui| {
        ui.selectable_value(limit, None, t(AUTOMATIC));
        let some = limit.unwrap_or(SUGGESTED);
        ui.selectable_value(limit, Some(some), t(AT_MOST));
    });
    match limit {
        None => {
            parts::explain(ui, t("limit-why"));
        }
        Some(rate) => at_most(ui, rate),
    }
}

const AUTOMATIC: &str = "limit-automatic";
const AT_MOST: &str = "limit-at-most";

fn at_most(ui: &mut Ui, rate: &mut Bitrate) {
    let mut megabits = rate.bits_per_second() as f64 / 1e6;
    let response = parts::field(ui, t("limit-send"), |ui| {
        let field = DragValue::new(&mut megabits)
            .range(RANGE)
            .speed(0.1)
            .max_decimals(1)
            .suffix(" Mbit/s")
            .update_while_editing(false);
        ui.add(field)
    });
    if response.changed() {
        // At most 10^10: a whole number of bits.
        *rate = Bitrate::from_bits_per_second((megabits * 1e6).round() as u64);
    }
}
