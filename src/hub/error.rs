//! Why a hub cannot start, or cannot read something again.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use catalogue::PolicyError;

use crate::http_client::HttpError;
use crate::server::{ServerError, TlsError};

/// Why a hub cannot start, or cannot read something again.
#[derive(Debug, thiserror::Error)]
pub enum HubError {
    /// The server cannot start.
    #[error(transparent)]
    Server(#[from] ServerError),
    /// The certificate cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// A list of channels cannot be read.
    #[error("cannot read the list of channels {path}: {source}")]
    List {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A list of channels has something else in it.
    #[error("the list of channels {path}: {source}")]
    Channels {
        /// Which file.
        path: PathBuf,
        /// What.
        source: PolicyError,
    },
    /// Figures cannot be served.
    #[error("cannot listen on {address} for Prometheus: {source}; choose another with --metrics")]
    Metrics {
        /// Where.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// Other hubs cannot be asked.
    #[error("other hubs cannot be asked: {0}")]
    Client(HttpError),
    /// An address that is none of a hub.
    #[error("'{0}' is no address of a hub; write it as https://hub.example/")]
    Mirror(String),
}
