//! Magnet links (BEP 9).

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use swarm::torrent::InfoDictionary;

/// The link under which a stock client finds a segment at these trackers.
pub fn magnet_link(info: &InfoDictionary, trackers: &[String]) -> String {
    let mut link = format!("magnet:?xt=urn:btih:{}", info.info_hash());
    for tracker in trackers {
        let tracker = utf8_percent_encode(tracker, NON_ALPHANUMERIC);
        link.push_str(&format!("&tr={tracker}"));
    }
    link
}

#[cfg(test)]
mod tests {
    use super::*;
    use swarm::{BroadcastId, SegmentNumber};

    #[test]
    fn a_link_names_the_hash_in_hexadecimal_and_the_trackers_escaped() {
        let info = InfoDictionary::of_segment(BroadcastId(1), SegmentNumber(2), b"segment");
        let link = magnet_link(&info, &["ws://host:1/announce?a&b".to_owned()]);
        let hash: String = info
            .info_hash()
            .0
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        assert_eq!(
            link,
            format!("magnet:?xt=urn:btih:{hash}&tr=ws%3A%2F%2Fhost%3A1%2Fannounce%3Fa%26b")
        );
    }
}
