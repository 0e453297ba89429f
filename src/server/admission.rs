//! Counts connections, in all and by where they come from.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Why a connection is not taken. The message is for whoever connects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refused {
    #[error("this server has {0} connections, as many as it takes; try again later")]
    InAll(usize),
    #[error("your address has {0} connections here, as many as one may; close some first")]
    FromAddress(usize),
}

/// Lets connections in as long as there are not too many.
pub(super) struct Admission {
    in_all: usize,
    per_address: usize,
    counts: Mutex<Counts>,
}

#[derive(Default)]
struct Counts {
    in_all: usize,
    by_origin: HashMap<IpAddr, usize>,
}

/// A connection's right to be there, given back when it is dropped.
pub(crate) struct Permit {
    admission: Arc<Admission>,
    origin: IpAddr,
}

impl Admission {
    pub(super) fn new(in_all: usize, per_address: usize) -> Arc<Self> {
        Arc::new(Self {
            in_all,
            per_address,
            counts: Mutex::default(),
        })
    }

    pub(super) fn enter(self: &Arc<Self>, from: IpAddr) -> Result<Permit, Refused> {
        let origin = origin(from);
        let mut counts = self.counts();
        if counts.in_all >= self.in_all {
            return Err(Refused::InAll(self.in_all));
        }
        let here = counts.by_origin.entry(origin).or_default();
        if *here >= self.per_address {
            return Err(Refused::FromAddress(self.per_address));
        }
        *here += 1;
        counts.in_all += 1;
        drop(counts);
        Ok(Permit {
            admission: Arc::clone(self),
            origin,
        })
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Permit {
    /// What counts as the one address that it came from: an IPv4 address, or a /64 network.
    pub(crate) fn origin(&self) -> IpAddr {
        self.origin
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut counts = self.admission.counts();
        counts.in_all -= 1;
        if let Some(here) = counts.by_origin.get_mut(&self.origin) {
            *here -= 1;
            if *here == 0 {
                counts.by_origin.remove(&self.origin);
            }
        }
    }
}

/// What counts as one address: an IPv4 address, however written, or the /64 network that an IPv6 host has to itself.
fn origin(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => {
            let network = u128::from(v6) & (u128::MAX << 64);
            IpAddr::V6(Ipv6Addr::from(network))
        }
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn an_address_that_has_its_share_is_refused_until_it_gives_some_back() {
        let admission = Admission::new(10, 2);
        let first = admission.enter(ip("192.0.2.1")).ok().unwrap();
        let _second = admission.enter(ip("::ffff:192.0.2.1")).ok().unwrap();
        let refused = admission.enter(ip("192.0.2.1")).err();
        assert_eq!(refused, Some(Refused::FromAddress(2)));
        assert!(admission.enter(ip("192.0.2.2")).is_ok());
        drop(first);
        assert!(admission.enter(ip("192.0.2.1")).is_ok());
    }

    #[test]
    fn an_ipv6_host_does_not_get_a_share_for_each_of_its_addresses() {
        let admission = Admission::new(10, 1);
        let _first = admission.enter(ip("2001:db8::1")).ok().unwrap();
        assert!(admission.enter(ip("2001:db8::2")).is_err());
        assert!(admission.enter(ip("2001:db8:0:1::1")).is_ok());
    }

    #[test]
    fn there_is_a_limit_for_everyone_together() {
        let admission = Admission::new(1, 1);
        let first = admission.enter(ip("192.0.2.1")).ok().unwrap();
        let refused = admission.enter(ip("192.0.2.2")).err();
        assert_eq!(refused, Some(Refused::InAll(1)));
        drop(first);
        assert!(admission.enter(ip("192.0.2.2")).is_ok());
        assert!(admission.counts().by_origin.is_empty());
    }
}
