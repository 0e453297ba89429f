//! The UDP ports that a firewall lets through: connections share the first one of them that is free.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// UDP ports from a first to a last one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PortRange {
    first: u16,
    last: u16,
}

/// What is no range of ports.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "'{0}' is no UDP port; write one, as in 50000, or some of which the first free one is used, as in 50000-50009"
)]
pub struct PortRangeError(pub String);

impl FromStr for PortRange {
    type Err = PortRangeError;

    fn from_str(text: &str) -> Result<Self, PortRangeError> {
        let error = || PortRangeError(text.to_owned());
        let (first, last) = text.trim().split_once('-').unwrap_or((text, text));
        let port = |text: &str| text.trim().parse::<u16>().map_err(|_| error());
        let (first, last) = (port(first)?, port(last)?);
        if first == 0 || first > last {
            return Err(error());
        }
        Ok(Self { first, last })
    }
}

impl fmt::Display for PortRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.first, self.last)
    }
}

impl TryFrom<String> for PortRange {
    type Error = PortRangeError;

    fn try_from(text: String) -> Result<Self, PortRangeError> {
        text.parse()
    }
}

impl From<PortRange> for String {
    fn from(range: PortRange) -> Self {
        range.to_string()
    }
}

impl PortRange {
    /// Its ports, the first one first.
    pub(super) fn ports(&self) -> impl Iterator<Item = u16> {
        self.first..=self.last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_two_ports_or_one() {
        let range: PortRange = "50000-50003".parse().unwrap();
        assert_eq!(range.ports().count(), 4);
        assert_eq!("7".parse::<PortRange>().unwrap().to_string(), "7-7");
        let all: PortRange = "1-65535".parse().unwrap();
        assert_eq!(all.ports().last(), Some(65_535));
        for wrong in ["", "-", "0-9", "9-8", "1-70000", "all"] {
            assert!(wrong.parse::<PortRange>().is_err(), "{wrong}");
        }
    }
}
