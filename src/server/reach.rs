//! The address under which other machines on this network reach the server.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};

/// An address that is on no network (RFC 5737, TEST-NET-1). Nothing is ever sent to it.
const ELSEWHERE: (Ipv4Addr, u16) = (Ipv4Addr::new(192, 0, 2, 1), 9);

/// The page's address for a server that listens here.
pub(super) fn page_url(scheme: &str, listening: SocketAddr) -> String {
    let ip = if listening.ip().is_unspecified() {
        let interfaces = if_addrs::get_if_addrs().unwrap_or_default();
        let own: Vec<IpAddr> = interfaces.iter().map(if_addrs::Interface::ip).collect();
        best(&own, towards_elsewhere(), listening.is_ipv6())
    } else {
        listening.ip()
    };
    format!("{scheme}://{}/", SocketAddr::new(ip, listening.port()))
}

/// This machine's address on the way to the rest of the world: that of the interface with the default route.
/// Connecting a datagram socket sends nothing; it only chooses a route.
pub(crate) fn towards_elsewhere() -> Option<IpAddr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    socket.connect(ELSEWHERE).ok()?;
    Some(socket.local_addr().ok()?.ip())
}

/// The one of a machine's own addresses that others are most likely to reach.
fn best(own: &[IpAddr], default_route: Option<IpAddr>, with_ipv6: bool) -> IpAddr {
    if let Some(ip) = default_route.filter(|ip| rank(*ip).is_some()) {
        return ip;
    }
    own.iter()
        .copied()
        .filter(|ip| with_ipv6 || ip.is_ipv4())
        .filter_map(|ip| Some((rank(ip)?, ip)))
        .min()
        .map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |(_, ip)| ip)
}

/// How likely others reach an address, 0 the most; `None` where they cannot. IPv4 comes first because every device on
/// a home network has it, and people can read it out.
fn rank(ip: IpAddr) -> Option<u8> {
    match ip {
        _ if ip.is_loopback() || ip.is_unspecified() || ip.is_multicast() => None,
        IpAddr::V4(v4) if v4.is_link_local() => Some(3),
        IpAddr::V4(v4) if v4.is_private() => Some(0),
        IpAddr::V4(_) => Some(1),
        // A link-local address means nothing without its interface, which a URL cannot name.
        IpAddr::V6(v6) if v6.is_unicast_link_local() => None,
        IpAddr::V6(_) => Some(2),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ips(texts: &[&str]) -> Vec<IpAddr> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[track_caller]
    fn assert_best(own: &[&str], default_route: Option<&str>, expected: &str) {
        let default_route = default_route.map(|text| text.parse().unwrap());
        let expected: IpAddr = expected.parse().unwrap();
        assert_eq!(best(&ips(own), default_route, true), expected);
    }

    #[test]
    fn the_address_with_the_default_route_is_told() {
        assert_best(
            &["127.0.0.1", "172.17.0.1", "192.168.1.5"],
            Some("192.168.1.5"),
            "192.168.1.5",
        );
    }

    #[test]
    fn a_network_without_a_way_out_is_better_than_none() {
        assert_best(&["127.0.0.1", "169.254.3.4", "10.0.0.7"], None, "10.0.0.7");
        assert_best(&["127.0.0.1", "169.254.3.4"], None, "169.254.3.4");
        assert_best(&["127.0.0.1", "fe80::1", "fd00::7"], None, "fd00::7");
    }

    #[test]
    fn alone_there_is_only_loopback() {
        assert_best(&["127.0.0.1", "::1", "fe80::1"], None, "127.0.0.1");
        assert_best(&[], Some("127.0.0.1"), "127.0.0.1");
    }

    #[test]
    fn without_ipv6_sockets_no_ipv6_address_is_told() {
        let own = ips(&["127.0.0.1", "2001:db8::7"]);
        assert_eq!(best(&own, None, false), IpAddr::from([127, 0, 0, 1]));
    }

    #[test]
    fn a_server_on_one_address_is_reached_there() {
        assert_eq!(
            page_url("http", "127.0.0.1:8081".parse().unwrap()),
            "http://127.0.0.1:8081/"
        );
        assert_eq!(
            page_url("https", "[::1]:443".parse().unwrap()),
            "https://[::1]:443/"
        );
    }
}
