//! Numbers as people read them, with decimals as the language marks them.

use std::time::Duration;

use crate::segmenter::Bitrate;
use crate::texts::decimal;

/// `4:07`, or `1:04:07` from an hour on.
pub fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes}:{seconds:02}")
    }
}

/// A rate as internet providers state it: `850 kbit/s`, `2.5 Mbit/s`.
pub fn rate(rate: Bitrate) -> String {
    let kilobits = rate.bits_per_second() / 1000;
    if kilobits < 1000 {
        format!("{kilobits} kbit/s")
    } else {
        format!("{} Mbit/s", decimal(kilobits as f64 / 1000.0, 1))
    }
}

/// An amount of data: `12 kB`, `3.4 MB`, `1.2 GB`.
pub fn amount(bytes: u64) -> String {
    match bytes {
        0..1_000_000 => format!("{} kB", bytes / 1000),
        1_000_000..1_000_000_000 => format!("{} MB", decimal(bytes as f64 / 1e6, 1)),
        _ => format!("{} GB", decimal(bytes as f64 / 1e9, 1)),
    }
}

/// A number with the right form of the noun: `1 viewer`, `2 viewers`.
pub fn count(number: u64, one: &str, several: &str) -> String {
    let noun = if number == 1 { one } else { several };
    format!("{number} {noun}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_gain_hours_when_they_have_some() {
        assert_eq!(duration(Duration::from_secs(7)), "0:07");
        assert_eq!(duration(Duration::from_secs(754)), "12:34");
        assert_eq!(duration(Duration::from_secs(3 * 3600 + 62)), "3:01:02");
    }

    #[test]
    fn rates_and_amounts_take_the_unit_that_fits() {
        let kilobits = Bitrate::from_kilobits_per_second;
        assert_eq!(rate(kilobits(850)), "850 kbit/s");
        assert_eq!(rate(kilobits(2500)), "2.5 Mbit/s");
        assert_eq!(amount(999), "0 kB");
        assert_eq!(amount(3_440_000), "3.4 MB");
        assert_eq!(amount(1_250_000_000), "1.2 GB");
    }
}
