//! Where hosts are and what they are connected with: paths, uplinks, NATs. The sources of the numbers are in
//! docs/SIMULATOR.md.

use std::time::Duration;

use rand::RngExt;
use rand::rngs::SmallRng;

use crate::agenda::STEP;
use crate::scenario::Scenario;

/// Shape of the log-normal distribution of round trips: the King data set's ratio of mean to median.
const ROUND_TRIP_SIGMA: f64 = 0.5;
/// No way is shorter, so that hosts can run by themselves for so long. At a median round trip of 60 ms a way in thirty
/// million would be.
const SHORTEST_WAY: Duration = Duration::from_millis(2);
/// Uplinks in kbit/s and the part of the audience that has them.
const UPLINKS: [(f64, f64); 6] = [
    (64.0, 0.0284),
    (256.0, 0.0434),
    (128.0, 0.143),
    (384.0, 0.233),
    (768.0, 0.18),
    (5000.0, 0.3722),
];
/// Uplinks of one kind differ by as much as this either way.
const UPLINK_SPREAD: f64 = 0.3;
/// Its multiples' fractions fill an interval evenly.
const GOLDEN_RATIO: f64 = 0.618_033_988_749_895;
/// Bytes of SCTP, DTLS, UDP and IP headers in each packet of a data channel, and of payload at most.
const PACKET_HEADERS: usize = 93;
const PACKET_PAYLOAD: usize = 1150;
/// A downlink in multiples of the stream's rate.
pub(crate) const DOWNLINK: f64 = 8.0;

/// The uplink of the viewer who came as the `number`th, in bytes a second. Kinds of uplink are dealt out evenly, so
/// that a small audience too has about the mean that the scenario says.
pub(crate) fn draw_uplink(number: usize, rng: &mut SmallRng, scenario: &Scenario) -> f64 {
    let mean: f64 = UPLINKS.iter().map(|(rate, share)| rate * share).sum();
    let mut drawn = (number as f64 * GOLDEN_RATIO).fract();
    let kind = UPLINKS.iter().find(|(_, share)| {
        drawn -= share;
        drawn < 0.0
    });
    let rate = kind.unwrap_or(&UPLINKS[UPLINKS.len() - 1]).0;
    let spread = rng.random_range(1.0 - UPLINK_SPREAD..1.0 + UPLINK_SPREAD);
    scenario.mean_uplink * scenario.byte_rate() * rate / mean * spread
}

/// The shortest way that there is, in whole steps of the agenda. Where the scenario's network is faster it is the median.
pub(crate) fn shortest_way(scenario: &Scenario) -> Duration {
    let median = Duration::from_secs_f64(scenario.median_round_trip / 2000.0);
    let steps = median.min(SHORTEST_WAY).as_nanos() / STEP.as_nanos();
    STEP * u32::try_from(steps).unwrap_or(u32::MAX).max(1)
}

/// The way between two hosts, the same in both directions and each time that it is asked for.
pub(crate) fn way(a: usize, b: usize, seed: u64, scenario: &Scenario) -> Duration {
    let (low, high) = (a.min(b) as u64, a.max(b) as u64);
    let uniform = |salt: u64| {
        let mut bits = seed ^ (low << 32 | high) ^ salt.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        for _ in 0..2 {
            bits = (bits ^ (bits >> 31)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            bits ^= bits >> 29;
        }
        // 53 random bits, never 0.
        ((bits >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    };
    // Box and Muller.
    let normal = (-2.0 * uniform(1).ln()).sqrt() * (std::f64::consts::TAU * uniform(2)).cos();
    let round_trip = scenario.median_round_trip * (ROUND_TRIP_SIGMA * normal).exp();
    Duration::from_secs_f64(round_trip / 2000.0).max(shortest_way(scenario))
}

/// Packets that a message takes.
pub(crate) fn packets(len: usize) -> usize {
    len.div_ceil(PACKET_PAYLOAD).max(1)
}

/// Bytes that a message takes on the wire, headers included.
pub(crate) fn wire_len(len: usize) -> usize {
    len + packets(len) * PACKET_HEADERS
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;

    #[test]
    fn ways_and_uplinks_have_the_middle_that_the_scenario_says() {
        let scenario = Scenario::default();
        let mut ways: Vec<Duration> = (1..2000).map(|host| way(0, host, 7, &scenario)).collect();
        ways.sort();
        let median = ways[1000].as_secs_f64() * 2000.0;
        assert!((55.0..65.0).contains(&median), "{median}");
        assert_eq!(way(3, 9, 7, &scenario), way(9, 3, 7, &scenario));

        let mut rng = SmallRng::seed_from_u64(1);
        let sum: f64 = (0..20_000)
            .map(|at| draw_uplink(at, &mut rng, &scenario))
            .sum();
        let mean = sum / 20_000.0 / scenario.byte_rate();
        assert!((1.45..1.55).contains(&mean), "{mean}");
    }

    #[test]
    fn no_way_is_shorter_than_a_window() {
        let fast = Scenario {
            median_round_trip: 1.0,
            ..Scenario::default()
        };
        for (scenario, millis) in [(Scenario::default(), 2.0), (fast, 0.5)] {
            let shortest = shortest_way(&scenario);
            assert_eq!(shortest.as_secs_f64() * 1000.0, millis);
            assert!((1..2000).all(|host| way(0, host, 7, &scenario) >= shortest));
        }
    }
}
