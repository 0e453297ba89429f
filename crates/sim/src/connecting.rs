//! Connections between hosts: session descriptions, opening, NATs that cannot, closing. Each end knows only its own half;
//! the other learns of it by a message that takes its way.
//!
//! Not here: who connects to whom, which the swarm decides.

use std::fmt::Write;
use std::time::Duration;

use swarm::{ConnectionId, Event};

use crate::board::Board;
use crate::host::{End, Link};
use crate::shard::{Happening, Shard};

/// Round trips from an answer to an open data channel: ICE, DTLS and SCTP.
const OPENING_ROUND_TRIPS: u32 = 4;
/// After how long ICE gives up on a pair that cannot connect.
const ICE_FAILURE: Duration = Duration::from_secs(12);
/// As long as a browser's session description.
const SDP_LEN: usize = 912;
const PADDING: &str = match std::str::from_utf8(&[b' '; SDP_LEN]) {
    Ok(padding) => padding,
    Err(_) => unreachable!(),
};

/// What a session description says.
struct Session {
    end: End,
    hard_nat: bool,
}

impl Session {
    fn parse(sdp: &str) -> Option<Self> {
        let mut parts = sdp.split_whitespace().map(str::parse::<u64>);
        let mut part = || parts.next()?.ok();
        Some(Self {
            end: End {
                host: usize::try_from(part()?).ok()?,
                connection: ConnectionId(part()?),
            },
            hard_nat: part()? != 0,
        })
    }
}

impl Shard {
    /// A session description as long as a browser's, in which only the beginning means something.
    pub(crate) fn sdp(&self, board: &Board, host: usize, connection: ConnectionId) -> String {
        let hard_nat = u8::from(self.host(host).hard_nat);
        let mut sdp = String::with_capacity(SDP_LEN);
        // Writing into a string cannot fail.
        let _ = write!(
            sdp,
            "{host} {} {hard_nat} {}",
            connection.0, board.broadcasts
        );
        sdp.push_str(PADDING.get(sdp.len()..).unwrap_or_default());
        sdp
    }

    /// Makes this end of a connection.
    pub(crate) fn connect(
        &mut self,
        board: &Board,
        host: usize,
        connection: ConnectionId,
        sdp: &str,
    ) -> Option<(Link, bool)> {
        let session = Session::parse(sdp)?;
        let way = board.way(host, session.end.host);
        let link = Link::new(session.end, way, self.now);
        self.host_mut(host).set_link(connection, Some(link));
        Some((link, session.hard_nat))
    }

    pub(crate) fn open(&mut self, board: &Board, host: usize, connection: ConnectionId, sdp: &str) {
        let Some((link, hard_nat)) = self.connect(board, host, connection, sdp) else {
            return;
        };
        let blocked = hard_nat && self.host(host).hard_nat;
        for end in [End { host, connection }, link.to] {
            let (after, event) = if blocked {
                (ICE_FAILURE, Event::Closed(end.connection))
            } else {
                let opened = Event::Opened(end.connection);
                (link.way * 2 * OPENING_ROUND_TRIPS, opened)
            };
            self.put(end.host, self.now + after, Happening::To(end.host, event));
        }
    }

    pub(crate) fn close(&mut self, host: usize, connection: ConnectionId) {
        if let Some(link) = self.host_mut(host).set_link(connection, None) {
            let hang = Happening::Hang(link.to, End { host, connection });
            self.put(link.to.host, self.now + link.way, hang);
        }
    }

    /// The other end has closed a connection, if this one knows it as its own.
    pub(crate) fn hang(&mut self, board: &Board, own: End, other: End) {
        let host = self.host_mut(own.host);
        if host
            .link(own.connection)
            .is_some_and(|link| link.to == other)
        {
            host.set_link(own.connection, None);
            self.handle(board, own.host, Event::Closed(own.connection));
        }
    }
}
