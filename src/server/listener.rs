//! Gets a port to listen on.

use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::TcpListener;

use super::{DEFAULT_PORT, Door, Listen, ServerError};

/// How many ports are tried from the default one on. Chosen; nobody runs so many servers.
const PORTS_TRIED: u16 = 100;
/// Connections that may wait to be accepted: all who watch come again within a second after a restart, and who does not fit
/// tries again only after one more. The system takes less where it is set to (Linux: 4,096).
const BACKLOG: i32 = 4096;

/// A port of our own.
pub(super) struct Bound {
    pub(super) listener: TcpListener,
    /// The default port, when it was taken.
    pub(super) port_was_taken: Option<u16>,
}

pub(super) fn bind(listen: Listen) -> Result<Bound, ServerError> {
    match listen {
        Listen::At(address) => Ok(Bound {
            listener: bind_at(address).map_err(|error| explain(address, error))?,
            port_was_taken: None,
        }),
        Listen::Anywhere => bind_from(DEFAULT_PORT),
        Listen::From(port) => bind_from(port),
    }
}

/// Listens at a door.
pub(super) fn open(door: &Door) -> Result<TcpListener, ServerError> {
    match door {
        Door::At(address) => bind_at(*address).map_err(|error| explain(*address, error)),
        Door::Given(listener) => adopt(listener).map_err(ServerError::Listener),
    }
}

/// A handle of our own to a socket that is another's. What waits there when we end waits for the next one.
pub(super) fn adopt(given: &std::net::TcpListener) -> io::Result<TcpListener> {
    let ours = given.try_clone()?;
    ours.set_nonblocking(true)?;
    TcpListener::from_std(ours)
}

/// Takes the first free port from this one on, on all addresses.
fn bind_from(wanted: u16) -> Result<Bound, ServerError> {
    let last = wanted.saturating_add(PORTS_TRIED - 1);
    for port in wanted..=last {
        match bind_everywhere(port) {
            Ok(listener) => {
                return Ok(Bound {
                    listener,
                    port_was_taken: (port != wanted).then_some(wanted),
                });
            }
            Err(error) if error.kind() == ErrorKind::AddrInUse => {}
            Err(error) => {
                return Err(explain(
                    SocketAddr::from((Ipv4Addr::UNSPECIFIED, port)),
                    error,
                ));
            }
        }
    }
    Err(ServerError::NoFreePort {
        first: wanted,
        last,
    })
}

/// Listens on all addresses of both families, or of IPv4 where the machine has no IPv6.
fn bind_everywhere(port: u16) -> io::Result<TcpListener> {
    match bind_at(SocketAddr::from((Ipv6Addr::UNSPECIFIED, port))) {
        Err(error) if error.kind() != ErrorKind::AddrInUse => {
            bind_at(SocketAddr::from((Ipv4Addr::UNSPECIFIED, port)))
        }
        bound => bound,
    }
}

fn bind_at(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(
        Domain::for_address(address),
        Type::STREAM,
        Some(Protocol::TCP),
    )?;
    if address.is_ipv6() {
        // `[::]` takes IPv4 connections too, whatever the system's default.
        socket.set_only_v6(false)?;
    }
    // A port whose last connections are still in TIME_WAIT counts as free, so that a restart gets its port back.
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    socket.set_nonblocking(true)?;
    TcpListener::from_std(socket.into())
}

fn explain(address: SocketAddr, error: io::Error) -> ServerError {
    match error.kind() {
        ErrorKind::AddrInUse => ServerError::Taken(address),
        ErrorKind::PermissionDenied => ServerError::Forbidden(address),
        ErrorKind::AddrNotAvailable => ServerError::NotOurs(address.ip()),
        _ => ServerError::Listen {
            address,
            source: error,
        },
    }
}
