//! One UDP port for many connections, as a firewall or a router lets it through.
//!
//! ```text
//! connection ─ SeatSocket ─┐                      ┌─ checks: by the name in them
//! connection ─ SeatSocket ─┼─> Line (IPv4, IPv6) <─┼─ responses: by the request's number
//! connection ─ SeatSocket ─┘   sent from there     └─ the rest: by the peer's address   (Seats)
//! ```
//!
//! The WebRTC library binds a socket for each connection and address itself, before its runtime is asked to wrap it. So the
//! runtime of a connection here lets go of that socket and gives back a part of the shared one, and the descriptions that
//! peers get have the shared port in the place of the library's. What goes to a TURN server leaves by the
//! library's own socket all the same: such a server tells clients apart by it.
//!
//! Two peers that both share ports have one pair of addresses for all their connections. Only the latest one works then,
//! which is enough: the swarm has one.

mod description;
mod line;
mod packet;
mod runtime;
mod seats;
mod socket;

use std::io;
use std::net::SocketAddrV4;
use std::sync::{Arc, Mutex, PoisonError};

use socket2::Domain;
use tokio::task::JoinHandle;
use webrtc::runtime::Runtime;

use self::line::Line;
use self::runtime::SeatRuntime;
use self::seats::{SeatId, Seats};
use super::PortRange;

/// How often the system is asked for a port that is free for IPv4 and IPv6, where any will do.
const TRIES: usize = 16;

/// No port could be had.
#[derive(Debug, thiserror::Error)]
pub enum SharedPortError {
    /// All are taken, or none may be had.
    #[error(
        "none of the UDP ports {0} can be used ({1}); end the program that has them, or choose others"
    )]
    Range(PortRange, io::Error),
    /// The system gives none.
    #[error("the operating system gives no UDP port: {0}")]
    Any(io::Error),
}

/// A UDP port that connections share. It is closed with the last one that holds it.
#[derive(Debug)]
pub struct SharedPort {
    port: u16,
    lines: Arc<[Arc<Line>]>,
    seats: Arc<Seats>,
    /// Where the router lets peers in to it.
    outside: Mutex<Option<SocketAddrV4>>,
    tasks: Vec<JoinHandle<()>>,
}

impl SharedPort {
    /// Binds the first port of the range that is free, or any.
    ///
    /// # Errors
    ///
    /// When there is none.
    ///
    /// # Panics
    ///
    /// Outside a Tokio runtime.
    pub fn bind(range: Option<&PortRange>) -> Result<Self, SharedPortError> {
        let Some(range) = range else {
            return Self::any().map_err(SharedPortError::Any);
        };
        let mut refused = None;
        for port in range.ports() {
            match Self::at(port) {
                Ok(shared) => return Ok(shared),
                Err(error) => refused = Some(error),
            }
        }
        let error = refused.unwrap_or_else(|| io::ErrorKind::AddrInUse.into());
        Err(SharedPortError::Range(range.clone(), error))
    }

    fn any() -> io::Result<Self> {
        let mut last = io::Error::from(io::ErrorKind::AddrInUse);
        for _ in 0..TRIES {
            match Self::at(0) {
                Err(error) if error.kind() == io::ErrorKind::AddrInUse => last = error,
                bound => return bound,
            }
        }
        Err(last)
    }

    /// For IPv4 and IPv6, or for that which the system has.
    fn at(port: u16) -> io::Result<Self> {
        let first = Line::bind(Domain::IPV4, port);
        let port = match &first {
            Ok(line) => line.port()?,
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => return Err(again(error)),
            Err(_) => port,
        };
        let second = Line::bind(Domain::IPV6, port);
        let lines: Arc<[Arc<Line>]> = match (first, second) {
            (Ok(v4), Ok(v6)) => [v4, v6].map(Arc::new).into(),
            (_, Err(error)) if error.kind() == io::ErrorKind::AddrInUse => return Err(error),
            (Ok(line), Err(_)) | (Err(_), Ok(line)) => [Arc::new(line)].into(),
            (Err(error), Err(_)) => return Err(error),
        };
        let seats = Arc::new(Seats::default());
        let tasks = lines
            .iter()
            .map(|line| tokio::spawn(Arc::clone(line).deliver(Arc::clone(&seats))))
            .collect();
        Ok(Self {
            port: lines[0].port()?,
            lines,
            seats,
            outside: Mutex::default(),
            tasks,
        })
    }

    /// Which one it is.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Where the router lets peers in to it, from now on; `None` for nowhere.
    pub fn set_outside(&self, outside: Option<SocketAddrV4>) {
        *self.outside.lock().unwrap_or_else(PoisonError::into_inner) = outside;
    }

    fn outside(&self) -> Option<SocketAddrV4> {
        *self.outside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place for a new connection.
    pub(super) fn seat(self: &Arc<Self>, has_turn: bool) -> Seat {
        Seat {
            id: self.seats.take(),
            port: Arc::clone(self),
            has_turn,
        }
    }
}

impl Drop for SharedPort {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

fn again(error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), error.to_string())
}

/// A connection's place at a shared port. Dropping it gives it up.
#[derive(Debug)]
pub(super) struct Seat {
    id: SeatId,
    port: Arc<SharedPort>,
    has_turn: bool,
}

impl Seat {
    /// What the library is to run in.
    pub(super) fn runtime(&self) -> Arc<dyn Runtime> {
        Arc::new(SeatRuntime {
            seat: self.id,
            seats: Arc::clone(&self.port.seats),
            lines: Arc::clone(&self.port.lines),
            keeps_own: self.has_turn,
        })
    }

    /// The library's description as the peer is to get it. From now on the peer's checks find this connection.
    pub(super) fn told(&self, sdp: &str) -> String {
        if let Some(ufrag) = description::ufrag(sdp) {
            self.port.seats.name(self.id, ufrag);
        }
        description::told(sdp, self.port.port, self.port.outside())
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.port.seats.leave(self.id);
    }
}
