//! The share link: `http://host:port/#KEY` with optional `&tr=` trackers, KEY the channel's public key in
//! unpadded base64url (RFC 4648, section 5).
//!
//! The key stands in the fragment, which browsers do not send to a server.

use data_encoding::BASE64URL_NOPAD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::ChannelId;

/// The longest link that is read. A key takes 43 characters; the rest is room for a host and trackers.
const MAX_LINK_LEN: usize = 4096;
/// The most trackers read from a link: as many as a swarm announces to at once.
const MAX_TRACKERS: usize = 8;
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
        let (channel, trackers) = parse_fragment(fragment)?;
        Ok(Self {
            page: page.to_owned(),
            channel,
            trackers,
        })
    }

    /// The trackers to announce at: those in the link, and the page's own host.
    pub fn all_trackers(&self) -> Vec<String> {
        let mut all = vec![own_tracker(&self.page)];
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
        Ok(())
    }
}

/// The tracker beside a page: `ws(s)://host/announce`.
fn own_tracker(page: &str) -> String {
    let (scheme, rest) = match page.strip_prefix("https://") {
        Some(rest) => ("wss", rest),
        None => ("ws", page.strip_prefix("http://").unwrap_or(page)),
    };
    let host = rest.split('/').next().unwrap_or(rest);
    format!("{scheme}://{host}/announce")
}

fn parse_fragment(fragment: &str) -> Result<(ChannelId, Vec<String>), LinkError> {
    let mut parts = fragment.split('&');
    let key = parts.next().unwrap_or_default();
    if key.is_empty() {
        return Err(LinkError::NoChannel);
    }
    let key = BASE64URL_NOPAD
        .decode(key.as_bytes())
        .map_err(|_| LinkError::BadChannel)?;
    let key: [u8; 32] = key.try_into().map_err(|_| LinkError::BadChannel)?;
    let mut trackers = Vec::new();
    // Words that this version does not know are for later ones.
    for tracker in parts.filter_map(|part| part.strip_prefix("tr=")) {
        let tracker = percent_decode_str(tracker)
            .decode_utf8()
            .map_err(|_| LinkError::BadTracker(tracker.to_owned()))?;
        if !(tracker.starts_with("ws://") || tracker.starts_with("wss://")) {
            return Err(LinkError::BadTracker(tracker.into_owned()));
        }
        if trackers.len() < MAX_TRACKERS {
            trackers.push(tracker.into_owned());
        }
    }
    Ok((ChannelId(key), trackers))
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

    proptest! {
        #[test]
        fn a_link_reads_as_it_was_written(key: [u8; 32], path in "[a-z0-9/&=#% ]{0,40}") {
            let link = ShareLink {
                page: PAGE.to_owned(),
                channel: ChannelId(key),
                trackers: vec![format!("wss://t.example/{path}")],
            };
            prop_assert_eq!(ShareLink::parse(&link.to_string()), Ok(link));
        }

        #[test]
        fn no_text_breaks_the_reader(text in ".*") {
            let _ = ShareLink::parse(&text);
        }
    }
}
