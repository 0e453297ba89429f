//! The whole state machine in conversation with somebody hostile.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use swarm::wire::{Decoder, Incoming, LiveMessage, Message};
use swarm::{
    Action, BroadcastId, BroadcastState, ChannelId, Config, ConnectionId, Description, Details,
    Event, PeerId, Segment, SegmentNumber, Swarm, Time, TrackerId, UnixMillis,
};
use tracker_protocol::{AnnounceReply, InfoHash, ServerMessage};

use super::messages::{opening, questions};

const SECRET: [u8; 32] = [1; 32];
const SEED: [u8; 32] = [2; 32];
const STREAMER: PeerId = PeerId([9; 20]);
const VIEWER: PeerId = PeerId([3; 20]);
const TRACKER: TrackerId = TrackerId(0);
/// Between two parts of what a peer says.
const PAUSE: Duration = Duration::from_millis(20);
const SEGMENT: Duration = Duration::from_millis(250);
/// Two pieces a segment.
const SEGMENT_LEN: usize = 20_000;

/// The most that a peer may make the swarm say for each byte that it says, and on top of what is said unasked. A
/// request has 17 bytes and is answered with 16 KiB.
const ANSWERS_PER_BYTE: usize = 1_000;
const UNASKED: usize = 1024 * 1024;

/// A swarm, and what it says to the one peer that it meets.
struct Subject {
    swarm: Swarm,
    now: Time,
    connection: Option<ConnectionId>,
    said: Vec<u8>,
}

impl Subject {
    fn new(swarm: Swarm) -> Self {
        let mut subject = Self {
            swarm,
            now: Time::ZERO,
            connection: None,
            said: Vec::new(),
        };
        subject.pass(PAUSE);
        subject.handle(Event::TrackerOpened(TRACKER));
        subject
    }

    /// A streamer that is on the air.
    fn streamer() -> Self {
        let mut subject = Self::new(Swarm::streamer(SECRET, STREAMER, config(), SEED));
        let description = Description {
            broadcast: BroadcastId(1),
            revision: 0,
            state: BroadcastState::Live,
            started_at: UnixMillis(1),
            details: Details::titled("title"),
            codecs: "avc1.640028".to_owned(),
            bits_per_second: 1_000_000,
            segment_millis: 250,
            init_segment: Bytes::from_static(b"init"),
        };
        subject.swarm.describe(subject.now, description);
        subject.publish(0..2);
        subject
    }

    fn viewer() -> Self {
        let channel = ChannelId::from_secret_key(&SECRET);
        Self::new(Swarm::viewer(channel, VIEWER, config(), SEED))
    }

    fn publish(&mut self, numbers: std::ops::Range<u32>) {
        for number in numbers {
            self.pass(SEGMENT);
            let segment = Segment {
                number: SegmentNumber(number.into()),
                presentation_time: SEGMENT * number,
                duration: SEGMENT,
                key_frame: number.is_multiple_of(4),
                captured_at: UnixMillis(1),
                bytes: Bytes::from(vec![number as u8; SEGMENT_LEN]),
            };
            self.swarm.publish(self.now, segment);
            self.drain();
        }
    }

    fn handle(&mut self, event: Event) {
        self.swarm.handle(self.now, event);
        self.drain();
    }

    fn pass(&mut self, time: Duration) {
        self.now = self.now + time;
        self.handle(Event::Tick);
    }

    /// Does what a driver does, at once.
    fn drain(&mut self) {
        while let Some(action) = self.swarm.poll() {
            let done = match action {
                Action::MakeOffer(connection) => Event::OfferMade(connection, "v=0".to_owned()),
                Action::AcceptOffer(connection, _) => {
                    self.connection = Some(connection);
                    Event::AnswerMade(connection, "v=0".to_owned())
                }
                Action::Send(connection, bytes) => {
                    self.said.extend_from_slice(&bytes);
                    Event::Sent(connection, bytes.len())
                }
                Action::Close(connection) => {
                    self.connection = self.connection.filter(|open| *open != connection);
                    continue;
                }
                _ => continue,
            };
            self.swarm.handle(self.now, done);
        }
        let _ = self.swarm.stats();
        let _ = self.swarm.peers();
    }

    /// A peer makes an offer through the tracker, and its channel opens.
    fn meet(&mut self, peer: PeerId) {
        let offer = ServerMessage::Offer {
            info_hash: swarm_hash(),
            peer_id: peer.0.into(),
            offer_id: [1; 20].into(),
            sdp: "v=0".to_owned(),
        };
        self.handle(Event::TrackerText(TRACKER, offer.to_text()));
        let connection = self.connection.expect("an offer is accepted");
        self.handle(Event::Opened(connection));
    }

    /// The peer says something.
    fn hear(&mut self, bytes: &[u8]) {
        if let Some(connection) = self.connection {
            let bytes = Bytes::copy_from_slice(bytes);
            self.handle(Event::Received(connection, bytes));
        }
    }

    /// The peer says something in parts, as long as its first byte says, and time passes in between.
    fn listen(&mut self, input: &[u8]) {
        let (step, stream) = input.split_first().unwrap_or((&0, &[]));
        for part in stream.chunks(usize::from(*step).max(1) * 16) {
            self.hear(part);
            self.pass(PAUSE);
        }
        let said = self.said.len();
        assert!(
            said <= UNASKED + stream.len() * ANSWERS_PER_BYTE,
            "{} bytes made the swarm say {said}",
            stream.len()
        );
    }

    /// The signed description that the swarm has sent. A viewer sends it back to say what its numbers are about.
    fn description(&self) -> Option<Message> {
        let mut decoder = Decoder::default();
        decoder.push(Bytes::copy_from_slice(&self.said));
        while let Ok(Some(incoming)) = decoder.next() {
            if let Incoming::Message(Message::Extended { id: 1, payload }) = incoming
                && let Ok(LiveMessage::Description(_)) = LiveMessage::parse(payload.clone())
            {
                return Some(Message::Extended { id: 1, payload });
            }
        }
        None
    }
}

fn config() -> Config {
    Config {
        trackers: vec!["ws://tracker.example/announce".to_owned()],
        ..Config::default()
    }
}

fn swarm_hash() -> InfoHash {
    let channel = ChannelId::from_secret_key(&SECRET);
    InfoHash(channel.swarm_hash().0)
}

/// A streamer that has met a viewer, which goes on with this.
fn streamer_after(input: &[u8]) -> Subject {
    let mut subject = Subject::streamer();
    subject.meet(VIEWER);
    subject.hear(&opening(swarm::InfoHash(swarm_hash().0), VIEWER));
    let description = subject.description().expect("a streamer describes itself");
    let mut echo = BytesMut::new();
    description.write(&mut echo);
    subject.hear(&echo);
    subject.listen(input);
    let mut keep_alive = BytesMut::new();
    Message::KeepAlive.write(&mut keep_alive);
    for number in 2..6 {
        subject.publish(number..number + 1);
        // A viewer that says nothing is gone.
        subject.hear(&keep_alive);
    }
    subject
}

/// A viewer that greets a streamer as it should and goes on as the input says.
pub(crate) fn streamer(input: &[u8]) {
    streamer_after(input);
}

pub(crate) fn streamer_seeds() -> Vec<Vec<u8>> {
    let mut asking = BytesMut::from(&[3][..]);
    for message in questions() {
        message.write(&mut asking);
    }
    vec![asking.to_vec()]
}

/// A peer from which all that a viewer hears is the input, handshakes included.
pub(crate) fn viewer(input: &[u8]) {
    let mut subject = Subject::viewer();
    subject.meet(STREAMER);
    subject.listen(input);
    subject.pass(Duration::from_secs(30));
}

/// What a real streamer says to this viewer.
pub(crate) fn viewer_seeds() -> Vec<Vec<u8>> {
    let said = streamer_after(&streamer_seeds()[0]).said;
    assert!(
        said.len() > 4 * SEGMENT_LEN,
        "the streamer serves its viewer"
    );
    let seed = [&[255][..], &said].concat();
    let mut subject = Subject::viewer();
    subject.meet(STREAMER);
    subject.listen(&seed);
    assert!(subject.swarm.stats().segments > 0, "the viewer plays it");
    vec![seed]
}

/// A tracker that says a line after the other to a viewer.
pub(crate) fn meeting(input: &[u8]) {
    let mut subject = Subject::viewer();
    for line in input.split(|byte| *byte == b'\n') {
        if let Ok(text) = std::str::from_utf8(line) {
            subject.handle(Event::TrackerText(TRACKER, text.to_owned()));
            subject.pass(Duration::from_millis(100));
        }
    }
    subject.pass(Duration::from_secs(30));
}

pub(crate) fn meeting_seeds() -> Vec<Vec<u8>> {
    let messages = [
        ServerMessage::AnnounceReply(AnnounceReply {
            info_hash: swarm_hash(),
            interval: Duration::from_secs(1),
            complete: 1,
            incomplete: 1,
            tracker_id: None,
        }),
        ServerMessage::Offer {
            info_hash: swarm_hash(),
            peer_id: STREAMER.0.into(),
            offer_id: [1; 20].into(),
            sdp: "v=0".to_owned(),
        },
        ServerMessage::Answer {
            info_hash: swarm_hash(),
            peer_id: [8; 20].into(),
            offer_id: [1; 20].into(),
            sdp: "v=0".to_owned(),
        },
        ServerMessage::Failure {
            info_hash: Some(swarm_hash()),
            reason: "no".to_owned(),
        },
    ];
    let lines: Vec<_> = messages.iter().map(ServerMessage::to_text).collect();
    vec![lines.join("\n").into_bytes()]
}
