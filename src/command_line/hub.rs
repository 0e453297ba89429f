//! `liveontorrent hub`: a public front page, tracker and viewer page, until it is told to stop.

use std::io::{IsTerminal, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::UNIX_EPOCH;

use anyhow::Context;
use chrono::DateTime;
use clap::Args;
use serde::Serialize;
use tokio::sync::watch;

use super::given::Given;
use super::interrupt::Interrupt;
use super::sources;
use crate::hub::{CatalogueLimits, Hub, HubOptions, Operator, PagePaths, TurnSecret, TurnUrl};
use crate::seeder::StunServer;
use crate::server::{AcmeOptions, Door, Limits, Listen, Redirect, ServerOptions, Tls, Validity};

/// Files that are open beside connections: the program's own, and those of other hubs that are asked.
const OTHER_FILES: u64 = 100;
/// Where the TURN server's secret may stand: command lines can be seen by others.
const TURN_SECRET: &str = "LIVEONTORRENT_TURN_SECRET";
/// The most connections, unless more are asked for. Each takes some 25 KB with TLS (docs/OPERATING.md).
const USUAL_CONNECTIONS: usize = 20_000;

#[derive(Debug, Args)]
pub(super) struct HubArguments {
    /// Where people reach it: PORT, or ADDRESS:PORT; may be given several times.
    /// Without it: port 8080, or the next free one, on all addresses; or where systemd listens for it
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
    /// Get a certificate for this name and renew it, from Let's Encrypt, whose terms of service you agree to by this; may be
    /// given several times. The name leads to this machine, and its port 443 to this program
    #[arg(long, value_name = "NAME", conflicts_with = "tls_cert")]
    acme_domain: Vec<String>,
    /// Where Let's Encrypt writes to when something is wrong; may be given several times
    #[arg(long, value_name = "ADDRESS", requires = "acme_domain")]
    acme_contact: Vec<String>,
    /// The folder in which that certificate and the account are kept, and nothing else. Without it: the folder of the service
    #[arg(long, value_name = "FOLDER", requires = "acme_domain")]
    acme_cache: Option<PathBuf>,
    /// Another ACME server's directory
    #[arg(long, value_name = "URL", requires = "acme_domain")]
    acme_directory: Option<String>,
    /// Certificates in PEM form by which that ACME server is believed, beside this machine's
    #[arg(long, value_name = "FILE", requires = "acme_domain")]
    acme_ca: Option<PathBuf>,
    /// Where those who come by plain HTTP are led on to HTTPS: ADDRESS:PORT, such as 0.0.0.0:80
    #[arg(long, value_name = "ADDRESS:PORT")]
    redirect_http: Option<SocketAddr>,
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
    /// Tell the page's viewers of this STUN server, HOST:PORT; may be given several times
    #[arg(long, value_name = "SERVER")]
    stun: Vec<StunServer>,
    /// Tell them of this TURN server, turn:HOST:PORT, turn:HOST:PORT?transport=tcp or turns:HOST:PORT, with passwords that end
    /// after a day; may be given several times
    #[arg(long, value_name = "SERVER")]
    turn: Vec<TurnUrl>,
    /// A file with the secret that the TURN server shares with this hub (coturn: use-auth-secret and static-auth-secret).
    /// Without it: what LIVEONTORRENT_TURN_SECRET is in the environment
    #[arg(long, value_name = "FILE", requires = "turn")]
    turn_secret: Option<PathBuf>,
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
        #[serde(skip_serializing_if = "Option::is_none")]
        redirect: Option<String>,
    },
    /// There is a certificate that the hub has got itself.
    Certificate {
        /// By RFC 3339.
        until: &'a str,
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
    let redirect = hub.redirect_address();
    let urls = hub.urls();
    let report = Report::Serving {
        urls: &urls,
        metrics: metrics.clone(),
        redirect: redirect.map(|address| format!("http://{address}/")),
    };
    say(json, &report, &urls.join("\n"))?;
    if !json && std::io::stdout().is_terminal() {
        if let Some(metrics) = metrics {
            println!("Figures: {metrics}");
        }
        println!("Ctrl-C ends the hub.");
    }
    let token = interrupt.token();
    let mut renewals = Renewals(hub.renewals());
    loop {
        let certificate = tokio::select! {
            () = token.cancelled() => break,
            until = renewals.next() => Some(until),
            () = reloads.next() => None,
        };
        match certificate {
            Some(until) => {
                let words = format!("There is a certificate until {until}.");
                say(json, &Report::Certificate { until: &until }, &words)?;
            }
            None => match hub.reload() {
                Ok(()) => say(json, &Report::Reloaded, "Lists and certificate read again.")?,
                Err(error) => eprintln!("liveontorrent: nothing is read again: {error}"),
            },
        }
    }
    hub.shutdown().await;
    say(json, &Report::Ended, "The hub has ended.")
}

/// The certificates that the hub gets itself.
struct Renewals(Option<watch::Receiver<Option<Validity>>>);

impl Renewals {
    /// Until when the next one holds, by RFC 3339.
    async fn next(&mut self) -> String {
        if let Some(renewals) = &mut self.0 {
            while renewals.changed().await.is_ok() {
                let validity = *renewals.borrow_and_update();
                if let Some(Validity { until, .. }) = validity {
                    let seconds = until
                        .duration_since(UNIX_EPOCH)
                        .unwrap_or_default()
                        .as_secs();
                    let until = DateTime::from_timestamp(i64::try_from(seconds).unwrap_or(0), 0);
                    return until.unwrap_or_default().to_rfc3339();
                }
            }
        }
        std::future::pending().await
    }
}

/// With which certificate HTTPS is spoken, if at all.
fn tls(arguments: &HubArguments) -> anyhow::Result<Option<Tls>> {
    if let (Some(chain), Some(key)) = (&arguments.tls_cert, &arguments.tls_key) {
        return Ok(Some(Tls::from_files(chain, key)?));
    }
    if arguments.acme_domain.is_empty() {
        return Ok(None);
    }
    // systemd's, from `StateDirectory=`.
    let of_service = || std::env::var_os("STATE_DIRECTORY").map(PathBuf::from);
    let folder = arguments.acme_cache.clone().or_else(of_service);
    let folder = folder.context(
        "a certificate from an ACME server has to be kept from one start to the next; name a folder with --acme-cache",
    )?;
    Ok(Some(Tls::by_acme(AcmeOptions {
        domains: arguments.acme_domain.clone(),
        contacts: arguments.acme_contact.clone(),
        folder,
        directory: arguments.acme_directory.clone(),
        ca: arguments.acme_ca.clone(),
    })?))
}

fn paths(arguments: &HubArguments) -> anyhow::Result<PagePaths> {
    let turn = if arguments.turn.is_empty() {
        None
    } else {
        let secret = match &arguments.turn_secret {
            Some(file) => std::fs::read_to_string(file).with_context(|| {
                format!("cannot read the TURN server's secret {}", file.display())
            })?,
            None => std::env::var(TURN_SECRET).unwrap_or_default(),
        };
        Some((arguments.turn.clone(), TurnSecret::new(&secret)?))
    };
    Ok(PagePaths {
        stun: arguments.stun.clone(),
        turn,
    })
}

fn options(arguments: HubArguments) -> anyhow::Result<HubOptions> {
    let paths = paths(&arguments)?;
    let tls = tls(&arguments)?;
    let given = Given::from_environment()?;
    let redirect_from = given.redirect.or(arguments.redirect_http.map(Door::At));
    anyhow::ensure!(
        tls.is_some() || redirect_from.is_none(),
        "there is no HTTPS to lead to; give --acme-domain, or --tls-cert and --tls-key, or leave --redirect-http out"
    );
    let redirect = redirect_from.map(|from| Redirect {
        from,
        to: arguments.url.clone(),
    });
    let mut listens = arguments.listen.into_iter();
    let listen = listens.next().unwrap_or_default();
    let also = listens.filter_map(|listen| match listen {
        Listen::At(address) => Some(address),
        Listen::Anywhere | Listen::From(_) => None,
    });
    let connections = possible_connections(arguments.max_connections.unwrap_or(USUAL_CONNECTIONS));
    if let Some(told) = arguments.max_connections
        && connections < told
    {
        tracing::warn!(
            "the system lets this program have {connections} connections and not {told}; raise its limit of open files \
             (LimitNOFILE= in the unit, or ulimit -n)"
        );
    }
    Ok(HubOptions {
        server: ServerOptions {
            listen,
            also: also.collect(),
            given: given.listeners,
            tls,
            redirect,
            limits: Limits {
                connections_in_all: connections,
                connections_per_address: arguments.max_connections_per_address,
                // One each, and as many again for segments and for those who are in several swarms.
                peers_in_all: Limits::default().peers_in_all.max(2 * connections),
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
        paths,
        metrics: arguments.metrics,
    })
}

/// As many as are wanted, or as the system lets this process have files, after asking it for as many as it may have.
#[cfg(unix)]
fn possible_connections(wanted: usize) -> usize {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let wanted = u64::try_from(wanted).unwrap_or(u64::MAX);
    let files_wanted = wanted
        .saturating_add(OTHER_FILES)
        .min(maximum.unwrap_or(u64::MAX));
    let had = current.unwrap_or(u64::MAX);
    let raised = Rlimit {
        current: Some(files_wanted),
        maximum,
    };
    let files = if had < files_wanted && setrlimit(Resource::Nofile, raised).is_ok() {
        files_wanted
    } else {
        had
    };
    let connections = files.saturating_sub(OTHER_FILES).min(wanted);
    usize::try_from(connections).unwrap_or(usize::MAX).max(1)
}

#[cfg(not(unix))]
fn possible_connections(wanted: usize) -> usize {
    wanted.min(Limits::default().connections_in_all)
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
