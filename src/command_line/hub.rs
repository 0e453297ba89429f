//! `liveontorrent hub`: a public front page, tracker and viewer page, until it is told to stop.

use std::io::{IsTerminal, Write};
use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use serde::Serialize;

use super::interrupt::Interrupt;
use super::sources;
use crate::hub::{CatalogueLimits, Hub, HubOptions, Operator};
use crate::server::{Limits, Listen, ServerOptions, Tls};

/// Files that are open beside connections: the program's own, and those of other hubs that are asked.
const OTHER_FILES: u64 = 100;
/// The most connections, unless more are asked for. Each takes some 50 KB while it is encrypted.
const USUAL_CONNECTIONS: u64 = 20_000;

#[derive(Debug, Args)]
pub(super) struct HubArguments {
    /// Where people reach it: PORT, or ADDRESS:PORT; may be given several times.
    /// Without it: port 8080, or the next free one, on all addresses
    #[arg(long, value_parser = sources::listen)]
    listen: Vec<Listen>,
    /// The address by which people know it, such as https://hub.example/: for feeds. Without it: as each has asked for it
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// A chain of certificates in PEM form, for HTTPS; read again on SIGHUP
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// The certificate's private key in PEM form
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// Who runs it, for its front page
    #[arg(
        long,
        value_name = "NAME",
        default_value = "",
        hide_default_value = true
    )]
    operator: String,
    /// How to reach them: an address of mail or of a page
    #[arg(
        long,
        value_name = "ADDRESS",
        default_value = "",
        hide_default_value = true
    )]
    contact: String,
    /// List only these channels: a file with a share link, or its key, on each line; read again on SIGHUP
    #[arg(long, value_name = "FILE")]
    allow: Option<PathBuf>,
    /// Do not list these channels, in the same form
    #[arg(long, value_name = "FILE")]
    deny: Option<PathBuf>,
    /// List what this other hub lists too; may be given several times
    #[arg(long, value_name = "URL")]
    mirror: Vec<String>,
    /// Where Prometheus gets figures, at /metrics: ADDRESS:PORT, which others should not reach. Without it: nowhere
    #[arg(long, value_name = "ADDRESS:PORT")]
    metrics: Option<SocketAddr>,
    /// The most channels on the list
    #[arg(long, value_name = "NUMBER", default_value_t = CatalogueLimits::default().channels)]
    max_channels: usize,
    /// The most channels on the list from one address
    #[arg(long, value_name = "NUMBER", default_value_t = CatalogueLimits::default().channels_per_address)]
    max_channels_per_address: usize,
    /// The most connections. Without it: what the system lets one program have, up to 20,000
    #[arg(long, value_name = "NUMBER")]
    max_connections: Option<usize>,
    /// The most connections from one address
    #[arg(long, value_name = "NUMBER", default_value_t = Limits::default().connections_per_address)]
    max_connections_per_address: usize,
    /// One JSON object a line instead of words
    #[arg(long)]
    json: bool,
}

/// What is said with `--json`, one object a line.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
enum Report<'a> {
    Serving {
        urls: &'a [String],
        metrics: Option<String>,
    },
    Reloaded,
    Ended,
}

pub(super) async fn run(arguments: HubArguments) -> anyhow::Result<()> {
    let interrupt = Interrupt::listen()?;
    let mut reloads = Reloads::listen()?;
    let json = arguments.json;
    let hub = Hub::start(options(arguments)?).await?;
    let metrics = hub.metrics_address();
    let metrics = metrics.map(|address| format!("http://{address}/metrics"));
    let urls = hub.urls();
    let report = Report::Serving {
        urls: &urls,
        metrics: metrics.clone(),
    };
    say(json, &report, &urls.join("\n"))?;
    if !json && std::io::stdout().is_terminal() {
        if let Some(metrics) = metrics {
            println!("Figures: {metrics}");
        }
        println!("Ctrl-C ends the hub.");
    }
    let token = interrupt.token();
    while token.run_until_cancelled(reloads.next()).await.is_some() {
        match hub.reload() {
            Ok(()) => say(json, &Report::Reloaded, "Lists and certificate read again.")?,
            Err(error) => eprintln!("liveontorrent: nothing is read again: {error}"),
        }
    }
    hub.shutdown().await;
    say(json, &Report::Ended, "The hub has ended.")
}

fn options(arguments: HubArguments) -> anyhow::Result<HubOptions> {
    let tls = match (&arguments.tls_cert, &arguments.tls_key) {
        (Some(chain), Some(key)) => Some(Tls::from_files(chain, key)?),
        _ => None,
    };
    let mut listens = arguments.listen.into_iter();
    let listen = listens.next().unwrap_or_default();
    let also = listens.filter_map(|listen| match listen {
        Listen::At(address) => Some(address),
        Listen::Anywhere | Listen::From(_) => None,
    });
    let connections = arguments
        .max_connections
        .unwrap_or_else(possible_connections);
    Ok(HubOptions {
        server: ServerOptions {
            listen,
            also: also.collect(),
            tls,
            limits: Limits {
                connections_in_all: connections,
                connections_per_address: arguments.max_connections_per_address,
                ..Limits::default()
            },
        },
        url: arguments.url,
        operator: Operator {
            name: arguments.operator,
            contact: arguments.contact,
        },
        catalogue: CatalogueLimits {
            channels: arguments.max_channels,
            channels_per_address: arguments.max_channels_per_address,
            ..CatalogueLimits::default()
        },
        allow: arguments.allow,
        deny: arguments.deny,
        mirrors: arguments.mirror,
        metrics: arguments.metrics,
    })
}

/// As many as the system lets this process have files, after asking it for as many as it may have.
#[cfg(unix)]
fn possible_connections() -> usize {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let wanted = maximum
        .unwrap_or(u64::MAX)
        .min(USUAL_CONNECTIONS + OTHER_FILES);
    let had = current.unwrap_or(u64::MAX);
    let raised = Rlimit {
        current: Some(wanted),
        maximum,
    };
    let files = if had < wanted && setrlimit(Resource::Nofile, raised).is_ok() {
        wanted
    } else {
        had
    };
    let connections = files.saturating_sub(OTHER_FILES).min(USUAL_CONNECTIONS);
    usize::try_from(connections).unwrap_or(usize::MAX).max(1)
}

#[cfg(not(unix))]
fn possible_connections() -> usize {
    Limits::default().connections_in_all
}

/// A service manager's wish that files are read again.
#[cfg(unix)]
struct Reloads(tokio::signal::unix::Signal);

#[cfg(unix)]
impl Reloads {
    fn listen() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self(signal(SignalKind::hangup())?))
    }

    async fn next(&mut self) {
        if self.0.recv().await.is_none() {
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(not(unix))]
struct Reloads;

#[cfg(not(unix))]
impl Reloads {
    fn listen() -> std::io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) {
        std::future::pending::<()>().await;
    }
}

fn say(json: bool, report: &Report, words: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    if json {
        serde_json::to_writer(&mut out, report)?;
        writeln!(out)
    } else {
        writeln!(out, "{words}")
    }
    .and_then(|()| out.flush())
    .context("standard output is closed")
}
