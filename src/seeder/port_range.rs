//! The UDP ports that connections may use.
//!
//! The `webrtc` crate binds a socket for each connection and address itself, so one port for all of them is not to be had
//! from it: it takes as many ports as there are connections.

use std::fmt;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

use serde::{Deserialize, Serialize};

/// UDP ports from a first to a last one.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PortRange {
    first: u16,
    last: u16,
    /// Where the next search begins: a port that was just closed may still get the last peer's packets, so the range is
    /// gone through in a circle. Shared by all that were cloned from one.
    next: Arc<AtomicU16>,
}

/// What is no range of ports.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "'{0}' is no range of UDP ports; write FIRST-LAST, as in 50000-50127 (a port for each viewer that is served)"
)]
pub struct PortRangeError(pub String);

impl PartialEq for PortRange {
    fn eq(&self, other: &Self) -> bool {
        (self.first, self.last) == (other.first, other.last)
    }
}

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
        Ok(Self {
            first,
            last,
            next: Arc::default(),
        })
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
    /// How many ports it has.
    fn count(&self) -> u32 {
        u32::from(self.last - self.first) + 1
    }

    /// A port that is free at this address just now. Another program may take it before it is bound; the connection
    /// then lacks this address, and is tried again as any other.
    pub(super) fn free_at(&self, address: IpAddr) -> Option<SocketAddr> {
        (0..self.count()).find_map(|_| {
            let step = u32::from(self.next.fetch_add(1, Ordering::Relaxed)) % self.count();
            let at = SocketAddr::new(address, self.first + step as u16);
            UdpSocket::bind(at).is_ok().then_some(at)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    #[test]
    fn a_range_is_two_ports_or_one() {
        let range: PortRange = "50000-50003".parse().unwrap();
        assert_eq!(range.count(), 4);
        assert_eq!("7".parse::<PortRange>().unwrap().to_string(), "7-7");
        for wrong in ["", "-", "0-9", "9-8", "1-70000", "all"] {
            assert!(wrong.parse::<PortRange>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_port_that_is_taken_is_passed_over_and_a_full_range_has_none() {
        let taken = UdpSocket::bind((HERE, 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        let range: PortRange = port.to_string().parse().unwrap();
        assert_eq!(range.free_at(HERE), None);
        drop(taken);
        assert_eq!(range.free_at(HERE), Some(SocketAddr::new(HERE, port)));
    }

    #[test]
    fn the_range_is_gone_through_in_a_circle() {
        let range: PortRange = "40100-40199".parse().unwrap();
        let first = range.free_at(HERE).unwrap();
        let second = range.clone().free_at(HERE).unwrap();
        assert_ne!(first, second);
    }
}
