//! What the viewer and the relay are told.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use swarm::ShareLink;

use crate::seeder::{
    IceServer, NetworkOptions, PortRange, SharedPort, SharedPortError, StunServer, TrackerPart,
    TurnServer,
};
use crate::segmenter::Bitrate;

/// What the viewer is told.
#[derive(Clone, Debug, Default)]
pub struct WatchOptions {
    /// The share link, as the streamer copied it.
    pub link: String,
    /// Where the stream goes.
    pub output: OutputTarget,
    /// How long to watch at most.
    pub duration: Option<Duration>,
    /// Whether to wait for the next broadcast when one ends.
    pub keep: bool,
    /// Whether to say each segment's magnet link.
    pub list_segments: bool,
    /// How to say what happens.
    pub report: ReportFormat,
    /// From where peers are reached.
    pub network: NetworkOptions,
    /// By which paths.
    pub paths: ViewerPaths,
}

/// What the relay is told.
#[derive(Clone, Debug, Default)]
pub struct RelayOptions {
    /// The share link, as the streamer copied it.
    pub link: String,
    /// The most that is sent, all viewers together; `None` for what the path carries.
    pub upload_limit: Option<Bitrate>,
    /// How long to help at most.
    pub duration: Option<Duration>,
    /// How to say what happens.
    pub report: ReportFormat,
    /// From where peers are reached.
    pub network: NetworkOptions,
    /// By which paths.
    pub paths: ViewerPaths,
}

/// By which paths peers beyond a router are reached.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ViewerPaths {
    /// STUN servers; `None` for those that the link names.
    pub stun: Option<Vec<StunServer>>,
    /// A TURN server of this viewer's own.
    pub turn: Option<TurnServer>,
    /// The UDP ports that a firewall lets through, of which connections share one; `None` for any.
    pub udp_ports: Option<PortRange>,
}

impl ViewerPaths {
    /// What the driver is told, given what the link says.
    pub(super) fn applied(
        self,
        mut network: NetworkOptions,
        link: &ShareLink,
    ) -> Result<NetworkOptions, SharedPortError> {
        let stun = self.stun.unwrap_or_else(|| {
            // The link's reader has taken nothing else.
            let named = link.stun.iter();
            named.filter_map(|server| server.parse().ok()).collect()
        });
        network.ice_servers.extend(stun.iter().map(IceServer::from));
        network
            .ice_servers
            .extend(self.turn.iter().map(IceServer::from));
        network.tracker_part = Some(TrackerPart::of(&link.channel));
        if let Some(ports) = &self.udp_ports {
            network.shared_port = Some(Arc::new(SharedPort::bind(Some(ports))?));
        }
        Ok(network)
    }
}

/// Where the stream goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum OutputTarget {
    /// Nowhere: it is watched for its figures.
    #[default]
    Nowhere,
    /// Standard output, for a player. What is said then goes to standard error.
    StandardOutput,
    /// A file, which is begun anew.
    File(PathBuf),
}

impl OutputTarget {
    /// As on the command line: `-` is standard output, anything else a file.
    pub fn from_argument(argument: &str) -> Self {
        match argument {
            "-" => Self::StandardOutput,
            path => Self::File(path.into()),
        }
    }
}

/// How to say what happens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReportFormat {
    /// Not at all.
    #[default]
    Silent,
    /// In words, to standard error.
    Words,
    /// One JSON object a line.
    Json,
}
