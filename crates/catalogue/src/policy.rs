//! Which channels the operator lists: all, or only some, and in any case not others.

use std::collections::HashSet;

use data_encoding::BASE64URL_NOPAD;
use swarm::{ChannelId, ShareLink};

/// Which channels are listed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// Only these; `None` for all.
    pub allowed: Option<HashSet<ChannelId>>,
    /// None of these.
    pub denied: HashSet<ChannelId>,
}

/// A line that names no channel.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "line {line}, '{text}', names no channel; write one share link, or the part of it after '#', on a line"
)]
pub struct PolicyError {
    line: usize,
    text: String,
}

impl Policy {
    /// Whether a channel is listed.
    pub fn admits(&self, channel: &ChannelId) -> bool {
        let is_allowed = |allowed: &HashSet<ChannelId>| allowed.contains(channel);
        !self.denied.contains(channel) && self.allowed.as_ref().is_none_or(is_allowed)
    }

    /// Reads a list of channels: one a line, as a share link or as the part of it that names the channel. Empty lines, and
    /// what follows a `;`, say nothing.
    ///
    /// # Errors
    ///
    /// When a line names no channel: a list that is half understood would list what it should not.
    pub fn read_channels(text: &str) -> Result<HashSet<ChannelId>, PolicyError> {
        let mut channels = HashSet::new();
        for (number, whole) in text.lines().enumerate() {
            let line = whole.split(';').next().unwrap_or_default().trim();
            if line.is_empty() {
                continue;
            }
            let wrong = || PolicyError {
                line: number + 1,
                text: line.chars().take(80).collect(),
            };
            channels.insert(channel_from_text(line).ok_or_else(wrong)?);
        }
        Ok(channels)
    }
}

/// The channel that a share link, or the part of it that is the key, names.
pub fn channel_from_text(text: &str) -> Option<ChannelId> {
    if text.contains('#') {
        return ShareLink::parse(text).ok().map(|link| link.channel);
    }
    let key = BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
    Some(ChannelId(key.try_into().ok()?))
}

/// A channel as links and addresses spell it: unpadded base64url (RFC 4648, section 5).
pub fn channel_to_text(channel: &ChannelId) -> String {
    BASE64URL_NOPAD.encode(&channel.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: ChannelId = ChannelId([1; 32]);
    const OTHER: ChannelId = ChannelId([2; 32]);

    #[test]
    fn a_channel_that_is_denied_is_not_listed_even_if_it_is_allowed() {
        let mut policy = Policy::default();
        assert!(policy.admits(&ONE));
        policy.allowed = Some(HashSet::from([ONE]));
        assert!(policy.admits(&ONE) && !policy.admits(&OTHER));
        policy.denied.insert(ONE);
        assert!(!policy.admits(&ONE));
    }

    #[test]
    fn lists_hold_links_keys_and_remarks() {
        let key = channel_to_text(&OTHER);
        let link = format!(
            "https://hub.example/#{}&tr=wss://t.example/",
            channel_to_text(&ONE)
        );
        let text = format!("; of the court's order\n\n{link}  ; the first\n {key}\n");
        assert_eq!(
            Policy::read_channels(&text),
            Ok(HashSet::from([ONE, OTHER]))
        );
    }

    #[test]
    fn a_line_that_is_not_understood_is_named() {
        let refused = Policy::read_channels("\nspam").unwrap_err().to_string();
        assert!(refused.contains("line 2, 'spam'"), "{refused}");
    }
}
