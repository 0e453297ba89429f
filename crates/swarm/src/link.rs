//! The share link: `http://host:port/#KEY`, KEY the channel's public key in unpadded base64url (RFC 4648, section 5).
//! After it may stand, each with `&` before it: `tr=` trackers beside the one on the page's own host, `stun=HOST:PORT`
//! STUN servers (RFC 8489) by which peers learn their addresses beyond a router, and `static` where the page's own host
//! only has files, and no tracker.
//!
//! All of that stands in the fragment, which browsers do not send to a server. Nothing secret may stand there: links are
//! passed on. So there is no word for a TURN server, which takes a password.

use data_encoding::BASE64URL_NOPAD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::ChannelId;

/// The longest link that is read. A key takes 43 characters; the rest is room for a host and trackers.
const MAX_LINK_LEN: usize = 4096;
/// The most trackers read from a link: as many as a swarm announces to at once.
const MAX_TRACKERS: usize = 8;
/// The most STUN servers read from a link. Two tell what there is to learn; browsers warn from five on.
const MAX_STUN_SERVERS: usize = 4;
/// The longest name with a port: RFC 1035's 253, and `:65535`.
const MAX_STUN_LEN: usize = 259;
/// The word that says that the page's host has no tracker.
const STATIC: &str = "static";
/// What a tracker's address need not escape inside a fragment: whatever cannot be taken for `&`, `=`, `#` or `%`.
const TRACKER_ESCAPES: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'/')
    .remove(b':');

/// What a share link says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShareLink {
    /// The page's address up to its last `/`, such as `http://192.168.1.5:8080/`.
    pub page: String,
    /// The channel to watch.
    pub channel: ChannelId,
    /// WebTorrent trackers beside the page's own host.
    pub trackers: Vec<String>,
    /// STUN servers, each `HOST:PORT`.
    pub stun: Vec<String>,
    /// Whether the page's own host has no tracker.
    pub page_is_static: bool,
}

/// Why a text is not a share link.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// Longer than any share link.
    #[error("the link is too long; copy it again from the app")]
    TooLong,
    /// Not `http://` or `https://`.
    #[error("a share link begins with http:// or https://; copy it again from the app")]
    NotHttp,
    /// No `#` with something behind it.
    #[error("the link has no channel after '#'; copy the whole link again")]
    NoChannel,
    /// What is behind the `#` is not a key.
    #[error("the channel in the link is damaged; copy the whole link again")]
    BadChannel,
    /// A `tr=` that is not a WebSocket address.
    #[error("the link names a tracker that is not a ws:// or wss:// address: {0}")]
    BadTracker(String),
    /// A `stun=` that is no host and port.
    #[error("the link names a STUN server that is not HOST:PORT: {0}")]
    BadStun(String),
}

impl ShareLink {
    /// Reads a whole link.
    ///
    /// # Errors
    ///
    /// When it is not one; the message says what to do.
    pub fn parse(link: &str) -> Result<Self, LinkError> {
        let link = link.trim();
        if link.len() > MAX_LINK_LEN {
            return Err(LinkError::TooLong);
        }
        let (page, fragment) = link.split_once('#').ok_or(LinkError::NoChannel)?;
        if !(page.starts_with("http://") || page.starts_with("https://")) {
            return Err(LinkError::NotHttp);
        }
        let page = page.split('?').next().unwrap_or(page);
        let (key, words) = fragment.split_once('&').unwrap_or((fragment, ""));
        let mut link = Self {
            page: page.to_owned(),
            channel: parse_channel(key)?,
            trackers: Vec::new(),
            stun: Vec::new(),
            page_is_static: false,
        };
        for word in words.split('&') {
            link.take_word(word)?;
        }
        Ok(link)
    }

    fn take_word(&mut self, word: &str) -> Result<(), LinkError> {
        match word.split_once('=') {
            Some(("tr", tracker)) => {
                let tracker =
                    decoded(tracker).ok_or_else(|| LinkError::BadTracker(tracker.to_owned()))?;
                if !(tracker.starts_with("ws://") || tracker.starts_with("wss://")) {
                    return Err(LinkError::BadTracker(tracker));
                }
                if self.trackers.len() < MAX_TRACKERS {
                    self.trackers.push(tracker);
                }
            }
            Some(("stun", server)) => {
                let server = decoded(server)
                    .filter(|server| is_stun_server(server))
                    .ok_or_else(|| LinkError::BadStun(server.to_owned()))?;
                if self.stun.len() < MAX_STUN_SERVERS {
                    self.stun.push(server);
                }
            }
            None if word == STATIC => self.page_is_static = true,
            // Words that this version does not know are for later ones.
            _ => {}
        }
        Ok(())
    }

    /// The trackers to announce at: the page's own host, where it has one, and those in the link.
    pub fn all_trackers(&self) -> Vec<String> {
        let mut all = Vec::new();
        if !self.page_is_static {
            all.push(tracker_beside(&self.page));
        }
        for tracker in &self.trackers {
            if !all.contains(tracker) {
                all.push(tracker.clone());
            }
        }
        all
    }
}

impl std::fmt::Display for ShareLink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{}#{}",
            self.page,
            BASE64URL_NOPAD.encode(&self.channel.0)
        )?;
        for tracker in &self.trackers {
            write!(f, "&tr={}", utf8_percent_encode(tracker, TRACKER_ESCAPES))?;
        }
        for server in &self.stun {
            write!(f, "&stun={}", utf8_percent_encode(server, TRACKER_ESCAPES))?;
        }
        if self.page_is_static {
            write!(f, "&{STATIC}")?;
        }
        Ok(())
    }
}

/// The tracker beside a page: `ws(s)://host/announce`.
pub fn tracker_beside(page: &str) -> String {
    let (scheme, rest) = match page.strip_prefix("https://") {
        Some(rest) => ("wss", rest),
        None => ("ws", page.strip_prefix("http://").unwrap_or(page)),
    };
    let host = rest.split('/').next().unwrap_or(rest);
    format!("{scheme}://{host}/announce")
}

fn parse_channel(key: &str) -> Result<ChannelId, LinkError> {
    if key.is_empty() {
        return Err(LinkError::NoChannel);
    }
    let key = BASE64URL_NOPAD
        .decode(key.as_bytes())
        .map_err(|_| LinkError::BadChannel)?;
    let key: [u8; 32] = key.try_into().map_err(|_| LinkError::BadChannel)?;
    Ok(ChannelId(key))
}

fn decoded(text: &str) -> Option<String> {
    let text = percent_decode_str(text).decode_utf8().ok()?;
    Some(text.into_owned())
}

/// Whether this is `HOST:PORT`, HOST a name, an IPv4 address, or an IPv6 address in brackets.
pub fn is_stun_server(text: &str) -> bool {
    let Some((host, port)) = text.rsplit_once(':') else {
        return false;
    };
    let is_name = |host: &str| {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
        !host.is_empty() && host.bytes().all(allowed)
    };
    let bracketed = host
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    let good_host = match bracketed {
        Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
        None => is_name(host),
    };
    text.len() <= MAX_STUN_LEN && good_host && port.parse::<u16>().is_ok_and(|port| port > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PAGE: &str = "http://192.168.1.5:8080/";

    #[test]
    fn a_link_names_the_tracker_beside_its_page_first() {
        let link = ShareLink {
            page: PAGE.to_owned(),
            channel: ChannelId([7; 32]),
            trackers: vec!["wss://tracker.example/".to_owned()],
            stun: Vec::new(),
            page_is_static: false,
        };
        assert_eq!(
            link.all_trackers(),
            ["ws://192.168.1.5:8080/announce", "wss://tracker.example/"]
        );
    }

    #[test]
    fn what_is_wrong_with_a_link_is_said() {
        assert_eq!(ShareLink::parse("http://host/"), Err(LinkError::NoChannel));
        assert_eq!(ShareLink::parse("http://host/#"), Err(LinkError::NoChannel));
        assert_eq!(ShareLink::parse("ftp://host/#x"), Err(LinkError::NotHttp));
        assert_eq!(
            ShareLink::parse("http://host/#x"),
            Err(LinkError::BadChannel)
        );
        let key = BASE64URL_NOPAD.encode(&[1; 32]);
        assert!(matches!(
            ShareLink::parse(&format!("http://host/#{key}&tr=udp%3A//t")),
            Err(LinkError::BadTracker(_))
        ));
        for stun in [
            "", "host", "host:0", "host:x", "a b:1", "[fe80:1", "a:1@b:2",
        ] {
            assert_eq!(
                ShareLink::parse(&format!("http://host/#{key}&stun={stun}")),
                Err(LinkError::BadStun(stun.to_owned()))
            );
        }
        assert_eq!(
            ShareLink::parse(&"x".repeat(MAX_LINK_LEN + 1)),
            Err(LinkError::TooLong)
        );
    }

    #[test]
    fn words_of_later_versions_are_passed_over() {
        let key = BASE64URL_NOPAD.encode(&[1; 32]);
        let link = ShareLink::parse(&format!("http://host/?embed#{key}&later=1")).unwrap();
        assert_eq!(link.page, "http://host/");
        assert!(link.trackers.is_empty());
    }

    #[test]
    fn a_host_that_only_has_files_is_no_tracker() {
        let link = format!(
            "https://host/#{}&tr=wss://t.example/&static",
            BASE64URL_NOPAD.encode(&[1; 32])
        );
        let link = ShareLink::parse(&link).unwrap();
        assert_eq!(link.all_trackers(), ["wss://t.example/"]);
    }

    #[test]
    fn no_link_names_more_servers_than_a_browser_asks() {
        let key = BASE64URL_NOPAD.encode(&[1; 32]);
        let many = "&stun=[2001:db8::1]:3478".repeat(9) + &"&tr=ws://t/".repeat(20);
        let link = ShareLink::parse(&format!("http://host/#{key}{many}")).unwrap();
        assert_eq!(link.stun, ["[2001:db8::1]:3478"; 4]);
        assert_eq!(link.trackers.len(), MAX_TRACKERS);
    }

    proptest! {
        #[test]
        fn a_link_reads_as_it_was_written(
            key: [u8; 32],
            path in "[a-z0-9/&=#% ]{0,40}",
            stun in "[a-z0-9.-]{1,20}:[1-9][0-9]{0,3}",
            page_is_static: bool,
        ) {
            let link = ShareLink {
                page: PAGE.to_owned(),
                channel: ChannelId(key),
                trackers: vec![format!("wss://t.example/{path}")],
                stun: vec![stun],
                page_is_static,
            };
            prop_assert_eq!(ShareLink::parse(&link.to_string()), Ok(link));
        }

        #[test]
        fn no_text_breaks_the_reader(text in ".*") {
            let _ = ShareLink::parse(&text);
        }
    }
}
