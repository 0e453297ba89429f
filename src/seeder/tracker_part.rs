//! Which part of a tracker a channel meets at, where a tracker is several machines behind one name.
//!
//! A WebTorrent tracker hears of an info-hash only inside messages, after the connection is there; what stands before
//! several trackers chooses one when the connection comes. So the address that is connected to says it: `part=` and the first
//! two characters of the channel as links spell it, 4,096 parts in all. That says next to nothing of the channel, which
//! stays between those who have the link. Trackers that are one machine pass over it.

use std::fmt;

use swarm::ChannelId;

/// What stands before the part in an address.
const NAME: &str = "part=";
/// Characters of base64url, 6 bits each.
const LEN: usize = 2;

/// Which part of a tracker a channel meets at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrackerPart(String);

impl TrackerPart {
    /// The channel's. The page's `tracker-part.js` says the same.
    pub fn of(channel: &ChannelId) -> Self {
        let mut text = catalogue::channel_to_text(channel);
        text.truncate(LEN);
        Self(text)
    }

    /// The tracker's address with the part in it, unless it says one itself.
    pub fn within(&self, url: &str) -> String {
        match url.split_once('?') {
            None => format!("{url}?{NAME}{self}"),
            Some((_, said)) if said.split('&').any(|word| word.starts_with(NAME)) => url.to_owned(),
            Some(_) => format!("{url}&{NAME}{self}"),
        }
    }
}

impl fmt::Display for TrackerPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_says_the_part_once() {
        let part = TrackerPart::of(&ChannelId([0xfb; 32]));
        for (url, expected) in [
            (
                "wss://t.example/announce",
                "wss://t.example/announce?part=-_",
            ),
            ("ws://t.example", "ws://t.example?part=-_"),
            ("wss://t.example/?key=1", "wss://t.example/?key=1&part=-_"),
            ("wss://t.example/?part=xy", "wss://t.example/?part=xy"),
        ] {
            assert_eq!(part.within(url), expected);
        }
    }

    #[test]
    fn channels_are_spread_over_all_parts() {
        let parts: std::collections::HashSet<_> = (0..=255)
            .map(|first| TrackerPart::of(&ChannelId([first; 32])).0)
            .collect();
        assert_eq!(parts.len(), 256);
    }
}
