//! A hub that is started again while whoever has started it (systemd, here the test) goes on listening.

use super::*;
use std::io;
use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::net::TcpStream;
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::{sleep, timeout};

/// For what takes some seconds on an idle machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// What systemd does with a `.socket` unit: it listens, and hands the sockets to each program that it starts, as those
/// from number 3 on.
struct Unit {
    socket: TcpListener,
    /// One more, and how it is named.
    redirect: Option<TcpListener>,
}

/// One run of the program.
struct Run {
    process: Child,
    output: Lines<BufReader<ChildStdout>>,
}

fn listening() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").unwrap()
}

fn handle(socket: &TcpListener) -> Stdio {
    Stdio::from(OwnedFd::from(socket.try_clone().unwrap()))
}

impl Unit {
    fn address(&self) -> SocketAddr {
        self.socket.local_addr().unwrap()
    }

    async fn start(&self, more: &[&str]) -> Run {
        // A number of its own for each socket, and whose they are.
        let script = match self.redirect {
            None => {
                "LISTEN_FDS=1 LISTEN_PID=$$ LISTEN_FDNAMES=hub; export LISTEN_FDS LISTEN_PID LISTEN_FDNAMES
                 exec \"$0\" \"$@\" 3<&0 0</dev/null"
            }
            Some(_) => {
                "LISTEN_FDS=2 LISTEN_PID=$$ LISTEN_FDNAMES=hub:redirect; export LISTEN_FDS LISTEN_PID LISTEN_FDNAMES
                 exec \"$0\" \"$@\" 3<&0 4<&2 0</dev/null 2>/dev/null"
            }
        };
        let errors = self.redirect.as_ref().map_or_else(Stdio::inherit, handle);
        let mut process = Command::new("sh")
            .args(["-c", script, env!("CARGO_BIN_EXE_liveontorrent")])
            .args(["hub", "--json"])
            .args(more)
            .stdin(handle(&self.socket))
            .stdout(Stdio::piped())
            .stderr(errors)
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let output = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut run = Run { process, output };
        let serving = run.event().await;
        assert_eq!(serving["event"], "serving");
        run
    }
}

impl Run {
    async fn event(&mut self) -> Value {
        let line = timeout(PATIENCE, self.output.next_line()).await.unwrap();
        serde_json::from_str(&line.unwrap().unwrap()).unwrap()
    }

    /// Ends it as systemd does.
    async fn stop(mut self) {
        let pid = self.process.id().unwrap().to_string();
        let sent = std::process::Command::new("kill")
            .args(["-TERM", &pid])
            .status();
        assert!(sent.unwrap().success());
        let ended = timeout(PATIENCE, self.process.wait()).await.unwrap();
        assert!(ended.unwrap().success());
    }
}

/// Asks once, on a connection of its own. Returns the status line and the headers.
async fn ask(address: SocketAddr) -> io::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    let request = "GET /health HTTP/1.1\r\nHost: hub\r\nConnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}

#[tokio::test]
async fn a_restart_turns_nobody_away() {
    let unit = Unit {
        socket: listening(),
        redirect: None,
    };
    let address = unit.address();
    let over = Arc::new(AtomicBool::new(false));
    let answered = Arc::new(AtomicUsize::new(0));
    let visitors: Vec<_> = (0..8)
        .map(|_| {
            let (over, answered) = (Arc::clone(&over), Arc::clone(&answered));
            tokio::spawn(async move {
                while !over.load(Ordering::Relaxed) {
                    // Also while nobody runs: then it waits.
                    let answer = timeout(PATIENCE, ask(address)).await.unwrap().unwrap();
                    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
                    answered.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    for _ in 0..4 {
        let before = answered.load(Ordering::Relaxed);
        let run = unit.start(&[]).await;
        let served = async {
            while answered.load(Ordering::Relaxed) < before + 100 {
                sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(PATIENCE, served).await.unwrap();
        run.stop().await;
    }
    over.store(true, Ordering::Relaxed);
    let run = unit.start(&[]).await;
    for visitor in visitors {
        visitor.await.unwrap();
    }
    run.stop().await;
}

#[tokio::test]
async fn sockets_are_told_apart_by_their_names() {
    let folder = tempfile::tempdir().unwrap();
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let [chain, key] = ["chain.pem", "key.pem"].map(|name| folder.path().join(name));
    std::fs::write(&chain, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let redirect = listening();
    let led_from = redirect.local_addr().unwrap();
    let unit = Unit {
        socket: listening(),
        redirect: Some(redirect),
    };
    let run = unit
        .start(&[
            "--tls-cert",
            chain.to_str().unwrap(),
            "--tls-key",
            key.to_str().unwrap(),
        ])
        .await;
    let answer = timeout(PATIENCE, ask(led_from)).await.unwrap().unwrap();
    let port = unit.address().port();
    let location = format!("location: https://hub:{port}/health\r\n");
    assert!(answer.to_lowercase().contains(&location), "{answer}");
    run.stop().await;
}

/// With `--nocapture` it says how long the front page was empty.
#[tokio::test]
async fn the_list_is_filled_again_by_those_who_are_live() {
    let unit = Unit {
        socket: listening(),
        redirect: None,
    };
    let url = format!("http://{}/", unit.address());
    let home = tempfile::tempdir().unwrap();
    let mut run = unit.start(&[]).await;
    let _streamer = Command::new(env!("CARGO_BIN_EXE_liveontorrent"))
        .args(["broadcast", "--source", "test", "--listen", "127.0.0.1:0"])
        .args([
            "--resolution",
            "320x180",
            "--fps",
            "15",
            "--bitrate",
            "300k",
        ])
        .args(["--title", "Goes on", "--hub", &url, "--list"])
        .env("XDG_CONFIG_HOME", home.path())
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let visitor = Visitor {
        url,
        client: HttpClient::new().unwrap(),
    };
    let listed = async || {
        while visitor.titles("").await != ["Goes on"] {
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(PATIENCE, listed()).await.unwrap();
    for _ in 0..2 {
        let since = Instant::now();
        run.stop().await;
        run = unit.start(&[]).await;
        let down = since.elapsed();
        timeout(PATIENCE, listed()).await.unwrap();
        let empty = since.elapsed();
        println!("started again after {down:.1?}, and the list was whole after {empty:.1?}");
    }
    run.stop().await;
}
