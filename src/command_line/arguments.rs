//! What the program is told on its command line.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};

use swarm::{Category, DonationLink};

use super::hub::HubArguments;
use super::{control, sources};
use crate::broadcast::{PageAddress, TrackerAddress};
use crate::capture::{Corner, OverlaySize, SoundSource, VideoSource};
use crate::seeder::{PortRange, StunServer, TurnServer};
use crate::segmenter::{Bitrate, EncoderChoice, Resolution};
use crate::server::Listen;
use crate::watch::ViewerPaths;

/// Where a TURN server's password may be said without everybody on this machine seeing it.
const TURN_PASSWORD: &str = "LIVEONTORRENT_TURN_PASSWORD";

/// Live broadcasting without a server: your viewers pass the stream on to each other.
///
/// Without arguments it opens the window.
#[derive(Debug, Parser)]
#[command(version, after_help = EXIT_CODES)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) action: Option<Action>,
}

const EXIT_CODES: &str = "Exit codes: 0 ended as it should; 1 could not begin, or broke off (the reason and what to do \
    are on standard error); 2 wrong arguments.";

#[derive(Debug, Subcommand)]
pub(super) enum Action {
    /// Go live without a window.
    #[command(after_help = [control::HELP, EXIT_CODES].join("\n\n"))]
    Broadcast(Box<BroadcastArguments>),
    /// Watch a broadcast without a browser: writes the stream, or only its figures.
    #[command(after_help = EXIT_CODES)]
    Watch(WatchArguments),
    /// Help a channel with this machine's upload: passes its broadcasts on to viewers, and plays and keeps nothing.
    #[command(after_help = EXIT_CODES)]
    Relay(RelayArguments),
    /// Run a public front page with a tracker, for streamers who want to be found
    #[command(after_help = EXIT_CODES)]
    Hub(Box<HubArguments>),
    /// List what can be picked as picture and sound.
    #[command(after_help = EXIT_CODES)]
    Devices(DevicesArguments),
    /// Write the page that viewers see as a folder, for any host that serves files.
    #[command(after_help = EXIT_CODES)]
    ExportPage(ExportPageArguments),
    /// Move your channel, and with it your link, to another computer.
    #[command(after_help = EXIT_CODES, subcommand)]
    Channel(ChannelAction),
}

#[derive(Debug, Subcommand)]
pub(super) enum ChannelAction {
    /// Save a copy of the channel's key. Whoever has it can broadcast as you
    Save {
        /// Into which file
        file: PathBuf,
        /// Replace a file that is there already
        #[arg(long)]
        replace: bool,
    },
    /// Take the channel of a copy over. The key of the channel until now is kept
    Load {
        /// The file that was saved on the other computer
        file: PathBuf,
    },
}

#[derive(Debug, Args)]
pub(super) struct BroadcastArguments {
    /// What is seen: test, test:busy (takes the whole rate), screen, screen:MONITOR, screen:WIDTHxHEIGHT+X+Y, window:ID, camera, camera:ID, or file:PATH
    #[arg(long, value_parser = sources::video)]
    pub(super) source: VideoSource,
    /// What is heard: none, own (the source's own), microphone, microphone:ID, or computer (what it plays).
    /// Without it: own for test and file, none for the others
    #[arg(long, value_parser = sources::sound)]
    pub(super) sound: Option<SoundSource>,
    /// A second picture over a corner of the first, such as camera; written as for --source. It has no sound
    #[arg(long, value_name = "SOURCE", value_parser = sources::video)]
    pub(super) overlay: Option<VideoSource>,
    /// In which corner: top-left, top-right, bottom-left, or bottom-right
    #[arg(long, value_name = "CORNER", value_parser = sources::corner, default_value = "bottom-right")]
    pub(super) overlay_corner: Corner,
    /// How large: small (a sixth of the picture's width), medium (a quarter), or large (three eighths)
    #[arg(long, value_name = "SIZE", value_parser = sources::overlay_size, default_value = "medium")]
    pub(super) overlay_size: OverlaySize,
    /// What viewers read above the picture
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(super) title: String,
    /// Who broadcasts. Without it: nobody's name is shown
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(super) author: String,
    /// What it is about, at most 4,000 characters
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(super) description: String,
    /// What kind of thing it is, such as music, gaming or how-to (a wrong one is answered with all of them)
    #[arg(long, value_parser = Category::from_name)]
    pub(super) category: Option<Category>,
    /// A word by which it may be found; may be given up to 20 times
    #[arg(long, value_name = "WORD")]
    pub(super) keyword: Vec<String>,
    /// Ask viewers before they are shown it
    #[arg(long)]
    pub(super) sensitive: bool,
    /// Where viewers may give something: a web address
    #[arg(long, value_name = "LINK", value_parser = DonationLink::parse)]
    pub(super) donation: Option<DonationLink>,
    /// Where viewers get the page: PORT, or ADDRESS:PORT. Without it: port 8080, or the next free one, on all addresses
    #[arg(long, value_parser = sources::listen)]
    pub(super) listen: Option<Listen>,
    /// Share the page of this hub, and be found at its tracker: a web address, such as https://hub.example/
    #[arg(long, value_name = "URL")]
    pub(super) hub: Option<PageAddress>,
    /// Have the hub list the broadcast on its front page, with a picture of it
    #[arg(long, requires = "hub")]
    pub(super) list: bool,
    /// Have it listed without a picture
    #[arg(long, requires = "list")]
    pub(super) no_thumbnail: bool,
    /// Share the page of this host of files, such as an exported page's, which has no tracker: name one with --tracker
    #[arg(long, value_name = "URL", conflicts_with = "hub", requires = "tracker")]
    pub(super) page: Option<PageAddress>,
    /// Be found at this WebTorrent tracker too, such as wss://tracker.example/; may be given several times
    #[arg(long, value_name = "URL")]
    pub(super) tracker: Vec<TrackerAddress>,
    /// Have the router let viewers in (by UPnP, PCP or NAT-PMP): to the stream, and to the page, where it is from this machine
    #[arg(long)]
    pub(super) map_port: bool,
    /// Announce each segment under its own info-hash too, so that any WebTorrent client can download it (see watch
    /// --list-segments)
    #[arg(long)]
    pub(super) announce_segments: bool,
    #[command(flatten)]
    pub(super) paths: PathArguments,
    /// The picture's rate, such as 2500k or 2.5M (bits a second). Without it: one that suits resolution and rate
    #[arg(long)]
    pub(super) bitrate: Option<Bitrate>,
    /// The picture's size: 360p, 480p, 720p, 1080p, or WIDTHxHEIGHT
    #[arg(long, default_value = "720p")]
    pub(super) resolution: Resolution,
    /// Pictures a second, 5 to 60
    #[arg(long, default_value_t = 30)]
    pub(super) fps: u32,
    /// How long a segment plays, 100 to 2000. Shorter ones arrive sooner and cost a little more
    #[arg(long, default_value_t = 250)]
    pub(super) segment_ms: u64,
    /// From key frame to key frame, 500 to 10000
    #[arg(long, default_value_t = 2000)]
    pub(super) key_frame_ms: u64,
    /// Which encoder: auto, vaapi, nvenc, v4l2, x264, or openh264
    #[arg(long, default_value = "auto")]
    pub(super) encoder: EncoderChoice,
    /// The most to send, all viewers together, such as 8M (bits a second). Without it: what the connection carries
    #[arg(long, value_name = "RATE", value_parser = sources::upload_limit)]
    pub(super) upload_limit: Option<Bitrate>,
    /// Record into this file too: an MP4 that any player opens
    #[arg(long, value_name = "FILE")]
    pub(super) record: Option<PathBuf>,
    /// Let --record replace a file that is there already
    #[arg(long, requires = "record")]
    pub(super) replace: bool,
    /// Take commands from standard input, such as pause and continue (listed below)
    #[arg(long)]
    pub(super) control: bool,
    /// End after so many seconds. Without it: until Ctrl-C
    #[arg(long, value_name = "SECONDS", value_parser = sources::seconds)]
    pub(super) duration: Option<Duration>,
    /// One JSON object a line instead of words
    #[arg(long)]
    pub(super) json: bool,
}

/// By which paths peers beyond a router are reached.
#[derive(Debug, Args)]
pub(super) struct PathArguments {
    /// Learn this machine's address as seen from outside from this STUN server, HOST:PORT; may be given several times.
    /// Without it: what the link names, or for a broadcast that is shared beyond this network two public ones
    #[arg(long, value_name = "SERVER")]
    stun: Vec<StunServer>,
    /// Ask no STUN server
    #[arg(long, conflicts_with = "stun")]
    no_stun: bool,
    /// Send by way of this TURN server where there is no direct path: turn:HOST:PORT. Its password stays on this machine
    #[arg(long, value_name = "SERVER", requires = "turn_user")]
    turn: Option<String>,
    /// The TURN server's user name
    #[arg(long, value_name = "NAME", requires = "turn")]
    turn_user: Option<String>,
    /// Its password. Better in the environment, as LIVEONTORRENT_TURN_PASSWORD: command lines can be seen by others
    #[arg(long, value_name = "PASSWORD", requires = "turn")]
    turn_password: Option<String>,
    /// Use only this UDP port for all peers, or the first free one of FIRST-LAST
    #[arg(long, value_name = "PORTS")]
    pub(super) udp_ports: Option<PortRange>,
}

impl PathArguments {
    /// The STUN servers that are asked for; `None` where nothing is said of them.
    pub(super) fn stun(&self) -> Option<Vec<StunServer>> {
        (self.no_stun || !self.stun.is_empty()).then(|| self.stun.clone())
    }

    /// The TURN server.
    pub(super) fn turn(&self) -> anyhow::Result<Option<TurnServer>> {
        let Some(url) = &self.turn else {
            return Ok(None);
        };
        let user = self.turn_user.as_deref().unwrap_or_default();
        let password = match &self.turn_password {
            Some(password) => password.clone(),
            None => std::env::var(TURN_PASSWORD).unwrap_or_default(),
        };
        Ok(Some(TurnServer::new(url, user, &password)?))
    }

    /// For a peer that joins by a link.
    pub(super) fn network(&self) -> anyhow::Result<ViewerPaths> {
        Ok(ViewerPaths {
            stun: self.stun(),
            turn: self.turn()?,
            udp_ports: self.udp_ports.clone(),
        })
    }
}

#[derive(Debug, Args)]
pub(super) struct WatchArguments {
    /// The share link
    pub(super) link: String,
    /// Where the stream goes: a file, or - for standard output, as in: liveontorrent watch LINK --output - | mpv -
    #[arg(long)]
    pub(super) output: Option<String>,
    #[command(flatten)]
    pub(super) paths: PathArguments,
    /// End after so many seconds. Without it: when the broadcast ends, or at Ctrl-C
    #[arg(long, value_name = "SECONDS", value_parser = sources::seconds)]
    pub(super) duration: Option<Duration>,
    /// Wait for the next broadcast when one ends
    #[arg(long)]
    pub(super) keep: bool,
    /// Print each segment's magnet link, by which any WebTorrent client downloads it within half a minute where the
    /// streamer announces segments
    #[arg(long)]
    pub(super) list_segments: bool,
    /// One JSON object a line instead of words
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(super) struct RelayArguments {
    /// The share link
    pub(super) link: String,
    /// The most to send, such as 20M or 800k (bits a second). Without it: what the connection carries
    #[arg(long, value_name = "RATE", value_parser = sources::upload_limit)]
    pub(super) upload_limit: Option<Bitrate>,
    #[command(flatten)]
    pub(super) paths: PathArguments,
    /// End after so many seconds. Without it: at Ctrl-C
    #[arg(long, value_name = "SECONDS", value_parser = sources::seconds)]
    pub(super) duration: Option<Duration>,
    /// One JSON object a line instead of words
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(super) struct DevicesArguments {
    /// One JSON object instead of words
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(super) struct ExportPageArguments {
    /// Where it is written: a folder that is new, empty, or an earlier export
    #[arg(value_name = "DIR")]
    pub(super) folder: PathBuf,
    /// Write into a folder that holds other things too; they stay
    #[arg(long)]
    pub(super) replace: bool,
}

/// Where a user's files of this program are, for the key and the choices.
pub(super) fn config_folder() -> anyhow::Result<PathBuf> {
    Ok(crate::seeder::ChannelKey::default_folder()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definitions_fit_together() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn without_arguments_there_is_nothing_to_do_but_to_open_the_window() {
        let arguments = Arguments::try_parse_from(["liveontorrent"]).unwrap();
        assert!(arguments.action.is_none());
    }

    #[test]
    fn a_broadcast_is_told_by_its_source_alone() {
        let line = ["liveontorrent", "broadcast", "--source", "test"];
        let Ok(Arguments {
            action: Some(Action::Broadcast(options)),
        }) = Arguments::try_parse_from(line)
        else {
            panic!("no broadcast");
        };
        assert_eq!(options.source, VideoSource::Test);
        assert_eq!(options.sound, None);
        assert!(Arguments::try_parse_from(["liveontorrent", "broadcast"]).is_err());
    }
}
