//! What a hub is told.

use std::net::SocketAddr;
use std::path::PathBuf;

use catalogue::Limits;

use super::paths::PagePaths;
use crate::server::ServerOptions;

/// What a hub is told.
#[derive(Clone, Debug, Default)]
pub struct HubOptions {
    /// Where it listens, with which certificate, and how many connections it takes.
    pub server: ServerOptions,
    /// Under which address people reach it, such as `https://hub.example/`; `None` for whatever they have asked for.
    pub url: Option<String>,
    /// Whose it is.
    pub operator: Operator,
    /// How much the catalogue takes.
    pub catalogue: Limits,
    /// A file of the only channels that are listed.
    pub allow: Option<PathBuf>,
    /// A file of channels that are not listed.
    pub deny: Option<PathBuf>,
    /// Other hubs, whose channels are listed here too.
    pub mirrors: Vec<String>,
    /// STUN and TURN servers that the viewer page tells browsers of.
    pub paths: PagePaths,
    /// Where Prometheus gets figures.
    pub metrics: Option<SocketAddr>,
}

/// Who runs a hub: shown on its front page, as text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Operator {
    /// A name; empty where nobody says.
    pub name: String,
    /// How to reach them: an address of mail or of a page.
    pub contact: String,
}

/// What is said of the hub itself.
#[derive(Debug)]
pub(super) struct Signboard {
    pub(super) operator: Operator,
    pub(super) url: Option<String>,
}
