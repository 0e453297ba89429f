//! From which of this machine's addresses peers are reached.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::{IceServer, PortRange, TrackerPart};

/// From where, and with whose help, peers are reached.
#[derive(Clone, Debug, Default)]
pub struct NetworkOptions {
    /// From which of this machine's addresses.
    pub addresses: LocalAddresses,
    /// STUN and TURN servers for peers beyond a router. None: peers of the same network and machine only, and
    /// whoever can reach one of our addresses.
    pub ice_servers: Vec<IceServer>,
    /// Which UDP ports a firewall lets through. `None` for any.
    pub udp_ports: Option<PortRange>,
    /// Which part of trackers the channel meets at; `None` where they are one machine each.
    pub tracker_part: Option<TrackerPart>,
}

/// From which of this machine's addresses peers are reached.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum LocalAddresses {
    /// All that other machines could reach, and loopback for viewers on this machine. Looked up for each new
    /// connection, because machines move between networks.
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

    /// Where a new connection binds a socket each: a wildcard address would be no address that peers could reach. An
    /// address without a free port in the range is left out.
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
        let at = |address| match &self.udp_ports {
            None => Some(SocketAddr::new(address, 0)),
            Some(ports) => ports.free_at(address),
        };
        addresses.into_iter().filter_map(at).collect()
    }
}

/// Those of a machine's addresses that a peer can be told.
fn reachable(own: Vec<IpAddr>) -> Vec<IpAddr> {
    let ipv4_loopback = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let ipv6_loopback = IpAddr::V6(Ipv6Addr::LOCALHOST);
    let (loopback, mut addresses): (Vec<_>, Vec<_>) = own
        .into_iter()
        .filter(|address| !is_unusable(*address))
        .partition(IpAddr::is_loopback);
    addresses.sort_unstable();
    addresses.dedup();
    // One way to this machine itself is enough, and each costs every connection a socket. Where there are no
    // interfaces to be seen, loopback is still worth a try.
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
    fn peers_are_told_every_address_that_they_could_reach_and_one_of_this_machine_itself() {
        let own = ips(&[
            "127.0.0.1",
            "::1",
            "192.168.1.5",
            "fe80::1",
            "2001:db8::5",
            "192.168.1.5",
        ]);
        assert_eq!(
            reachable(own),
            ips(&["192.168.1.5", "2001:db8::5", "127.0.0.1"])
        );
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
