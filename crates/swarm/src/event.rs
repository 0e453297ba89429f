//! What goes into the swarm and what comes out of it: the whole contract with a driver.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use crate::{ConnectionId, Description, PeerId, SegmentNumber, Time, TrackerId, UnixMillis};

/// What the driver tells the swarm.
#[derive(Clone, Debug)]
pub enum Event {
    /// Time has passed; nothing else happened.
    Tick,
    /// The WebSocket to a tracker is open.
    TrackerOpened(TrackerId),
    /// A text message from a tracker (untrusted).
    TrackerText(TrackerId, String),
    /// The WebSocket to a tracker closed or could not be opened.
    TrackerClosed(TrackerId),
    /// The local offer asked for by [`Action::MakeOffer`] is ready, candidates included (no trickle).
    OfferMade(ConnectionId, String),
    /// The local answer asked for by [`Action::AcceptOffer`] is ready, candidates included.
    AnswerMade(ConnectionId, String),
    /// The data channel is open in both directions.
    Opened(ConnectionId),
    /// Bytes from the data channel (untrusted). Boundaries of messages mean nothing: the wire is a byte stream.
    Received(ConnectionId, Bytes),
    /// So many bytes of earlier [`Action::Send`]s have left the driver's buffers.
    Sent(ConnectionId, usize),
    /// The connection failed or closed. Also the answer to an offer that could not be made or accepted.
    /// Not sent for connections that the swarm closed by [`Action::Close`].
    Closed(ConnectionId),
}

/// What the swarm tells the driver to do.
#[derive(Clone, Debug)]
pub enum Action {
    /// Open a WebSocket to this tracker.
    TrackerConnect(TrackerId, String),
    /// Send a text message on a tracker's WebSocket.
    TrackerSend(TrackerId, String),
    /// Close a tracker's WebSocket.
    TrackerClose(TrackerId),
    /// Make a peer connection with one data channel and answer with [`Event::OfferMade`].
    MakeOffer(ConnectionId),
    /// Make a peer connection for this remote offer and answer with [`Event::AnswerMade`].
    AcceptOffer(ConnectionId, String),
    /// The remote answer to this connection's offer.
    AcceptAnswer(ConnectionId, String),
    /// Send bytes on the data channel, as one message; report with [`Event::Sent`] when they have left.
    Send(ConnectionId, Bytes),
    /// Close and forget this connection.
    Close(ConnectionId),
    /// Something to play or show.
    Play(Playback),
}

/// What a viewer's player is told, in playing order.
#[derive(Clone, Debug)]
pub enum Playback {
    /// A broadcast begins: its init segment comes first, and its segments follow.
    Broadcast(Arc<Description>),
    /// The same broadcast has a newer description (title, paused, ended).
    Changed(Arc<Description>),
    /// The next segment, verified. Numbers that are left out were lost; the one after a loss begins with a key frame.
    Segment(Arc<Segment>),
}

/// A verified segment.
#[derive(Clone, Debug)]
pub struct Segment {
    /// Its place in the broadcast.
    pub number: SegmentNumber,
    /// Where it is on the broadcast's time line.
    pub presentation_time: Duration,
    /// How long it plays.
    pub duration: Duration,
    /// Whether it begins with a key frame, so that a viewer can join at it.
    pub key_frame: bool,
    /// When the streamer had captured its last frame, by the streamer's wall clock.
    pub captured_at: UnixMillis,
    /// `moof` and `mdat` (ISO/IEC 14496-12).
    pub bytes: Bytes,
}

/// What this peer is to the channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Holds the channel's key and adds segments.
    Streamer,
    /// Plays, verifies and passes on.
    Viewer,
}

/// Where a viewer stands, as a person would be told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Status {
    /// Nobody has been reached yet.
    #[default]
    Connecting,
    /// A tracker answers, but nobody of this channel is there.
    Waiting,
    /// Segments arrive.
    Live,
    /// The streamer has paused the broadcast.
    Paused,
    /// Segments arrived, and do no more.
    Reconnecting,
    /// The audience's upload is not enough for all: this viewer goes without until there is room.
    StandingAside,
    /// The streamer has ended the broadcast.
    Ended,
}

impl Status {
    /// One word, for JSON and the page.
    pub fn name(self) -> &'static str {
        match self {
            Self::Connecting => "connecting",
            Self::Waiting => "waiting",
            Self::Live => "live",
            Self::Paused => "paused",
            Self::Reconnecting => "reconnecting",
            Self::StandingAside => "aside",
            Self::Ended => "ended",
        }
    }
}

/// Counters since the swarm was made, and levels as they are now.
#[derive(Clone, Debug, Default)]
pub struct Stats {
    /// Where a viewer stands.
    pub status: Status,
    /// Connected peers whose handshake is done.
    pub peers: usize,
    /// People watching, as far as is known: what trackers count, or the connected viewers where that is more.
    pub viewers: usize,
    /// All bytes handed to [`Action::Send`].
    pub uploaded_bytes: u64,
    /// Those of them that were piece data.
    pub uploaded_piece_bytes: u64,
    /// All bytes received.
    pub downloaded_bytes: u64,
    /// Piece data that was new and verified.
    pub downloaded_piece_bytes: u64,
    /// Piece data that came more than once.
    pub duplicate_bytes: u64,
    /// Segments published (streamer) or completed (viewer).
    pub segments: u64,
    /// Bytes of those segments.
    pub stream_bytes: u64,
    /// Segments that were not complete when playing had to go on without them.
    pub lost_segments: u64,
    /// Peers dropped because what they sent did not verify.
    pub banned_peers: u64,
    /// Trackers whose WebSocket is open now.
    pub trackers_open: usize,
    /// Of [`Stats::downloaded_piece_bytes`], what came from the streamer itself; the rest came from viewers.
    pub from_streamer_bytes: u64,
    /// Whether this peer passes nothing on, by choice.
    pub upload_off: bool,
    /// What this peer's upload carries in bytes a second, as far as it has been tried.
    pub upload_rate: u64,
    /// How many whole streams this peer would pass on, and how many it passes on now.
    pub upload_capacity: f64,
    /// See [`Stats::upload_capacity`].
    pub upload_used: f64,
    /// Which part of the stream is wanting among the audience because nobody has the upload for it, from 0 to 1; seen
    /// from here, smoothed over seconds.
    pub audience_hunger: f64,
    /// Which part of the audience goes without for now, so that the others get everything ([`Status::StandingAside`]).
    pub audience_aside: f64,
    /// Whether these are so much that a streamer should be told.
    pub audience_short_of_upload: bool,
}

/// One connected peer.
#[derive(Clone, Debug)]
pub struct PeerStats {
    /// The connection it is reached by.
    pub connection: ConnectionId,
    /// Its name.
    pub peer: PeerId,
    /// Whether it has shown that it is the streamer.
    pub streamer: bool,
    /// When its handshake was done.
    pub since: Time,
    /// Piece data got from it.
    pub downloaded_piece_bytes: u64,
    /// Piece data given to it.
    pub uploaded_piece_bytes: u64,
    /// Round-trip time, once measured.
    pub round_trip: Option<Duration>,
    /// How many eighths of the stream it pushes to us.
    pub stripes_from: usize,
    /// How many eighths of the stream we push to it.
    pub stripes_to: usize,
    /// Whether it says that it passes nothing on.
    pub upload_off: bool,
    /// How many eighths of the stream it says it pushes to others, all of them together.
    pub passes_on: usize,
    /// How long after the streamer it says it passes on what it gets, by the slowest stripe of those that it gets.
    pub delay: Option<Duration>,
}

/// One tracker, as it stands now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrackerStats {
    /// Its place in [`crate::Config::trackers`].
    pub tracker: TrackerId,
    /// Its address.
    pub url: String,
    /// Whether it is connected.
    pub state: TrackerState,
    /// Why it does not take our announces, in its own words (untrusted).
    pub refusal: Option<String>,
    /// Viewers that it knows of, as last heard.
    pub viewers: usize,
}

/// Whether a tracker is connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrackerState {
    /// Its socket is being opened.
    Connecting,
    /// Its socket is open.
    Connected,
    /// It is tried again later.
    Waiting {
        /// When.
        until: Time,
    },
}

/// A segment's pieces, as a piece map shows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SegmentPieces {
    /// The segment's place in the broadcast.
    pub number: SegmentNumber,
    /// Its pieces in order.
    pub pieces: Vec<PieceState>,
}

/// Where a piece is, or came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PieceState {
    /// It is not here, and playing has gone on without it.
    Missing,
    /// It is not here yet.
    OnItsWay,
    /// The streamer itself sent it.
    FromStreamer,
    /// Another viewer passed it on.
    FromViewer,
}
