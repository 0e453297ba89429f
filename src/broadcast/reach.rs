//! Where viewers beyond this network get the page and meet the streamer, and with whose help they connect: what a person
//! sets, and what follows from it for the share link.
//!
//! Not here: whether it works. The engine's snapshot tells of each tracker.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use axum::http::Uri;
use serde::{Deserialize, Serialize};
use swarm::{ChannelId, ShareLink, tracker_beside};

use crate::seeder::{IceServer, PortRange, StunServer, TurnServer};

/// The most trackers beside the embedded one: with it, as many as a share link's reader takes.
pub const MAX_TRACKERS: usize = 7;
/// The longest address: with seven of them a link is still one that is read.
const MAX_ADDRESS_LEN: usize = 256;
/// WebTorrent trackers that are open to everybody. Offered, never used unasked: they learn that a channel is live, and
/// the addresses of all who watch it.
pub const PUBLIC_TRACKERS: [&str; 3] = [
    "wss://tracker.openwebtorrent.com/",
    "wss://tracker.webtorrent.dev/",
    "wss://tracker.files.fm:7073/announce",
];
/// STUN servers that are open to everybody, of two operators, so that neither is missed when it fails.
pub const PUBLIC_STUN_SERVERS: [&str; 2] = ["stun.cloudflare.com:3478", "stun.l.google.com:19302"];

/// How viewers beyond this network are reached. The default: not at all.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Reach {
    /// Where viewers get the page.
    pub page: PagePlace,
    /// WebTorrent trackers beside the embedded one and the hub's, at most [`MAX_TRACKERS`] with it.
    pub trackers: Vec<TrackerAddress>,
    /// STUN servers. `None`: the public ones, where anything that is set is beyond this network, or else none.
    pub stun: Option<Vec<StunServer>>,
    /// A TURN server that carries what cannot go directly. Only this program uses it: its password is in no link.
    pub turn: Option<TurnServer>,
    /// The UDP ports that a firewall lets through: all connections share the first one that is free.
    pub udp_ports: Option<PortRange>,
    /// Whether the router is asked to let viewers in: at the port of the stream, and at that of the embedded server, where the
    /// page is from there.
    pub map_port: bool,
    /// Whether each segment is announced under its own info-hash too, for stock WebTorrent clients.
    pub announce_segments: bool,
}

/// Where viewers get the page.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PagePlace {
    /// From the embedded server: on this network.
    #[default]
    Here,
    /// From a hub, which has a tracker too.
    Hub(PageAddress),
    /// From a host that only has files, such as an exported page.
    Files(PageAddress),
}

/// What is wrong with an address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Not a tracker's.
    #[error("'{0}' is no tracker's address, such as wss://tracker.example/announce")]
    Tracker(String),
    /// Not a page's.
    #[error("'{0}' is no page's address, such as https://hub.example/")]
    Page(String),
}

/// A WebTorrent tracker's address: `ws://` or `wss://`, and a host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TrackerAddress(String);

/// A page's address: `http://` or `https://`, a host, and a path up to its last `/`, or to the page's own file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PageAddress(String);

/// The address without what does not belong to one, if its scheme is one of these.
fn address<'a>(text: &'a str, schemes: [&str; 2]) -> Option<(Uri, &'a str)> {
    let text = text.trim();
    let uri: Uri = text.parse().ok()?;
    let host = uri.host().filter(|host| !host.is_empty())?;
    let fits = uri
        .scheme_str()
        .is_some_and(|scheme| schemes.contains(&scheme))
        && text.len() <= MAX_ADDRESS_LEN
        && !text.contains('#')
        // A name before the host would be a password that everybody sees.
        && uri.authority().is_some_and(|authority| !authority.as_str().contains('@'))
        && !host.contains('%');
    fits.then_some((uri, text))
}

impl FromStr for TrackerAddress {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let (_, text) =
            address(text, ["ws", "wss"]).ok_or_else(|| AddressError::Tracker(text.to_owned()))?;
        Ok(Self(text.to_owned()))
    }
}

impl FromStr for PageAddress {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let (uri, text) = address(text, ["http", "https"])
            .filter(|(uri, _)| uri.query().is_none())
            .ok_or_else(|| AddressError::Page(text.to_owned()))?;
        let last = uri.path().rsplit('/').next().unwrap_or_default();
        // `https://host/live` is a folder, `https://host/live.html` a page.
        let is_folder = !last.is_empty() && !last.contains('.');
        let ends_at_host = !text.ends_with('/') && uri.path() == "/";
        let slash = if is_folder || ends_at_host { "/" } else { "" };
        Ok(Self(format!("{text}{slash}")))
    }
}

macro_rules! as_text {
    ($type:ty) => {
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $type {
            type Error = AddressError;

            fn try_from(text: String) -> Result<Self, AddressError> {
                text.parse()
            }
        }

        impl From<$type> for String {
            fn from(address: $type) -> Self {
                address.0
            }
        }
    };
}

as_text!(TrackerAddress);
as_text!(PageAddress);

impl Reach {
    /// The trackers to announce at beside the embedded one.
    pub(super) fn announced_at(&self) -> Vec<String> {
        let mut all = Vec::new();
        if let PagePlace::Hub(hub) = &self.page {
            all.push(tracker_beside(&hub.0));
        }
        for TrackerAddress(tracker) in &self.trackers {
            if !all.contains(tracker) {
                all.push(tracker.clone());
            }
        }
        all.truncate(MAX_TRACKERS);
        all
    }

    /// The share link: it names trackers only where they differ from the page's own host. `own_page` is the embedded
    /// server's.
    pub(super) fn link(&self, own_page: String, channel: ChannelId) -> ShareLink {
        let page = match &self.page {
            PagePlace::Here => own_page,
            PagePlace::Hub(page) | PagePlace::Files(page) => page.0.clone(),
        };
        let beside = tracker_beside(&page);
        let mut trackers = self.announced_at();
        trackers.retain(|tracker| *tracker != beside);
        ShareLink {
            page,
            channel,
            trackers,
            stun: self
                .stun_servers()
                .iter()
                .map(ToString::to_string)
                .collect(),
            page_is_static: matches!(self.page, PagePlace::Files(_)),
        }
    }

    /// The STUN servers that are used.
    pub fn stun_servers(&self) -> Vec<StunServer> {
        match &self.stun {
            Some(servers) => servers.clone(),
            None if self.is_beyond_this_network() => public_stun_servers(),
            None => Vec::new(),
        }
    }

    /// The servers by whose help connections are made.
    pub(super) fn ice_servers(&self) -> Vec<IceServer> {
        let turn = self.turn.iter().map(IceServer::from);
        let stun = self.stun_servers();
        stun.iter().map(IceServer::from).chain(turn).collect()
    }

    /// Whether viewers may come from elsewhere. Where everything is on this machine or network, asking a server outside
    /// would tell it of a broadcast that is none of its business.
    fn is_beyond_this_network(&self) -> bool {
        if self.map_port {
            return true;
        }
        let page = match &self.page {
            PagePlace::Here => None,
            PagePlace::Hub(page) | PagePlace::Files(page) => Some(&page.0),
        };
        let trackers = self.trackers.iter().map(|tracker| &tracker.0);
        page.into_iter().chain(trackers).any(|address| {
            let uri = address.parse::<Uri>().ok();
            uri.is_some_and(|uri| uri.host().is_some_and(is_elsewhere))
        })
    }
}

/// The STUN servers that are open to everybody.
pub fn public_stun_servers() -> Vec<StunServer> {
    PUBLIC_STUN_SERVERS
        .iter()
        .filter_map(|server| server.parse().ok())
        .collect()
}

fn is_elsewhere(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    match bare.parse::<IpAddr>() {
        Ok(IpAddr::V4(v4)) => !(v4.is_loopback() || v4.is_private() || v4.is_link_local()),
        Ok(IpAddr::V6(v6)) => {
            !(v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local())
        }
        // A name without a dot, or with an ending of home networks (RFC 6762, RFC 8375).
        Err(_) => {
            host.contains('.')
                && ![".local", ".home.arpa", ".localhost"]
                    .iter()
                    .any(|end| host.ends_with(end))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: &str = "http://192.168.1.5:8080/";

    fn hub(address: &str) -> PagePlace {
        PagePlace::Hub(address.parse().unwrap())
    }

    fn link(reach: &Reach) -> ShareLink {
        reach.link(OWN.to_owned(), ChannelId([1; 32]))
    }

    #[test]
    fn nothing_set_is_nothing_asked_of_anybody() {
        let link = link(&Reach::default());
        assert_eq!(link.page, OWN);
        assert!(link.trackers.is_empty() && link.stun.is_empty());
        assert!(Reach::default().ice_servers().is_empty());
    }

    #[test]
    fn a_link_by_a_hub_names_only_the_trackers_that_are_not_the_hubs() {
        let reach = Reach {
            page: hub("https://hub.example"),
            trackers: ["wss://t.example/", "wss://hub.example/announce"]
                .map(|tracker| tracker.parse().unwrap())
                .to_vec(),
            ..Reach::default()
        };
        assert_eq!(
            reach.announced_at(),
            ["wss://hub.example/announce", "wss://t.example/"]
        );
        let link = link(&reach);
        assert_eq!(link.page, "https://hub.example/");
        assert_eq!(link.trackers, ["wss://t.example/"]);
        assert_eq!(link.stun, PUBLIC_STUN_SERVERS);
    }

    #[test]
    fn a_page_among_files_has_no_tracker() {
        let reach = Reach {
            page: PagePlace::Files("https://files.example/live".parse().unwrap()),
            trackers: vec!["wss://t.example/".parse().unwrap()],
            ..Reach::default()
        };
        let link = link(&reach);
        assert_eq!(link.page, "https://files.example/live/");
        assert_eq!(link.all_trackers(), ["wss://t.example/"]);
    }

    #[test]
    fn what_is_on_this_network_stays_on_it() {
        for near in [
            "http://127.0.0.1:8080/",
            "http://[fd00::1]/",
            "http://192.168.1.9/",
            "http://hub/",
            "http://hub.local/",
        ] {
            let reach = Reach {
                page: hub(near),
                ..Reach::default()
            };
            assert!(reach.stun_servers().is_empty(), "{near}");
        }
        let asked_for = Reach {
            stun: Some(vec!["127.0.0.1:3478".parse().unwrap()]),
            ..Reach::default()
        };
        assert_eq!(asked_for.stun_servers().len(), 1);
    }

    #[test]
    fn a_port_on_the_router_is_for_viewers_from_elsewhere() {
        let reach = Reach {
            map_port: true,
            ..Reach::default()
        };
        assert_eq!(link(&reach).stun, PUBLIC_STUN_SERVERS);
    }

    #[test]
    fn a_turn_password_is_in_no_link() {
        let reach = Reach {
            page: hub("https://hub.example"),
            turn: Some(TurnServer::new("turn:turn.example", "ada", "sesame").unwrap()),
            ..Reach::default()
        };
        let link = link(&reach).to_string();
        assert!(!link.contains("sesame") && !link.contains("turn"), "{link}");
        assert!(!format!("{reach:?}").contains("sesame"));
        assert_eq!(reach.ice_servers().len(), 3);
    }

    #[test]
    fn addresses_are_completed_or_refused() {
        for (given, page) in [
            ("https://h.example", "https://h.example/"),
            ("https://h.example/a/b", "https://h.example/a/b/"),
            (
                "https://h.example/a/live.html",
                "https://h.example/a/live.html",
            ),
            ("http://[::1]:80/", "http://[::1]:80/"),
        ] {
            let address: PageAddress = given.parse().unwrap();
            assert_eq!(address.to_string(), page);
        }
        for wrong in [
            "",
            "h.example",
            "wss://h.example/",
            "https://",
            "https://u:p@h/",
            "https://h/#k",
            "https://h/?q",
        ] {
            assert!(wrong.parse::<PageAddress>().is_err(), "{wrong}");
        }
        for wrong in [
            "",
            "t.example",
            "udp://t.example",
            "ws://",
            "wss://t/#x",
            "https://t/",
        ] {
            assert!(wrong.parse::<TrackerAddress>().is_err(), "{wrong}");
        }
        for public in PUBLIC_TRACKERS {
            assert!(public.parse::<TrackerAddress>().is_ok());
        }
        assert_eq!(public_stun_servers().len(), PUBLIC_STUN_SERVERS.len());
    }

    #[test]
    fn what_is_set_reads_as_it_was_stored() {
        let reach = Reach {
            page: hub("https://hub.example"),
            trackers: vec!["wss://t.example/".parse().unwrap()],
            stun: Some(Vec::new()),
            turn: Some(TurnServer::new("turn:turn.example:3478", "ada", "sesame").unwrap()),
            udp_ports: Some("5000-5010".parse().unwrap()),
            map_port: true,
            announce_segments: true,
        };
        let stored = serde_json::to_string(&reach).unwrap();
        assert_eq!(serde_json::from_str::<Reach>(&stored).unwrap(), reach);
    }
}
