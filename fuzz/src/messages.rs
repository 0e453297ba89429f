//! Readers of single messages. What can be read is written and read again, and must be the same.

use bytes::{Bytes, BytesMut};
use swarm::announcement::Announcement;
use swarm::torrent::InfoDictionary;
use swarm::wire::{
    Acquaintance, Block, Decoder, ExtendedHandshake, Handshake, Incoming, LiveMessage, Message,
    Signal, Standing, Stripes,
};
use swarm::{
    BroadcastId, ChannelId, Description, InfoHash, PeerId, PieceIndex, SegmentNumber, ShareLink,
};
use tracker_protocol::{ClientMessage, ServerMessage};

const NAME: &str = "abcdefghijklmnopqr\u{80}\u{ff}";

pub(crate) fn tracker_client(input: &[u8]) {
    if let Ok(text) = std::str::from_utf8(input)
        && let Ok(message) = ClientMessage::parse(text)
    {
        again(ClientMessage::parse(&message.to_text()), message);
    }
}

pub(crate) fn tracker_client_seeds() -> Vec<Vec<u8>> {
    texts(&[
        &format!(
            r#"{{"action":"announce","info_hash":"{NAME}","peer_id":"{NAME}","event":"started","left":null,"numwant":1,"uploaded":0,"downloaded":0.5,"trackerid":"x","offers":[{{"offer_id":"{NAME}","offer":{{"type":"offer","sdp":"v=0\r\n"}}}}]}}"#
        ),
        &format!(
            r#"{{"action":"announce","info_hash":"{NAME}","peer_id":"{NAME}","to_peer_id":"{NAME}","offer_id":"{NAME}","answer":{{"type":"answer","sdp":"v=0\r\n"}}}}"#
        ),
        &format!(r#"{{"action":"scrape","info_hash":["{NAME}","{NAME}"]}}"#),
    ])
}

pub(crate) fn tracker_server(input: &[u8]) {
    if let Ok(text) = std::str::from_utf8(input)
        && let Ok(message) = ServerMessage::parse(text)
    {
        again(ServerMessage::parse(&message.to_text()), message);
    }
}

pub(crate) fn tracker_server_seeds() -> Vec<Vec<u8>> {
    texts(&[
        &format!(
            r#"{{"action":"announce","info_hash":"{NAME}","interval":120,"complete":1,"incomplete":2,"tracker id":"x","warning message":"y"}}"#
        ),
        &format!(
            r#"{{"action":"announce","info_hash":"{NAME}","peer_id":"{NAME}","offer_id":"{NAME}","offer":{{"type":"offer","sdp":"v=0\r\n"}}}}"#
        ),
        &format!(r#"{{"failure reason":"no","info_hash":"{NAME}"}}"#),
        &format!(
            r#"{{"action":"scrape","files":{{"{NAME}":{{"complete":1,"incomplete":2,"downloaded":3}}}},"flags":{{}}}}"#
        ),
    ])
}

pub(crate) fn share_link(input: &[u8]) {
    if let Ok(text) = std::str::from_utf8(input)
        && let Ok(link) = ShareLink::parse(text)
    {
        assert!(link.page_is_static || !link.all_trackers().is_empty());
        // Written out, escapes may make a link longer than any that is read.
        if let Ok(read) = ShareLink::parse(&link.to_string()) {
            assert_eq!(read, link);
        }
    }
}

pub(crate) fn share_link_seeds() -> Vec<Vec<u8>> {
    let link = ShareLink {
        page: "http://192.0.2.5:8080/".to_owned(),
        channel: ChannelId([7; 32]),
        trackers: vec!["wss://tracker.example/a?b=c&d#e".to_owned()],
        stun: vec!["[2001:db8::1]:3478".to_owned()],
        page_is_static: true,
    };
    texts(&[&link.to_string(), &format!(" {link}&later=1 ")])
}

/// A stream of bytes, whole and in pieces as long as its first byte says, must read as the same messages.
pub(crate) fn wire(input: &[u8]) {
    let Some((step, stream)) = input.split_first() else {
        return;
    };
    let whole = decode([stream]);
    let pieces = decode(stream.chunks(usize::from(*step).max(1)));
    assert_eq!(whole, pieces);
    for message in whole {
        if let Incoming::Message(message) = message {
            read_message(message);
        }
    }
}

fn read_message(message: Message) {
    if let Message::Extended { payload, .. } = &message {
        if let Ok(handshake) = ExtendedHandshake::parse(payload) {
            again(ExtendedHandshake::parse(&handshake.to_bytes()), handshake);
        }
        if let Ok(live) = LiveMessage::parse(payload.clone()) {
            again(LiveMessage::parse(live.to_bytes()), live);
        }
    }
    // The bytes of messages that this wire passes over are not kept.
    if !matches!(message, Message::Other(_)) {
        let mut bytes = BytesMut::new();
        message.write(&mut bytes);
        again(Message::parse(bytes.freeze().slice(4..)), message);
    }
}

fn decode<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> Vec<Incoming> {
    let mut decoder = Decoder::default();
    let mut incoming = Vec::new();
    for part in parts {
        decoder.push(Bytes::copy_from_slice(part));
        loop {
            match decoder.next() {
                Ok(Some(message)) => incoming.push(message),
                Ok(None) => break,
                Err(_) => return incoming,
            }
        }
    }
    incoming
}

pub(crate) fn wire_seeds() -> Vec<Vec<u8>> {
    let mut stream = BytesMut::from(&[7][..]);
    stream.extend_from_slice(&opening(InfoHash([1; 20]), PeerId([9; 20])));
    for message in questions().into_iter().chain(answers()) {
        message.write(&mut stream);
    }
    vec![stream.to_vec()]
}

/// What a peer of ours says first.
pub(crate) fn opening(info_hash: InfoHash, peer_id: PeerId) -> BytesMut {
    let handshake = Handshake {
        info_hash,
        peer_id,
        extensions: true,
    };
    let extended = ExtendedHandshake {
        live_id: Some(1),
        request_queue: Some(64),
        proof: None,
    };
    let mut bytes = BytesMut::from(&handshake.to_bytes()[..]);
    let payload = extended.to_bytes();
    Message::Extended { id: 0, payload }.write(&mut bytes);
    bytes
}

/// One message of each kind that a viewer sends.
pub(crate) fn questions() -> Vec<Message> {
    let block = Block {
        piece: PieceIndex(0),
        begin: 0,
        length: 16 * 1024,
    };
    vec![
        Message::Interested,
        live(&LiveMessage::Subscribe {
            stripes: Stripes::ALL,
            from: Some(SegmentNumber(0)),
        }),
        live(&LiveMessage::Ping(1)),
        live(&LiveMessage::Standing(standing())),
        live(&LiveMessage::Acquaintances(vec![
            Acquaintance {
                peer: PeerId([4; 20]),
                spare: 3,
            };
            2
        ])),
        live(&LiveMessage::Offer(signal(PeerId([9; 20])))),
        live(&LiveMessage::Offer(signal(PeerId([4; 20])))),
        live(&LiveMessage::Answer(signal(PeerId([9; 20])))),
        Message::Request(block),
        Message::Cancel(block),
        Message::Have(PieceIndex(0)),
        Message::KeepAlive,
    ]
}

/// Room for everything, at once.
fn standing() -> Standing {
    let mut standing = Standing::default();
    (standing.slots, standing.spare, standing.leaves) = (16, 16, 2);
    for place in 0..8 {
        standing.set_delay(place, Some(std::time::Duration::from_millis(100)));
    }
    standing
}

/// What a viewer has others carry.
fn signal(to: PeerId) -> Signal {
    Signal {
        to,
        from: PeerId([3; 20]),
        offer: 1,
        sdp: "v=0".to_owned(),
    }
}

/// One message of each kind that only a peer with pieces sends.
fn answers() -> Vec<Message> {
    vec![
        Message::Unchoke,
        Message::Piece {
            piece: PieceIndex(0),
            begin: 0,
            data: Bytes::from_static(b"data"),
        },
        Message::Reject(Block {
            piece: PieceIndex(0),
            begin: 0,
            length: 4,
        }),
        live(&LiveMessage::Feed {
            granted: Stripes::ALL,
            surplus: Stripes::one(1),
            offered: Stripes::one(2),
        }),
        live(&LiveMessage::Announcement(Bytes::from_static(&[1; 80]))),
        live(&LiveMessage::Description(Bytes::from_static(&[1; 80]))),
    ]
}

fn live(message: &LiveMessage) -> Message {
    Message::Extended {
        id: 1,
        payload: message.to_bytes(),
    }
}

/// Records are read once their signature has been checked; a streamer may still be hostile.
pub(crate) fn records(input: &[u8]) {
    let _ = Description::parse(input);
    if let Ok(announcement) = Announcement::parse(input) {
        assert_eq!(
            announcement.pieces().count(),
            announcement.info.piece_count()
        );
    }
    if let Ok(info) = InfoDictionary::parse(Bytes::copy_from_slice(input)) {
        let sum: usize = (0..info.piece_count()).map(|i| info.piece_len(i)).sum();
        assert_eq!(sum, info.segment_len());
    }
}

pub(crate) fn records_seeds() -> Vec<Vec<u8>> {
    let info = InfoDictionary::of_segment(BroadcastId(1), SegmentNumber(2), &[3; 20_000]);
    let info = info.as_bytes();
    let mut announcement =
        b"d9:broadcast8:\0\0\0\0\0\0\0\x018:capturedi1e8:durationi250000e5:firsti0e4:info".to_vec();
    announcement.extend(format!("{}:", info.len()).bytes());
    announcement.extend_from_slice(info);
    announcement.extend_from_slice(b"3:keyi1e6:numberi2e4:timei0ee");
    let description = b"d9:broadcast8:\0\0\0\0\0\0\0\x016:codecs11:avc1.6400284:init4:ftyp4:ratei1e8:revisioni0e7:segmenti250e7:startedi1e5:state4:live5:title1:xe";
    let detailed = b"d6:author2:me9:broadcast8:\0\0\0\0\0\0\0\x018:category5:music6:codecs11:avc1.64002811:description4:Hi.\n8:donation19:https://example.org4:init4:ftyp8:keywordsl4:rock4:livee4:ratei1e8:revisioni0e7:segmenti250e9:sensitivei1e7:startedi1e5:state4:live5:title1:xe";
    assert!(Announcement::parse(&announcement).is_ok());
    assert!(Description::parse(detailed).is_ok());
    assert!(Description::parse(description).is_ok());
    vec![
        info.to_vec(),
        announcement,
        description.to_vec(),
        detailed.to_vec(),
    ]
}

fn texts(texts: &[&str]) -> Vec<Vec<u8>> {
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}

#[track_caller]
fn again<T: PartialEq + std::fmt::Debug, E: std::fmt::Debug>(read: Result<T, E>, written: T) {
    match read {
        Ok(read) => assert_eq!(read, written),
        Err(error) => panic!("what was written cannot be read: {error:?}: {written:?}"),
    }
}
