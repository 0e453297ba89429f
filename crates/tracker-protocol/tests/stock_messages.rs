//! Messages captured from npm `bittorrent-tracker` 11.2.3: its client in Chromium, its server's replies.

use std::collections::BTreeMap;
use std::time::Duration;

use tracker_protocol::{
    Announce, AnnounceEvent, AnnounceReply, Answer, ClientMessage, InfoHash, Offer, OfferId,
    PeerId, ScrapeCounts, ServerMessage,
};

/// The info-hash of the capture: 0, 13, 26, … as `JSON.stringify` wrote it, control characters of both kinds included.
const HASH: &str =
    "\\u0000\\r\\u001a'4AN[hu\u{82}\u{8f}\u{9c}\u{a9}\u{b6}\u{c3}\u{d0}\u{dd}\u{ea}\u{f7}";
/// 0, 1, 2, …
const VIEWER: &str = "\\u0000\\u0001\\u0002\\u0003\\u0004\\u0005\\u0006\\u0007\\b\\t\\n\\u000b\\f\\r\\u000e\\u000f\\u0010\\u0011\\u0012\\u0013";
/// 200, 201, 202, …
const STREAMER: &str = "ÈÉÊËÌÍÎÏÐÑÒÓÔÕÖ×ØÙÚÛ";
const SDP: &str = "v=0\\r\\no=- 5320318937673780000 2 IN IP4 127.0.0.1\\r\\ns=-\\r\\nt=0 0\\r\\na=group:BUNDLE 0\\r\\na=extmap-allow-mixed\\r\\na=msid-semantic: WMS\\r\\nm=application 42686 UDP/DTLS/SCTP webrtc-datachannel\\r\\nc=IN IP4 192.0.2.2\\r\\na=candidate:3671361614 1 udp 2113937151 192.0.2.2 42686 typ host generation 0 network-cost 999\\r\\na=ice-ufrag:fTYJ\\r\\na=ice-pwd:ZiwLpk3tqrZO1ItGrZ0vd+n6\\r\\na=fingerprint:sha-256 65:BE:FB:0F:79:40:0B:69:8E:7C:B4:61:45:1B:5C:5C:E6:9F:57:C7:09:F9:70:95:91:1A:43:97:62:B5:E9:50\\r\\na=setup:actpass\\r\\na=mid:0\\r\\na=sctp-port:5000\\r\\na=max-message-size:262144\\r\\n";

fn hash() -> InfoHash {
    InfoHash(std::array::from_fn(|i| (i * 13) as u8))
}

fn counting_from(first: u8) -> [u8; 20] {
    std::array::from_fn(|i| first + i as u8)
}

fn viewer() -> PeerId {
    PeerId(counting_from(0))
}

fn streamer() -> PeerId {
    PeerId(counting_from(200))
}

fn sdp() -> String {
    SDP.replace("\\r\\n", "\r\n")
}

#[test]
fn a_peer_that_has_everything_starts_without_offers() {
    let text = format!(
        r#"{{"numwant":0,"left":0,"uploaded":0,"downloaded":0,"event":"started","action":"announce","info_hash":"{HASH}","peer_id":"{VIEWER}","offers":[]}}"#
    );
    assert_eq!(
        ClientMessage::parse(&text),
        Ok(ClientMessage::Announce(Announce {
            info_hash: hash(),
            peer_id: viewer(),
            event: AnnounceEvent::Started,
            uploaded: 0,
            downloaded: 0,
            left: Some(0),
            numwant: Some(0),
            offers: vec![],
            tracker_id: None,
        }))
    );
}

#[test]
fn a_peer_that_does_not_know_what_it_lacks_sends_an_offer() {
    let text = format!(
        r#"{{"numwant":1,"uploaded":0,"downloaded":0,"event":"started","action":"announce","info_hash":"{HASH}","peer_id":"{STREAMER}","offers":[{{"offer":{{"type":"offer","sdp":"{SDP}"}},"offer_id":"{STREAMER}"}}]}}"#
    );
    let Ok(ClientMessage::Announce(announce)) = ClientMessage::parse(&text) else {
        panic!("not read as an announce");
    };
    assert_eq!(announce.left, None);
    assert_eq!(
        announce.offers,
        [Offer {
            offer_id: OfferId(counting_from(200)),
            sdp: sdp()
        }]
    );
}

#[test]
fn a_magnet_link_lacks_infinity_which_json_writes_as_null() {
    let text = format!(
        r#"{{"numwant":5,"uploaded":0,"downloaded":0.5,"left":null,"action":"announce","info_hash":"{HASH}","peer_id":"{VIEWER}"}}"#
    );
    let Ok(ClientMessage::Announce(announce)) = ClientMessage::parse(&text) else {
        panic!("not read as an announce");
    };
    assert_eq!((announce.left, announce.downloaded), (None, 0));
    assert_eq!(announce.event, AnnounceEvent::Update);
}

#[test]
fn a_peer_answers_an_offer() {
    let text = format!(
        r#"{{"action":"announce","info_hash":"{HASH}","peer_id":"{VIEWER}","to_peer_id":"{STREAMER}","answer":{{"type":"answer","sdp":"{SDP}"}},"offer_id":"{VIEWER}"}}"#
    );
    assert_eq!(
        ClientMessage::parse(&text),
        Ok(ClientMessage::Answer(Answer {
            info_hash: hash(),
            peer_id: viewer(),
            to_peer_id: streamer(),
            offer_id: OfferId(counting_from(0)),
            sdp: sdp(),
        }))
    );
}

#[test]
fn completed_and_stopped_come_without_offers() {
    for (name, event) in [
        ("completed", AnnounceEvent::Completed),
        ("stopped", AnnounceEvent::Stopped),
    ] {
        let text = format!(
            r#"{{"numwant":50,"uploaded":0,"downloaded":0,"event":"{name}","action":"announce","info_hash":"{HASH}","peer_id":"{VIEWER}"}}"#
        );
        let Ok(ClientMessage::Announce(announce)) = ClientMessage::parse(&text) else {
            panic!("not read as an announce");
        };
        assert_eq!(announce.event, event);
        assert_eq!(announce.offers, []);
    }
}

#[test]
fn a_scrape_names_one_swarm_or_a_list() {
    let expected = Ok(ClientMessage::Scrape {
        info_hashes: vec![hash()],
    });
    let one = format!(r#"{{"action":"scrape","info_hash":"{HASH}"}}"#);
    assert_eq!(ClientMessage::parse(&one), expected);
    let list = format!(r#"{{"action":"scrape","info_hash":["{HASH}"]}}"#);
    assert_eq!(ClientMessage::parse(&list), expected);
}

#[test]
fn the_stock_server_replies_to_an_announce() {
    let text = format!(
        r#"{{"complete":1,"incomplete":2,"action":"announce","interval":120,"info_hash":"{HASH}"}}"#
    );
    assert_eq!(
        ServerMessage::parse(&text),
        Ok(ServerMessage::AnnounceReply(AnnounceReply {
            info_hash: hash(),
            interval: Duration::from_secs(120),
            complete: 1,
            incomplete: 2,
            tracker_id: None,
        }))
    );
}

#[test]
fn the_stock_server_hands_on_offers_and_answers() {
    let offer = format!(
        r#"{{"action":"announce","offer":{{"type":"offer","sdp":"{SDP}"}},"offer_id":"{VIEWER}","peer_id":"{STREAMER}","info_hash":"{HASH}"}}"#
    );
    assert_eq!(
        ServerMessage::parse(&offer),
        Ok(ServerMessage::Offer {
            info_hash: hash(),
            peer_id: streamer(),
            offer_id: OfferId(counting_from(0)),
            sdp: sdp(),
        })
    );
    let answer = offer.replace(r#""offer":{"type":"offer""#, r#""answer":{"type":"answer""#);
    assert_eq!(
        ServerMessage::parse(&answer),
        Ok(ServerMessage::Answer {
            info_hash: hash(),
            peer_id: streamer(),
            offer_id: OfferId(counting_from(0)),
            sdp: sdp(),
        })
    );
}

#[test]
fn the_stock_server_refuses_what_it_cannot_read_without_an_action() {
    assert_eq!(
        ServerMessage::parse(r#"{"failure reason":"invalid info_hash"}"#),
        Ok(ServerMessage::Failure {
            info_hash: None,
            reason: "invalid info_hash".to_owned(),
        })
    );
}

#[test]
fn the_stock_server_replies_to_a_scrape() {
    let text = format!(
        r#"{{"action":"scrape","files":{{"{HASH}":{{"complete":1,"incomplete":2,"downloaded":1}}}},"flags":{{"min_request_interval":36000}}}}"#
    );
    let counts = ScrapeCounts {
        complete: 1,
        incomplete: 2,
        downloaded: 1,
    };
    assert_eq!(
        ServerMessage::parse(&text),
        Ok(ServerMessage::ScrapeReply {
            files: BTreeMap::from([(hash(), counts)])
        })
    );
}
