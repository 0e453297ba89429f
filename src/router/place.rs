//! Which router: the one on the way to the rest of the world.

use std::net::{IpAddr, Ipv4Addr};

use crate::server::towards_elsewhere;

/// Where this machine is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// This machine's address, as the router sees it.
    pub(super) own: Ipv4Addr,
    /// The router's own. Only known under Linux; UPnP finds a router without it.
    pub(super) router: Option<Ipv4Addr>,
}

impl Place {
    /// `None` where there is no way to other networks.
    pub(super) fn now() -> Option<Self> {
        match towards_elsewhere() {
            Some(IpAddr::V4(own)) if !own.is_loopback() && !own.is_unspecified() => Some(Self {
                own,
                router: router(),
            }),
            _ => None,
        }
    }
}

/// That of the default route that is taken first.
#[cfg(target_os = "linux")]
fn router() -> Option<Ipv4Addr> {
    let mut routes = procfs::net::route().unwrap_or_default();
    routes.retain(|route| {
        route.destination.is_unspecified()
            && route.mask.is_unspecified()
            && !route.gateway.is_unspecified()
    });
    routes.sort_by_key(|route| route.metrics);
    routes.first().map(|route| route.gateway)
}

#[cfg(not(target_os = "linux"))]
fn router() -> Option<Ipv4Addr> {
    None
}
