//! What a run is like, read from a TOML file in `scenarios/`.

use std::time::Duration;

use serde::Deserialize;

/// A run's circumstances. Every field has a meaning in docs/SIMULATOR.md.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Scenario {
    /// Said once in the report.
    pub about: String,
    /// Viewers, unless the command line says otherwise.
    pub viewers: usize,
    /// Seconds of stream, joining included, unless the command line says otherwise.
    pub seconds: f64,
    /// Over how many seconds the first viewers join.
    pub join_over: f64,
    /// When measuring begins.
    pub measure_from: f64,
    /// The stream's rate in bits a second.
    pub bits_per_second: u64,
    /// A segment's length in milliseconds.
    pub segment_millis: u32,
    /// A viewer plays this many seconds behind the streamer; a segment that is later counts as missing.
    pub deadline: f64,
    /// The audience's mean uplink, in multiples of the stream's rate.
    pub mean_uplink: f64,
    /// The streamer's uplink, in multiples of the stream's rate.
    pub streamer_uplink: f64,
    /// Median round trip in milliseconds.
    pub median_round_trip: f64,
    /// Which part of packets is lost.
    pub loss: f64,
    /// Which part of viewers is behind a NAT that cannot connect to another of its kind.
    pub hard_nat: f64,
    /// Which part of viewers passes nothing on, by choice.
    pub upload_off: f64,
    /// Which part of the viewers leaves each minute and is replaced.
    pub leaving_each_minute: f64,
    /// Which part of those who leave closes its connections, as a page that is closed does. The others leave without a word,
    /// as one whose battery is empty.
    pub saying_goodbye: f64,
    /// Viewers that come on top, all at once.
    pub crowd: Crowd,
    /// Which part of the viewers changes each piece that it passes on, takes subscriptions and pushes nothing, or says
    /// that it has the best place of all and pushes nothing.
    pub forgers: f64,
    /// See [`Scenario::forgers`].
    pub silent: f64,
    /// See [`Scenario::forgers`].
    pub boasters: f64,
    /// When the tracker dies, in seconds; 0 for never.
    pub tracker_dies_at: f64,
    /// When the streamer's program dies, and for how many seconds; 0 for never.
    pub streamer_dies_at: f64,
    /// See [`Scenario::streamer_dies_at`].
    pub streamer_away_for: f64,
    /// How many seconds of stream peers hold.
    pub window: f64,
}

/// Viewers that come on top, all at once.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Crowd {
    /// How many.
    pub viewers: usize,
    /// From when on, in seconds.
    pub at: f64,
    /// Over how many seconds.
    pub over: f64,
}

impl Default for Scenario {
    fn default() -> Self {
        Self {
            about: String::new(),
            viewers: 1000,
            seconds: 60.0,
            join_over: 15.0,
            measure_from: 25.0,
            bits_per_second: 2_500_000,
            segment_millis: 250,
            deadline: 2.0,
            mean_uplink: 1.5,
            streamer_uplink: 10.0,
            median_round_trip: 60.0,
            loss: 0.002,
            hard_nat: 0.18,
            upload_off: 0.0,
            leaving_each_minute: 0.1,
            saying_goodbye: 0.0,
            crowd: Crowd::default(),
            forgers: 0.0,
            silent: 0.0,
            boasters: 0.0,
            tracker_dies_at: 0.0,
            streamer_dies_at: 0.0,
            streamer_away_for: 0.0,
            window: 10.0,
        }
    }
}

/// Why there is no such scenario.
#[derive(Debug)]
pub enum ScenarioError {
    /// No file of that name is built in.
    Unknown(String),
    /// It cannot be read.
    Malformed(toml::de::Error),
}

impl std::fmt::Display for ScenarioError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unknown(name) => {
                let names: Vec<&str> = BUILT_IN.iter().map(|(name, _)| *name).collect();
                write!(f, "no scenario '{name}'; there are {}", names.join(", "))
            }
            Self::Malformed(error) => write!(f, "the scenario cannot be read: {error}"),
        }
    }
}

impl std::error::Error for ScenarioError {}

macro_rules! built_in {
    ($($name:literal),* $(,)?) => {
        /// The scenarios in `scenarios/`.
        const BUILT_IN: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../scenarios/", $name, ".toml")))),*];
    };
}

built_in![
    "attack",
    "crowd",
    "formed",
    "late-tracker",
    "reach",
    "scarce",
    "small",
    "streamer-crash",
];

impl Scenario {
    /// The scenario of this name in `scenarios/`.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub fn named(name: &str) -> Result<Self, ScenarioError> {
        Self::changed(name, &[])
    }

    /// The same with some lines of the file replaced, such as `loss = 0.01`.
    ///
    /// # Errors
    ///
    /// When there is none, or a line is not TOML or no field of a scenario.
    pub fn changed(name: &str, lines: &[String]) -> Result<Self, ScenarioError> {
        let found = BUILT_IN.iter().find(|(known, _)| *known == name);
        let (_, text) = found.ok_or_else(|| ScenarioError::Unknown(name.to_owned()))?;
        let mut table: toml::Table = toml::from_str(text).map_err(ScenarioError::Malformed)?;
        for line in lines {
            let change: toml::Table = toml::from_str(line).map_err(ScenarioError::Malformed)?;
            table.extend(change);
        }
        table.try_into().map_err(ScenarioError::Malformed)
    }

    pub(crate) fn segment(&self) -> Duration {
        Duration::from_millis(self.segment_millis.into())
    }

    /// Bytes a second.
    pub(crate) fn byte_rate(&self) -> f64 {
        self.bits_per_second as f64 / 8.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scenario_can_be_read() {
        for (name, _) in BUILT_IN {
            assert!(!Scenario::named(name).unwrap().about.is_empty(), "{name}");
        }
        assert!(Scenario::named("none").is_err());
    }
}
