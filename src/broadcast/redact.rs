//! Takes out of a text what must not stand in a bug report: addresses, keys, links, and where somebody's files are.

use std::net::Ipv4Addr;

/// A run of this many characters that a key can consist of is taken for one. Info-hashes (40) and channels (64) are
/// longer, words of any language shorter.
const KEY_LEN: usize = 24;

/// The text without them. What stands around a word, such as brackets and full stops, is kept.
pub(super) fn redact(text: &str) -> String {
    let mut redacted = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|c| !is_gap(c)) {
        let end = rest[start..]
            .find(is_gap)
            .map_or(rest.len(), |at| start + at);
        redacted.push_str(&rest[..start]);
        redacted.push_str(replacement(&rest[start..end]).unwrap_or(&rest[start..end]));
        rest = &rest[end..];
    }
    redacted.push_str(rest);
    redacted
}

fn is_gap(c: char) -> bool {
    c.is_whitespace() || "()<>\"'`,;|“”„".contains(c)
}

fn replacement(word: &str) -> Option<&'static str> {
    let bare = word.trim_end_matches(['.', ':', '!', '?']);
    if bare.contains("://") {
        return Some("[link]");
    }
    if is_address(word) {
        return Some("[address]");
    }
    if has_key(bare) {
        return Some("[key]");
    }
    let is_rate = bare.ends_with("bit/s") || bare == "/";
    let is_path = (bare.contains('/') && !is_rate) || bare.contains('\\');
    if is_path {
        return Some("[path]");
    }
    // host.example:8080, name@host
    let has_port = bare
        .rsplit_once(':')
        .is_some_and(|(host, port)| host.contains('.') && port.parse::<u16>().is_ok());
    (has_port || bare.contains('@')).then_some("[address]")
}

/// Whether an address stands in the word, whatever else is written to it without a space. Rather too often than not
/// often enough: `a::b` is one too.
fn is_address(word: &str) -> bool {
    let has_four_bytes = word
        .split(|c: char| !c.is_ascii_digit() && c != '.')
        .any(|part| part.trim_matches('.').parse::<Ipv4Addr>().is_ok());
    // A time of day has two colons.
    has_four_bytes || word.contains("::") || word.matches(':').count() > 2
}

fn has_key(word: &str) -> bool {
    let mut run = 0;
    word.chars().any(|c| {
        let belongs = c.is_ascii_alphanumeric() || "+_-%".contains(c);
        run = if belongs { run + 1 } else { 0 };
        run >= KEY_LEN
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{IpAddr, SocketAddr};

    use proptest::prelude::*;

    #[test]
    fn what_tells_who_or_where_somebody_is_does_not_stay() {
        for (text, expected) in [
            (
                "peer 192.168.1.20 (at 10.0.0.7:40123) left.",
                "peer [address] (at [address]) left.",
            ),
            ("from [2001:db8::1]:443: refused", "from [address] refused"),
            ("fe80::1%eth0 is gone", "[address] is gone"),
            ("net 10.0.0.0/8", "net [address]"),
            ("remote=10.0.0.7:closed", "[address]"),
            (
                "http://192.168.1.20:8080/#5f1c0f3b9a7e4d2c8b6a is the link",
                "[link] is the link",
            ),
            (
                "channel 5f1c0f3b9a7e4d2c8b6a5f1c0f3b9a7e4d2c8b6a",
                "channel [key]",
            ),
            (
                "'/home/ada/My Films/a.mp4' is no video",
                "'[path] [path]' is no video",
            ),
            ("C:\\Users\\Ada\\a.mp4", "[path]"),
            (
                "turn.example.org:3478 does not answer",
                "[address] does not answer",
            ),
        ] {
            assert_eq!(redact(text), expected, "{text}");
        }
    }

    #[test]
    fn what_helps_stays() {
        for text in [
            "Live, 12 viewers, upload 3.2 Mbit/s, delay 0.15 s.",
            "The encoder stopped: x264enc0 (of gstreamer1.0-plugins-ugly) failed!",
            "  a\n\tb  ",
            "Another program uses port 8080, so the link has port 8081.",
        ] {
            assert_eq!(redact(text), text);
        }
    }

    proptest! {
        #[test]
        fn no_address_stays_wherever_it_stands(
            ip in any::<IpAddr>(),
            port in any::<u16>(),
            before in "[a-z (<\"]{0,8}[ (<\"]",
            after in "[ )>\",;.:][a-z ]{0,8}",
        ) {
            let at = SocketAddr::new(ip, port);
            for address in [ip.to_string(), at.to_string()] {
                let text = redact(&format!("{before}{address}{after}"));
                prop_assert!(!text.contains(&address), "{}", text);
            }
        }
    }
}
