//! What is written reads as the same, and nothing that arrives breaks the reader.

use std::time::Duration;

use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use tracker_protocol::{
    Announce, AnnounceEvent, AnnounceReply, Answer, ClientMessage, InfoHash, MAX_INTERVAL,
    MAX_OFFERS, MAX_SCRAPE_HASHES, Offer, OfferId, PeerId, ScrapeCounts, ServerMessage,
};

fn info_hash() -> impl Strategy<Value = InfoHash> {
    any::<[u8; 20]>().prop_map(InfoHash)
}

fn peer_id() -> impl Strategy<Value = PeerId> {
    any::<[u8; 20]>().prop_map(PeerId)
}

fn offer_id() -> impl Strategy<Value = OfferId> {
    any::<[u8; 20]>().prop_map(OfferId)
}

fn sdp() -> impl Strategy<Value = String> {
    "(v=0\r\n|a=[ -~]{0,40}\r\n|\\PC{0,20}){0,8}"
}

fn event() -> impl Strategy<Value = AnnounceEvent> {
    prop_oneof![
        Just(AnnounceEvent::Started),
        Just(AnnounceEvent::Completed),
        Just(AnnounceEvent::Stopped),
        Just(AnnounceEvent::Paused),
        Just(AnnounceEvent::Update),
    ]
}

fn announce() -> impl Strategy<Value = ClientMessage> {
    let offer = (offer_id(), sdp()).prop_map(|(offer_id, sdp)| Offer { offer_id, sdp });
    (
        (info_hash(), peer_id(), event()),
        any::<(u64, u64, Option<u64>, Option<u32>)>(),
        vec(offer, 0..=MAX_OFFERS),
        option::of("\\PC{0,40}"),
    )
        .prop_map(|(who, counts, offers, tracker_id)| {
            ClientMessage::Announce(Announce {
                info_hash: who.0,
                peer_id: who.1,
                event: who.2,
                uploaded: counts.0,
                downloaded: counts.1,
                left: counts.2,
                numwant: counts.3,
                offers,
                tracker_id,
            })
        })
}

fn answer() -> impl Strategy<Value = ClientMessage> {
    (info_hash(), peer_id(), peer_id(), offer_id(), sdp()).prop_map(
        |(info_hash, peer_id, to_peer_id, offer_id, sdp)| {
            ClientMessage::Answer(Answer {
                info_hash,
                peer_id,
                to_peer_id,
                offer_id,
                sdp,
            })
        },
    )
}

fn client_message() -> impl Strategy<Value = ClientMessage> {
    prop_oneof![
        announce(),
        answer(),
        vec(info_hash(), 1..=MAX_SCRAPE_HASHES)
            .prop_map(|info_hashes| ClientMessage::Scrape { info_hashes }),
    ]
}

fn counts() -> impl Strategy<Value = ScrapeCounts> {
    any::<(u64, u64, u64)>().prop_map(|(complete, incomplete, downloaded)| ScrapeCounts {
        complete,
        incomplete,
        downloaded,
    })
}

fn announce_reply() -> impl Strategy<Value = ServerMessage> {
    (
        info_hash(),
        1..=MAX_INTERVAL.as_secs(),
        any::<(u64, u64)>(),
        option::of("\\PC{0,40}"),
    )
        .prop_map(|(info_hash, seconds, counts, tracker_id)| {
            ServerMessage::AnnounceReply(AnnounceReply {
                info_hash,
                interval: Duration::from_secs(seconds),
                complete: counts.0,
                incomplete: counts.1,
                tracker_id,
            })
        })
}

fn server_message() -> impl Strategy<Value = ServerMessage> {
    let signal = || (info_hash(), peer_id(), offer_id(), sdp());
    let note = || (option::of(info_hash()), "\\PC{0,80}");
    prop_oneof![
        announce_reply(),
        signal().prop_map(|(info_hash, peer_id, offer_id, sdp)| ServerMessage::Offer {
            info_hash,
            peer_id,
            offer_id,
            sdp
        }),
        signal().prop_map(
            |(info_hash, peer_id, offer_id, sdp)| ServerMessage::Answer {
                info_hash,
                peer_id,
                offer_id,
                sdp
            }
        ),
        note().prop_map(|(info_hash, reason)| ServerMessage::Failure { info_hash, reason }),
        note().prop_map(|(info_hash, message)| ServerMessage::Warning { info_hash, message }),
        btree_map(info_hash(), counts(), 0..=MAX_SCRAPE_HASHES)
            .prop_map(|files| ServerMessage::ScrapeReply { files }),
    ]
}

proptest! {
    #[test]
    fn a_client_message_reads_as_it_was_written(message in client_message()) {
        prop_assert_eq!(ClientMessage::parse(&message.to_text()), Ok(message));
    }

    #[test]
    fn a_server_message_reads_as_it_was_written(message in server_message()) {
        prop_assert_eq!(ServerMessage::parse(&message.to_text()), Ok(message));
    }

    #[test]
    fn no_text_breaks_the_readers(text in ".*") {
        let _ = ClientMessage::parse(&text);
        let _ = ServerMessage::parse(&text);
    }

    #[test]
    fn a_message_cut_short_is_refused(message in client_message(), cut in 0.0..1.0f64) {
        let text = message.to_text();
        let mut end = (text.len() as f64 * cut) as usize;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        prop_assert!(ClientMessage::parse(&text[..end]).is_err());
    }
}
