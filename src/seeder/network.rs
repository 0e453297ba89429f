//! From which of this machine's addresses peers are reached.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use super::{IceServer, SharedPort, TrackerPart};

/// From where, and with whose help, peers are reached.
#[derive(Clone, Debug, Default)]
pub struct NetworkOptions {
    /// From which of this machine's addresses.
    pub addresses: LocalAddresses,
    /// STUN and TURN servers for peers beyond a router. None: peers of the same network and machine only, and
    /// whoever can reach one of our addresses.
    pub ice_servers: Vec<IceServer>,
    /// The port that all connections share, where a firewall or a router lets one through. `None` for a port for each
    /// connection and address, as the system gives them.
    pub shared_port: Option<Arc<SharedPort>>,
    /// Which part of trackers the channel meets at; `None` where they are one machine each.
    pub tracker_part: Option<TrackerPart>,
}

/// From which of this machine's addresses peers are reached.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum LocalAddresses {
    /// All that other machines could reach; loopback only where there is none. Looked up for each new connection, because
    /// machines move between networks.
    #[default]
    All,
    /// Exactly these.
    Only(Vec<IpAddr>),
}

impl NetworkOptions {
    /// The address at which a tracker is connected to.
    pub(super) fn tracker_url(&self, url: String) -> String {
        match &self.tracker_part {
            Some(part) => part.within(&url),
            None => url,
        }
    }

    /// Where a new connection binds a socket each: a wildcard address would be no address that peers could reach.
    pub(super) fn socket_addresses(&self) -> Vec<SocketAddr> {
        let addresses = match &self.addresses {
            LocalAddresses::All => {
                let interfaces = if_addrs::get_if_addrs().unwrap_or_else(|error| {
                    tracing::warn!("cannot list this machine's addresses: {error}");
                    Vec::new()
                });
                reachable(interfaces.iter().map(if_addrs::Interface::ip).collect())
            }
            LocalAddresses::Only(addresses) => addresses.clone(),
        };
        let at = |address| SocketAddr::new(address, 0);
        addresses.into_iter().map(at).collect()
    }
}

/// Those of a machine's addresses that a peer can be told. Peers on this machine itself reach any of them; loopback is for a
/// machine that has no other. To all others it would be their own machine, and their browsers might ask whether the page may
/// reach programs there.
fn reachable(own: Vec<IpAddr>) -> Vec<IpAddr> {
    let ipv4_loopback = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let ipv6_loopback = IpAddr::V6(Ipv6Addr::LOCALHOST);
    let (loopback, mut addresses): (Vec<_>, Vec<_>) = own
        .into_iter()
        .filter(|address| !is_unusable(*address))
        .partition(IpAddr::is_loopback);
    addresses.sort_unstable();
    addresses.dedup();
    // One is enough, and each costs every connection a socket. Where there are no interfaces to be seen, loopback is still
    // worth a try.
    if !addresses.is_empty() {
        return addresses;
    }
    if loopback.contains(&ipv4_loopback) || !loopback.contains(&ipv6_loopback) {
        addresses.push(ipv4_loopback);
    } else {
        addresses.push(ipv6_loopback);
    }
    addresses
}

/// Link-local IPv6 addresses mean nothing without an interface, which a candidate cannot name.
fn is_unusable(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_unspecified(),
        IpAddr::V6(v6) => v6.is_unspecified() || v6.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ips(texts: &[&str]) -> Vec<IpAddr> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn peers_are_told_every_address_that_they_could_reach_and_none_that_would_be_their_own() {
        let own = ips(&[
            "127.0.0.1",
            "::1",
            "192.168.1.5",
            "fe80::1",
            "2001:db8::5",
            "192.168.1.5",
        ]);
        assert_eq!(reachable(own), ips(&["192.168.1.5", "2001:db8::5"]));
    }

    #[test]
    fn there_is_always_a_way_to_this_machine() {
        assert_eq!(reachable(Vec::new()), ips(&["127.0.0.1"]));
        assert_eq!(reachable(ips(&["::1"])), ips(&["::1"]));
    }

    #[test]
    fn sockets_are_bound_to_addresses_and_never_to_all_at_once() {
        let sockets = NetworkOptions::default().socket_addresses();
        assert!(!sockets.is_empty());
        assert!(sockets.iter().all(|at| !at.ip().is_unspecified()));
    }
}
