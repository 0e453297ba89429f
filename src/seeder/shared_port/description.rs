//! What peers are told of a connection at a shared port: its candidates (RFC 8839) with the port at which it is reached.

use std::net::{IpAddr, SocketAddrV4};

const CANDIDATE: &str = "a=candidate:";
const UFRAG: &str = "a=ice-ufrag:";
/// RFC 8445, section 5.1.2.1, with the preferences recommended for a server-reflexive candidate: what the router has opened is
/// reached as one.
const OUTSIDE_PRIORITY: u32 = (100 << 24) | (65_535 << 8) | 255;
/// Any word that no other candidate here has.
const OUTSIDE_FOUNDATION: &str = "router";

/// The name under which checks ask for this connection.
pub(super) fn ufrag(sdp: &str) -> Option<&str> {
    sdp.lines().find_map(|line| line.strip_prefix(UFRAG))
}

/// The library's description with the port that is shared in the place of its own ones, and with the place on the router that
/// leads there, if there is one.
pub(super) fn told(sdp: &str, port: u16, mut outside: Option<SocketAddrV4>) -> String {
    let shared = port.to_string();
    let mut told = String::with_capacity(sdp.len() + 128);
    for line in sdp.lines() {
        let Some(candidate) = line.strip_prefix(CANDIDATE) else {
            push(&mut told, line);
            continue;
        };
        let mut words: Vec<&str> = candidate.split(' ').collect();
        match words.get(7).copied() {
            Some("host") => words[5] = &shared,
            // Where a relay stands is the TURN server's business.
            Some("srflx" | "prflx") => {
                let related = words.iter().position(|word| *word == "rport");
                if let Some(related) = related.and_then(|at| words.get_mut(at + 1)) {
                    *related = &shared;
                }
            }
            _ => {}
        }
        push(&mut told, &format!("{CANDIDATE}{}", words.join(" ")));
        let from = words.get(4).and_then(|word| word.parse::<IpAddr>().ok());
        let is_inside = words.get(7) == Some(&"host") && from.is_some_and(|from| from.is_ipv4());
        // With the address that the router passes it on to.
        if is_inside && let (Some(at), Some(from)) = (outside.take(), from) {
            push(
                &mut told,
                &format!(
                    "{CANDIDATE}{OUTSIDE_FOUNDATION} 1 udp {OUTSIDE_PRIORITY} {} {} typ srflx raddr {from} rport {port}",
                    at.ip(),
                    at.port()
                ),
            );
        }
    }
    told
}

fn push(text: &mut String, line: &str) {
    text.push_str(line);
    text.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    const SDP: &str = "v=0\r\n\
        m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n\
        a=ice-ufrag:abcd\r\n\
        a=candidate:1 1 udp 2130706431 192.168.1.5 41234 typ host\r\n\
        a=candidate:2 1 udp 2130706431 2001:db8::5 41235 typ host\r\n\
        a=candidate:3 1 udp 1694498815 198.51.100.1 50000 typ srflx raddr 192.168.1.5 rport 41234\r\n\
        a=candidate:4 1 udp 16777215 198.51.100.9 60000 typ relay raddr 198.51.100.1 rport 41236\r\n\
        a=end-of-candidates\r\n";

    #[test]
    fn only_the_shared_port_is_told() {
        let told = told(SDP, 50_000, None);
        let expected = SDP
            .replace("192.168.1.5 41234", "192.168.1.5 50000")
            .replace("41235", "50000")
            .replace("rport 41234", "rport 50000");
        assert_eq!(told, expected);
        assert_eq!(ufrag(&told), Some("abcd"));
    }

    #[test]
    fn the_place_on_the_router_is_told_once() {
        let outside = "203.0.113.7:40000".parse().unwrap();
        let told = told(SDP, 50_000, Some(outside));
        let line = "a=candidate:router 1 udp 1694498815 203.0.113.7 40000 typ srflx raddr 192.168.1.5 rport 50000\r\n";
        assert_eq!(told.matches(line).count(), 1);
        assert_eq!(told.matches(CANDIDATE).count(), 5);
    }

    #[test]
    fn candidates_that_are_none_stay_as_they_are() {
        let odd = "a=candidate:\r\na=candidate:x y\r\nno line end\r\n";
        assert_eq!(told(odd, 1, None), odd);
        assert_eq!(ufrag(odd), None);
    }
}
