//! Sockets that systemd listens at for the program (`sd_listen_fds(3)`): it keeps them while the program is started again, so
//! that whoever comes in between waits a moment, and nobody is turned away.

use std::io;
use std::sync::Arc;

use listenfd::ListenFd;

use crate::server::Door;

/// How a `.socket` unit names the socket at which those who come by plain HTTP are led on (`FileDescriptorName=`).
const REDIRECT: &str = "redirect";

/// What has been given.
#[derive(Debug, Default)]
pub(super) struct Given {
    pub(super) listeners: Vec<Arc<std::net::TcpListener>>,
    pub(super) redirect: Option<Door>,
}

/// Something else has been given.
#[derive(Debug, thiserror::Error)]
#[error(
    "a socket of the .socket unit is none that connections come to: {0}; use ListenStream= with a port"
)]
pub(super) struct NotListening(io::Error);

impl Given {
    pub(super) fn from_environment() -> Result<Self, NotListening> {
        let names = std::env::var("LISTEN_FDNAMES").unwrap_or_default();
        let mut names = names.split(':');
        let mut sockets = ListenFd::from_env();
        let mut given = Self::default();
        for place in 0..sockets.len() {
            let listener = sockets.take_tcp_listener(place).map_err(NotListening)?;
            let (Some(listener), name) = (listener.map(Arc::new), names.next()) else {
                continue;
            };
            if name == Some(REDIRECT) {
                given.redirect = Some(Door::Given(listener));
            } else {
                given.listeners.push(listener);
            }
        }
        Ok(given)
    }
}
