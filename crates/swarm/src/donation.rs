//! A link that viewers may follow to give the streamer something. It comes from a stranger and is shown on a page, so
//! that only what is plainly a web address passes.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A web address (`http` or `https`) in plain ASCII that names its host openly.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DonationLink(String);

/// Why a text is no link for donations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DonationLinkError {
    /// Another scheme, or none.
    #[error("a donation link begins with https:// or http://")]
    Scheme,
    /// Longer than [`DonationLink::MAX_LEN`].
    #[error("a donation link has at most {} characters", DonationLink::MAX_LEN)]
    Length,
    /// Spaces, quotes, letters beyond ASCII.
    #[error(
        "a donation link has no spaces, quotes or accents; copy it from the address bar of a browser"
    )]
    Character,
    /// No host, or one that hides behind a user name.
    #[error("a donation link names a site, such as https://example.org/me")]
    Host,
}

impl DonationLink {
    /// The longest, in bytes. Chosen: payment pages stay below 200.
    pub const MAX_LEN: usize = 500;

    /// Reads a link.
    ///
    /// # Errors
    ///
    /// When it is not plainly a web address.
    pub fn parse(text: &str) -> Result<Self, DonationLinkError> {
        if text.len() > Self::MAX_LEN {
            return Err(DonationLinkError::Length);
        }
        let rest = ["https://", "http://"]
            .into_iter()
            .find_map(|scheme| text.strip_prefix(scheme))
            .ok_or(DonationLinkError::Scheme)?;
        let is_fine = |byte: u8| byte.is_ascii_graphic() && !b"\"'<>\\^`{|}".contains(&byte);
        if !rest.bytes().all(is_fine) {
            return Err(DonationLinkError::Character);
        }
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        // A name before an @ would be read as the host: https://bank.example@elsewhere.example
        let is_of_host = |byte: u8| byte.is_ascii_alphanumeric() || b"-.:[]".contains(&byte);
        let begins_well =
            host.starts_with(|first: char| first.is_ascii_alphanumeric() || first == '[');
        if !begins_well || !host.bytes().all(is_of_host) {
            return Err(DonationLinkError::Host);
        }
        Ok(Self(text.to_owned()))
    }

    /// The link as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DonationLink {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl From<DonationLink> for String {
    fn from(link: DonationLink) -> Self {
        link.0
    }
}

impl TryFrom<String> for DonationLink {
    type Error = DonationLinkError;

    fn try_from(text: String) -> Result<Self, DonationLinkError> {
        Self::parse(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn web_addresses_pass() {
        for text in [
            "https://example.org/me",
            "http://example.org",
            "https://example.org:8443/a%20b?to=me&n=1#now",
            "http://[2001:db8::1]/",
        ] {
            assert_eq!(DonationLink::parse(text).unwrap().as_str(), text);
        }
    }

    #[test]
    fn what_is_not_plainly_a_web_address_does_not() {
        use DonationLinkError::{Character, Host, Length, Scheme};
        let long = format!("https://example.org/{}", "a".repeat(500));
        for (text, error) in [
            ("", Scheme),
            ("javascript:alert(1)", Scheme),
            ("example.org", Scheme),
            ("HTTPS://example.org", Scheme),
            ("https://example.org/\" onclick=", Character),
            ("https://example.org/a b", Character),
            ("https://exämple.org/", Character),
            ("https://example.org/\n", Character),
            ("https:///path", Host),
            ("https://", Host),
            ("https://bank.example@elsewhere.example/", Host),
            ("https://.example.org/", Host),
            (long.as_str(), Length),
        ] {
            assert_eq!(DonationLink::parse(text), Err(error), "{text}");
        }
    }
}
