//! How events, actions and counters look in JavaScript. `types.d.ts` says the same for the type checker.

use js_sys::Array;
use swarm::{
    Action, BroadcastState, Category, ConnectionId, Description, DonationLink, Event, PeerStats,
    PieceState, Playback, Segment, SegmentPieces, Stats, TrackerId,
};
use wasm_bindgen::JsValue;

use crate::object::{Reader, Writer};

pub(crate) fn event_from(object: &JsValue) -> Result<Event, String> {
    let object = Reader(object);
    let connection = || object.number("connection").map(ConnectionId);
    let tracker = || {
        let tracker = object.number("tracker")?;
        usize::try_from(tracker)
            .map(TrackerId)
            .map_err(|error| error.to_string())
    };
    let kind = object.text("type")?;
    Ok(match kind.as_str() {
        "tick" => Event::Tick,
        "tracker-opened" => Event::TrackerOpened(tracker()?),
        "tracker-text" => Event::TrackerText(tracker()?, object.text("text")?),
        "tracker-closed" => Event::TrackerClosed(tracker()?),
        "offer-made" => Event::OfferMade(connection()?, object.text("sdp")?),
        "answer-made" => Event::AnswerMade(connection()?, object.text("sdp")?),
        "opened" => Event::Opened(connection()?),
        "received" => Event::Received(connection()?, object.bytes("bytes")?.into()),
        "sent" => {
            let bytes = usize::try_from(object.number("bytes")?);
            Event::Sent(connection()?, bytes.map_err(|error| error.to_string())?)
        }
        "closed" => Event::Closed(connection()?),
        other => return Err(format!("'{other}' is no event of the swarm")),
    })
}

pub(crate) fn action(action: &Action) -> JsValue {
    let with_tracker =
        |name: &str, id: &TrackerId| Writer::of_type(name).number("tracker", id.0 as i64);
    let with_connection =
        |name: &str, id: &ConnectionId| Writer::of_type(name).number("connection", id.0);
    match action {
        Action::TrackerConnect(id, url) => with_tracker("tracker-connect", id).with("url", url),
        Action::TrackerSend(id, text) => with_tracker("tracker-send", id).with("text", text),
        Action::TrackerClose(id) => with_tracker("tracker-close", id),
        Action::MakeOffer(id) => with_connection("make-offer", id),
        Action::AcceptOffer(id, sdp) => with_connection("accept-offer", id).with("sdp", sdp),
        Action::AcceptAnswer(id, sdp) => with_connection("accept-answer", id).with("sdp", sdp),
        Action::Send(id, bytes) => with_connection("send", id).bytes("bytes", bytes),
        Action::Close(id) => with_connection("close", id),
        Action::Play(Playback::Broadcast(description)) => {
            Writer::of_type("broadcast").with("description", describe(description))
        }
        Action::Play(Playback::Changed(description)) => {
            Writer::of_type("changed").with("description", describe(description))
        }
        Action::Play(Playback::Segment(segment)) => {
            Writer::of_type("segment").with("segment", media(segment))
        }
    }
    .finish()
}

fn describe(description: &Description) -> JsValue {
    let state = match description.state {
        BroadcastState::Live => "live",
        BroadcastState::Paused => "paused",
        BroadcastState::Ended => "ended",
    };
    let details = &description.details;
    let donation = details.donation.as_ref().map(DonationLink::as_str);
    Writer::new()
        .with("broadcast", description.broadcast.to_string())
        .number("revision", description.revision)
        .with("state", state)
        .number("startedAt", description.started_at.0)
        .with("title", details.title.as_str())
        .with("author", details.author.as_str())
        .with("description", details.description.as_str())
        .with("category", or_null(details.category.map(Category::name)))
        .with("keywords", texts(&details.keywords))
        .with("sensitive", details.sensitive)
        .with("donation", or_null(donation))
        .with("codecs", description.codecs.as_str())
        .number("bitsPerSecond", description.bits_per_second)
        .number("segmentMillis", description.segment_millis)
        .bytes("initSegment", &description.init_segment)
        .finish()
}

fn or_null(text: Option<&str>) -> JsValue {
    text.map_or(JsValue::NULL, JsValue::from)
}

fn texts(texts: &[String]) -> Array {
    texts
        .iter()
        .map(|text| JsValue::from(text.as_str()))
        .collect()
}

fn media(segment: &Segment) -> JsValue {
    Writer::new()
        .number("number", segment.number.0)
        .with("presentationTime", segment.presentation_time.as_secs_f64())
        .with("duration", segment.duration.as_secs_f64())
        .with("keyFrame", segment.key_frame)
        .number("capturedAt", segment.captured_at.0)
        .bytes("bytes", &segment.bytes)
        .finish()
}

pub(crate) fn stats(stats: &Stats) -> JsValue {
    Writer::new()
        .with("status", stats.status.name())
        .number("peers", stats.peers as i64)
        .number("viewers", stats.viewers as i64)
        .number("uploadedBytes", stats.uploaded_bytes)
        .number("uploadedPieceBytes", stats.uploaded_piece_bytes)
        .number("downloadedBytes", stats.downloaded_bytes)
        .number("downloadedPieceBytes", stats.downloaded_piece_bytes)
        .number("duplicateBytes", stats.duplicate_bytes)
        .number("segments", stats.segments)
        .number("streamBytes", stats.stream_bytes)
        .number("lostSegments", stats.lost_segments)
        .number("bannedPeers", stats.banned_peers)
        .number("trackersOpen", stats.trackers_open as i64)
        .number("fromStreamerBytes", stats.from_streamer_bytes)
        .with("uploadOff", stats.upload_off)
        .number("uploadRate", stats.upload_rate)
        .with("uploadCapacity", stats.upload_capacity)
        .with("uploadUsed", stats.upload_used)
        .with("audienceHunger", stats.audience_hunger)
        .with("audienceAside", stats.audience_aside)
        .with("audienceShortOfUpload", stats.audience_short_of_upload)
        .finish()
}

pub(crate) fn peer(peer: &PeerStats) -> JsValue {
    let round_trip = peer.round_trip.map_or(JsValue::UNDEFINED, |time| {
        (time.as_secs_f64() * 1000.0).into()
    });
    Writer::new()
        .number("connection", peer.connection.0)
        .with("peer", peer.peer.to_string())
        .with("streamer", peer.streamer)
        .with("since", peer.since.since_epoch().as_secs_f64() * 1000.0)
        .number("downloadedPieceBytes", peer.downloaded_piece_bytes)
        .number("uploadedPieceBytes", peer.uploaded_piece_bytes)
        .with("roundTripMillis", round_trip)
        .number("stripesFrom", peer.stripes_from as i64)
        .number("stripesTo", peer.stripes_to as i64)
        .with("uploadOff", peer.upload_off)
        .finish()
}

pub(crate) fn pieces(segment: &SegmentPieces) -> JsValue {
    let states: Vec<u8> = segment
        .pieces
        .iter()
        .map(|state| match state {
            PieceState::Missing => 0,
            PieceState::OnItsWay => 1,
            PieceState::FromStreamer => 2,
            PieceState::FromViewer => 3,
        })
        .collect();
    Writer::new()
        .number("number", segment.number.0)
        .bytes("pieces", &states)
        .finish()
}
