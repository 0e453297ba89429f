//! Certificates that the hub gets itself, from pebble: Let's Encrypt's own ACME server for tests.

use super::*;
use liveontorrent::server::{AcmeOptions, Tls};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

const NAME: &str = "hub.example";
/// For what takes some seconds on an idle machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// An ACME server, and the name server by which it finds everything on this machine.
struct Acme {
    folder: tempfile::TempDir,
    port: u16,
    management: u16,
    processes: Vec<Child>,
}

/// A port that nobody has, for a program that cannot say which one the system has picked for it. It is below those that
/// the system picks, or one of the tests beside this one could be given it before that program begins.
fn free_port() -> u16 {
    static TAKEN: AtomicU32 = AtomicU32::new(0);
    let is_free = |port: &u16| {
        let tcp = std::net::TcpListener::bind(("127.0.0.1", *port));
        tcp.is_ok() && std::net::UdpSocket::bind(("127.0.0.1", *port)).is_ok()
    };
    let first = std::process::id().wrapping_mul(64);
    let next = || first.wrapping_add(TAKEN.fetch_add(1, Ordering::Relaxed)) % 20_000;
    std::iter::repeat_with(|| 10_000 + next() as u16)
        .take(20_000)
        .find(is_free)
        .unwrap()
}

fn program(name: &str) -> Command {
    let mut command = Command::new(name);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command
}

impl Acme {
    /// One that is not there yet.
    fn planned() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let names = ["127.0.0.1".to_owned(), "localhost".to_owned()];
        let made = rcgen::generate_simple_self_signed(names).unwrap();
        fs::write(folder.path().join("acme.pem"), made.cert.pem()).unwrap();
        let key = made.signing_key.serialize_pem();
        fs::write(folder.path().join("acme-key.pem"), key).unwrap();
        Self {
            folder,
            port: free_port(),
            management: free_port(),
            processes: Vec::new(),
        }
    }

    /// Starts it: it looks for names at this port, and its certificates hold so long.
    fn start(&mut self, looks_at: u16, life: Duration) {
        let path = |name: &str| self.folder.path().join(name);
        let config = serde_json::json!({"pebble": {
            "listenAddress": format!("127.0.0.1:{}", self.port),
            "managementListenAddress": format!("127.0.0.1:{}", self.management),
            "certificate": path("acme.pem"),
            "privateKey": path("acme-key.pem"),
            "httpPort": free_port(),
            "tlsPort": looks_at,
            "certificateValidityPeriod": life.as_secs(),
        }});
        fs::write(path("pebble.json"), config.to_string()).unwrap();
        let names = format!("127.0.0.1:{}", free_port());
        let name_server = program("pebble-challtestsrv")
            .args(["-dns01", &names, "-defaultIPv4", "127.0.0.1"])
            .args(["-defaultIPv6", "", "-http01", "", "-https01", ""])
            .args(["-tlsalpn01", "", "-management"])
            .arg(format!("127.0.0.1:{}", free_port()))
            .spawn();
        let pebble = program("pebble")
            .arg("-config")
            .arg(path("pebble.json"))
            .args(["-dnsserver", &names])
            .env("PEBBLE_VA_NOSLEEP", "1")
            .spawn();
        self.processes.push(name_server.unwrap());
        self.processes.push(pebble.unwrap());
    }

    fn stop(&mut self) {
        for mut process in self.processes.drain(..) {
            let _ = process.kill();
            let _ = process.wait();
        }
    }

    fn ca(&self) -> PathBuf {
        self.folder.path().join("acme.pem")
    }

    fn directory(&self) -> String {
        format!("https://127.0.0.1:{}/dir", self.port)
    }

    fn kept(&self) -> PathBuf {
        self.folder.path().join("kept")
    }

    fn tls(&self) -> Tls {
        Tls::by_acme(AcmeOptions {
            domains: vec![NAME.to_owned()],
            contacts: vec!["club@example.org".to_owned()],
            folder: self.kept(),
            directory: Some(self.directory()),
            ca: Some(self.ca()),
        })
        .unwrap()
    }

    /// The certificate that stands above all that it gives.
    async fn root(&self) -> CertificateDer<'static> {
        let believed = CertificateDer::from_pem_file(self.ca()).unwrap();
        let client = HttpClient::trusting(vec![believed]).unwrap();
        let url = format!("https://127.0.0.1:{}/roots/0", self.management);
        let (_, body) = client.get(&url, 1 << 16).await.unwrap();
        CertificateDer::from_pem_slice(&body).unwrap()
    }
}

impl Drop for Acme {
    fn drop(&mut self) {
        self.stop();
    }
}

async fn hub_with(tls: Tls) -> Hub {
    let mut options = options();
    options.server.tls = Some(tls);
    Hub::start(options).await.unwrap()
}

/// Waits for the next certificate.
async fn until_certified(hub: &Hub) {
    let mut renewals = hub.renewals().unwrap();
    timeout(PATIENCE, renewals.changed())
        .await
        .unwrap()
        .unwrap();
}

/// Connects as a browser that believes the ACME server.
async fn connect(
    hub: &Hub,
    root: &CertificateDer<'static>,
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(root.clone()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(hub.address()).await?;
    let name = ServerName::try_from(NAME).unwrap();
    TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await
}

fn certificate_of(stream: &TlsStream<TcpStream>) -> CertificateDer<'static> {
    let shown = stream.get_ref().1.peer_certificates().unwrap();
    shown[0].clone().into_owned()
}

/// Whether the hub answers on this connection.
async fn answers(stream: &mut TlsStream<TcpStream>) -> bool {
    let request = format!("GET /health HTTP/1.1\r\nHost: {NAME}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = [0; 1024];
    let len = stream.read(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer[..len]).starts_with("HTTP/1.1 200")
}

fn files_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let name = |entry: std::io::Result<fs::DirEntry>| entry.unwrap().file_name();
    let mut names: Vec<_> = entries
        .map(|entry| name(entry).into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_certificate_comes_by_itself_and_is_renewed_while_everybody_goes_on() {
    let mut acme = Acme::planned();
    let hub = hub_with(acme.tls()).await;
    let mut renewals = hub.renewals().unwrap();
    let nobody = CertificateDer::from_pem_file(acme.ca()).unwrap();
    // The hub is there before its ACME server is; nobody is served in the clear meanwhile.
    assert!(connect(&hub, &nobody).await.is_err());
    acme.start(hub.address().port(), Duration::from_secs(9));
    timeout(PATIENCE, renewals.changed())
        .await
        .unwrap()
        .unwrap();
    let root = acme.root().await;
    let mut early = connect(&hub, &root).await.unwrap();
    let first = certificate_of(&early);
    assert!(answers(&mut early).await);
    timeout(PATIENCE, renewals.changed())
        .await
        .unwrap()
        .unwrap();
    let mut late = connect(&hub, &root).await.unwrap();
    assert_ne!(certificate_of(&late), first, "another one");
    assert!(answers(&mut late).await);
    assert!(
        answers(&mut early).await,
        "who was there is not disconnected"
    );
    assert_eq!(files_in(&acme.kept()), ["account.json", "certificate.json"]);
    hub.shutdown().await;
}

#[tokio::test]
async fn a_restart_needs_no_new_certificate() {
    let mut acme = Acme::planned();
    let hub = hub_with(acme.tls()).await;
    acme.start(hub.address().port(), Duration::from_secs(24 * 3600));
    until_certified(&hub).await;
    let root = acme.root().await;
    let first = certificate_of(&connect(&hub, &root).await.unwrap());
    hub.shutdown().await;
    acme.stop();
    let hub = hub_with(acme.tls()).await;
    let again = certificate_of(&connect(&hub, &root).await.unwrap());
    assert_eq!(again, first);
    hub.shutdown().await;
}

#[tokio::test]
async fn an_account_that_the_acme_server_has_forgotten_is_made_anew() {
    let mut acme = Acme::planned();
    let hub = hub_with(acme.tls()).await;
    acme.start(hub.address().port(), Duration::from_secs(24 * 3600));
    until_certified(&hub).await;
    hub.shutdown().await;
    // Pebble keeps nothing; and the hub has lost its certificate.
    acme.stop();
    fs::remove_file(acme.kept().join("certificate.json")).unwrap();
    let hub = hub_with(acme.tls()).await;
    acme.start(hub.address().port(), Duration::from_secs(24 * 3600));
    until_certified(&hub).await;
    connect(&hub, &acme.root().await).await.unwrap();
    hub.shutdown().await;
}

#[tokio::test]
async fn a_name_that_leads_elsewhere_is_told_to_the_operator() {
    let mut acme = Acme::planned();
    acme.start(free_port(), Duration::from_secs(60));
    let mut hub = tokio::process::Command::new(env!("CARGO_BIN_EXE_liveontorrent"))
        .args(["hub", "--listen", "127.0.0.1:0", "--acme-domain", NAME])
        .args(["--acme-directory", &acme.directory(), "--acme-cache"])
        .arg(acme.kept())
        .arg("--acme-ca")
        .arg(acme.ca())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(hub.stderr.take().unwrap()).lines();
    let mut other = Vec::new();
    let told = async {
        while let Some(line) = lines.next_line().await.unwrap() {
            if line.contains("is not shown to lead here") {
                return Some(line);
            }
            other.push(line);
        }
        None
    };
    let told = timeout(PATIENCE, told).await;
    let Ok(Some(line)) = told else {
        panic!("it is not told, but: {other:#?}");
    };
    assert!(
        line.contains(NAME) && line.contains("tried again in"),
        "{line}"
    );
    hub.kill().await.unwrap();
}

#[tokio::test]
async fn what_is_no_hosts_name_is_said_at_the_start() {
    let acme = Acme::planned();
    for wrong in ["*.hub.example", "203.0.113.5", "hub example", ""] {
        let made = Tls::by_acme(AcmeOptions {
            domains: vec![wrong.to_owned()],
            contacts: Vec::new(),
            folder: acme.kept(),
            directory: None,
            ca: None,
        });
        let error = made.err().unwrap().to_string();
        assert!(error.contains("hub.example"), "{wrong}: {error}");
    }
    assert!(!acme.kept().exists(), "nothing is written");
}

#[tokio::test]
async fn who_comes_by_plain_http_is_led_to_https() {
    let acme = Acme::planned();
    let mut options = options();
    options.server.tls = Some(acme.tls());
    options.server.redirect = Some(liveontorrent::server::Redirect {
        from: liveontorrent::server::Door::At(SocketAddr::from(([127, 0, 0, 1], 0))),
        to: None,
    });
    let hub = Hub::start(options).await.unwrap();
    let mut plain = TcpStream::connect(hub.redirect_address().unwrap())
        .await
        .unwrap();
    let request =
        "GET /live/?search=jazz HTTP/1.1\r\nHost: hub.example\r\nConnection: close\r\n\r\n";
    plain.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    plain.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 308"), "{answer}");
    let port = hub.address().port();
    let location = format!("location: https://hub.example:{port}/live/?search=jazz\r\n");
    assert!(answer.to_lowercase().contains(&location), "{answer}");
    hub.shutdown().await;
}
