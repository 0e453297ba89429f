//! `liveontorrent broadcast`: goes live without a window.

use std::io::{IsTerminal, Write};
use std::net::SocketAddrV4;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use serde::Serialize;
use swarm::Details;
use tokio::sync::{mpsc, watch};
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_util::sync::CancellationToken;

use super::arguments::{BroadcastArguments, config_folder};
use super::control::Wish;
use super::interrupt::Interrupt;
use super::resources::Resources;
use super::{control, qr, sources};
use crate::broadcast::{
    Choices, Command, Engine, EngineOptions, Hint, Listed, Live, MAX_TRACKERS, PagePlace, Phase,
    Reach, Severity, Snapshot,
};
use crate::capture::{Input, Overlay, SourceState};
use crate::recording::RecordingOptions;
use crate::router::RouterPort;
use crate::seeder::{NetworkOptions, TrackerProgress, TrackerStatus};
use crate::segmenter::{Bitrate, Encoding};
use crate::server::ServerOptions;

/// How often figures are said.
const STATS_INTERVAL: Duration = Duration::from_secs(1);
/// What the first segment may take on the slowest machine; its encoder would be too slow for live pictures anyway.
const START_TIMEOUT: Duration = Duration::from_secs(30);

/// What is said with `--json`, one object a line.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
enum Report<'a> {
    Live {
        link: &'a str,
        encoder: &'a str,
    },
    Stats {
        viewers: usize,
        peers: usize,
        stream_bytes: u64,
        uploaded_bytes: u64,
        segments: u64,
        dropped_frames: u64,
        sound_db: i32,
        rss_bytes: u64,
        cpu_seconds: f64,
        trackers: Vec<TrackerReport<'a>>,
        reachability: &'static str,
        /// Where the router is asked for any.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        router_ports: Vec<RouterPortReport>,
    },
    /// The link is another one from now on.
    Link {
        link: &'a str,
    },
    Hint {
        severity: &'static str,
        text: &'a str,
    },
    Log {
        text: &'a str,
    },
    Paused,
    Continued,
    Ended,
}

/// A tracker with `--json`.
#[derive(Debug, Serialize)]
struct TrackerReport<'a> {
    url: &'a str,
    /// `connecting`, `connected` or `retrying`.
    state: &'static str,
    /// When it is tried again, where it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_in_seconds: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
}

/// A port on the router with `--json`.
#[derive(Debug, Serialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
enum RouterPortReport {
    Asking,
    Open {
        transport: &'static str,
        outside: SocketAddrV4,
        by: String,
    },
    Closed {
        transport: &'static str,
        reason: String,
    },
}

impl RouterPortReport {
    fn of(port: &RouterPort) -> Self {
        match port {
            RouterPort::Asking => Self::Asking,
            RouterPort::Open {
                transport,
                outside,
                by,
            } => Self::Open {
                transport: transport.name(),
                outside: *outside,
                by: by.to_string(),
            },
            RouterPort::Closed { transport, why, .. } => Self::Closed {
                transport: transport.name(),
                reason: why.to_string(),
            },
        }
    }
}

impl<'a> TrackerReport<'a> {
    fn of(tracker: &'a TrackerStatus) -> Self {
        let (state, retry_in) = match tracker.state {
            TrackerProgress::Connecting => ("connecting", None),
            TrackerProgress::Connected => ("connected", None),
            TrackerProgress::Retrying(after) => ("retrying", Some(after.as_secs_f64())),
        };
        Self {
            url: &tracker.url,
            state,
            retry_in_seconds: retry_in,
            reason: tracker.reason.as_deref(),
        }
    }
}

pub(super) async fn run(arguments: BroadcastArguments) -> anyhow::Result<()> {
    let recording = recording(&arguments)?;
    let interrupt = Interrupt::listen()?;
    let engine = Engine::start(EngineOptions {
        choices: choices(&arguments)?,
        config_folder: config_folder()?,
        remember: false,
        preview: false,
        server: ServerOptions {
            listen: arguments.listen.unwrap_or_default(),
            ..ServerOptions::default()
        },
        network: NetworkOptions::default(),
    });
    let mut telling = Telling::new(arguments.json, engine.snapshots());
    let commands = engine.commands();
    let told = async {
        if let Some(options) = recording {
            commands
                .send(Command::Record(options))
                .await
                .context("the engine has ended")?;
        }
        commands
            .send(Command::Start)
            .await
            .context("the engine has ended")?;
        telling.until_live(&interrupt.token()).await?;
        let token = interrupt.token();
        let over = async {
            match arguments.duration {
                Some(duration) => {
                    let _ = timeout(duration, token.cancelled()).await;
                }
                None => token.cancelled().await,
            }
        };
        let wishes = arguments.control.then(control::listen).transpose()?;
        telling.while_live(over, wishes, &commands).await
    };
    let told = told.await;
    engine.quit().await;
    told?;
    telling.say(&Report::Ended, "The broadcast has ended.")
}

fn choices(arguments: &BroadcastArguments) -> anyhow::Result<Choices> {
    let sound = arguments.sound.clone();
    let encoding = Encoding {
        resolution: arguments.resolution,
        frames_per_second: arguments.fps,
        video_bitrate: arguments
            .bitrate
            .unwrap_or_else(|| Bitrate::fitting(arguments.resolution, arguments.fps)),
        segment_duration: Duration::from_millis(arguments.segment_ms),
        key_frame_interval: Duration::from_millis(arguments.key_frame_ms),
        encoder: arguments.encoder,
    };
    encoding.check()?;
    Ok(Choices {
        input: Input {
            sound: sound.unwrap_or_else(|| sources::usual_sound(&arguments.source)),
            video: arguments.source.clone(),
        },
        overlay: overlay(arguments),
        encoding,
        details: details(arguments).fitted(),
        upload_limit: arguments.upload_limit,
        reach: reach(arguments)?,
        listed: Listed {
            wanted: arguments.list,
            without_picture: arguments.no_thumbnail,
        },
        // --listen says it.
        port: None,
    })
}

fn overlay(arguments: &BroadcastArguments) -> Overlay {
    let usual = Overlay::default();
    Overlay {
        shown: arguments.overlay.is_some(),
        source: arguments.overlay.clone().unwrap_or(usual.source),
        corner: arguments.overlay_corner,
        size: arguments.overlay_size,
    }
}

fn reach(arguments: &BroadcastArguments) -> anyhow::Result<Reach> {
    let page = match (&arguments.hub, &arguments.page) {
        (Some(hub), _) => PagePlace::Hub(hub.clone()),
        (None, Some(page)) => PagePlace::Files(page.clone()),
        (None, None) => PagePlace::Here,
    };
    let trackers = arguments.tracker.len() + usize::from(arguments.hub.is_some());
    if trackers > MAX_TRACKERS {
        bail!("at most {MAX_TRACKERS} trackers, the hub's included; leave some out");
    }
    Ok(Reach {
        page,
        trackers: arguments.tracker.clone(),
        stun: arguments.paths.stun(),
        turn: arguments.paths.turn()?,
        udp_ports: arguments.paths.udp_ports.clone(),
        map_port: arguments.map_port,
        announce_segments: arguments.announce_segments,
    })
}

fn recording(arguments: &BroadcastArguments) -> anyhow::Result<Option<RecordingOptions>> {
    let Some(path) = arguments.record.clone() else {
        return Ok(None);
    };
    let options = RecordingOptions {
        replace: arguments.replace,
        ..RecordingOptions::new(path)
    };
    if options.is_in_the_way() {
        bail!(
            "{} exists already; record to another file, or add --replace",
            options.path.display()
        );
    }
    Ok(Some(options))
}

fn details(arguments: &BroadcastArguments) -> Details {
    Details {
        title: arguments.title.clone(),
        author: arguments.author.clone(),
        description: arguments.description.clone(),
        category: arguments.category,
        keywords: arguments.keyword.clone(),
        sensitive: arguments.sensitive,
        donation: arguments.donation.clone(),
    }
}

/// Says what happens.
struct Telling {
    json: bool,
    snapshots: watch::Receiver<Arc<Snapshot>>,
    /// What has been said of hints and sources, so that each is said once.
    said: Vec<Hint>,
    /// The link as it was last said.
    link: String,
}

impl Telling {
    fn new(json: bool, snapshots: watch::Receiver<Arc<Snapshot>>) -> Self {
        Self {
            json,
            snapshots,
            said: Vec::new(),
            link: String::new(),
        }
    }

    async fn until_live(&mut self, interrupt: &CancellationToken) -> anyhow::Result<()> {
        let live = async {
            loop {
                let snapshot = Arc::clone(&self.snapshots.borrow_and_update());
                match &snapshot.phase {
                    Phase::Live(live) => return self.say_live(live),
                    Phase::Idle => {
                        let error = snapshot
                            .hints
                            .iter()
                            .find(|hint| hint.severity == Severity::Error);
                        if let Some(hint) = error {
                            bail!("{}", hint.text);
                        }
                    }
                    Phase::Starting | Phase::Stopping => {}
                }
                self.say_hints(&snapshot)?;
                self.snapshots
                    .changed()
                    .await
                    .context("the engine has ended")?;
            }
        };
        tokio::select! {
            live = timeout(START_TIMEOUT, live) => live.context(
                "no segment after half a minute; try a lower --resolution or another --encoder"
            )?,
            () = interrupt.cancelled() => Ok(()),
        }
    }

    async fn while_live(
        &mut self,
        over: impl Future<Output = ()>,
        mut wishes: Option<mpsc::Receiver<Wish>>,
        commands: &mpsc::Sender<Command>,
    ) -> anyhow::Result<()> {
        let mut over = std::pin::pin!(over);
        let mut was_paused = false;
        let mut is_stopping = false;
        let mut ticks = interval(STATS_INTERVAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        ticks.reset();
        loop {
            tokio::select! {
                () = &mut over => return Ok(()),
                _ = ticks.tick() => {
                    let snapshot = Arc::clone(&self.snapshots.borrow());
                    if let Phase::Live(live) = &snapshot.phase && self.json {
                        self.print(&stats(&snapshot, live))?;
                    }
                }
                Some(wish) = next(&mut wishes) => {
                    let snapshot = Arc::clone(&self.snapshots.borrow());
                    match wish.command(&snapshot.details, &snapshot.overlay) {
                        Some(command) => {
                            is_stopping |= command == Command::Stop;
                            commands.send(command).await.context("the engine has ended")?;
                        }
                        None => {
                            let text = snapshot.report();
                            self.say(&Report::Log { text: &text }, &text)?;
                        }
                    }
                }
                changed = self.snapshots.changed() => {
                    changed.context("the engine has ended")?;
                    let snapshot = Arc::clone(&self.snapshots.borrow_and_update());
                    self.say_hints(&snapshot)?;
                    match &snapshot.phase {
                        Phase::Idle if is_stopping => return Ok(()),
                        Phase::Idle => bail!("the broadcast broke off"),
                        Phase::Live(live) if live.link != self.link => self.say_link(live)?,
                        Phase::Live(live) if live.paused != was_paused => {
                            was_paused = live.paused;
                            self.say_paused(live.paused)?;
                        }
                        _ => {}
                    }
                }
            }
        }
    }

    /// Machines move between networks, and routers are restarted.
    fn say_link(&mut self, live: &Live) -> anyhow::Result<()> {
        self.link.clone_from(&live.link);
        self.say(&Report::Link { link: &live.link }, &live.link)
    }

    fn say_live(&mut self, live: &Live) -> anyhow::Result<()> {
        self.link.clone_from(&live.link);
        let report = Report::Live {
            link: &live.link,
            encoder: &live.encoder,
        };
        self.say(&report, &live.link)?;
        if !self.json
            && std::io::stdout().is_terminal()
            && let Some(code) = qr::for_terminal(&live.link)
        {
            println!("\n{code}\nCtrl-C ends the broadcast.");
        }
        Ok(())
    }

    fn say_paused(&self, paused: bool) -> anyhow::Result<()> {
        if paused {
            self.say(&Report::Paused, "Paused.")
        } else {
            self.say(&Report::Continued, "It goes on.")
        }
    }

    /// To standard output as JSON, or in words to standard error.
    fn say_hints(&mut self, snapshot: &Snapshot) -> anyhow::Result<()> {
        let current = all_hints(snapshot);
        for hint in &current {
            if self.said.contains(hint) {
                continue;
            }
            let text = hint.text.to_string();
            if self.json {
                let severity = hint.severity.name();
                self.print(&Report::Hint {
                    severity,
                    text: &text,
                })?;
            } else {
                eprintln!("liveontorrent: {text}");
            }
        }
        self.said = current;
        Ok(())
    }

    fn say(&self, report: &Report, words: &str) -> anyhow::Result<()> {
        if self.json {
            self.print(report)
        } else {
            writeln!(std::io::stdout(), "{words}").context("standard output is closed")
        }
    }

    fn print(&self, report: &Report) -> anyhow::Result<()> {
        let mut out = std::io::stdout().lock();
        serde_json::to_writer(&mut out, report)?;
        writeln!(out)
            .and_then(|()| out.flush())
            .context("standard output is closed")
    }
}

/// The next line's wish; never, where none are listened to.
async fn next(wishes: &mut Option<mpsc::Receiver<Wish>>) -> Option<Wish> {
    match wishes {
        Some(wishes) => wishes.recv().await,
        None => None,
    }
}

/// The engine's hints, and what is wrong with the sources: in the window it stands at their places.
fn all_hints(snapshot: &Snapshot) -> Vec<Hint> {
    let gone = [&snapshot.video, &snapshot.sound]
        .into_iter()
        .chain(&snapshot.overlay_state)
        .filter_map(SourceState::trouble)
        .map(|text| Hint {
            severity: Severity::Warning,
            about: None,
            text: text.clone(),
        });
    snapshot.hints.iter().cloned().chain(gone).collect()
}

fn stats<'a>(snapshot: &Snapshot, live: &'a Live) -> Report<'a> {
    let resources = Resources::now();
    Report::Stats {
        viewers: live.viewers,
        peers: live.peers,
        stream_bytes: live.stream_bytes,
        uploaded_bytes: live.uploaded_bytes,
        segments: live.segments,
        dropped_frames: live.dropped_frames,
        sound_db: snapshot.sound_level.loudest().decibels(),
        rss_bytes: resources.rss_bytes,
        cpu_seconds: resources.cpu_seconds,
        trackers: live
            .found_at
            .trackers
            .iter()
            .map(TrackerReport::of)
            .collect(),
        reachability: live.found_at.reachability.name(),
        router_ports: live
            .found_at
            .router_ports
            .iter()
            .map(RouterPortReport::of)
            .collect(),
    }
}
