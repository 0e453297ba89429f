//! The program as scripts use it.

#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

mod balanced;
mod overlay;
mod relay;
mod trackers;

use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

/// For what takes a second or two on an idle machine.
const SOON: Duration = Duration::from_secs(60);
/// The cheapest live picture.
const SMALL: [&str; 6] = [
    "--resolution",
    "320x180",
    "--fps",
    "15",
    "--bitrate",
    "300k",
];

/// AAC's 1,024 samples, in seconds.
const SOUND_FRAME: f64 = 1024.0 / 48_000.0;

/// A running program, ended when it is dropped.
struct Program {
    process: Child,
    output: Lines<BufReader<ChildStdout>>,
}

impl Program {
    fn start(home: &Path, arguments: &[&str]) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_liveontorrent"))
            .args(arguments)
            .env("XDG_CONFIG_HOME", home)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let output = BufReader::new(process.stdout.take().unwrap()).lines();
        Self { process, output }
    }

    fn broadcast(home: &Path, more: &[&str]) -> Self {
        let usual = ["broadcast", "--source", "test", "--listen", "127.0.0.1:0"];
        Self::start(home, &[&usual, &SMALL[..], more].concat())
    }

    /// The next line of standard output; `None` at its end.
    async fn line(&mut self) -> Option<String> {
        timeout(SOON, self.output.next_line())
            .await
            .unwrap()
            .unwrap()
    }

    /// The next event with this name.
    async fn event(&mut self, name: &str) -> Value {
        loop {
            let line = self.line().await.unwrap();
            let event: Value = serde_json::from_str(&line).unwrap();
            if event["event"] == name {
                return event;
            }
        }
    }

    fn interrupt(&self) {
        let id = self.process.id().unwrap().to_string();
        let sent = std::process::Command::new("kill")
            .args(["-INT", &id])
            .status();
        assert!(sent.unwrap().success());
    }

    /// How it ended, and what it said on standard error.
    async fn end(mut self) -> (ExitStatus, String) {
        let status = timeout(SOON, self.process.wait()).await.unwrap().unwrap();
        let mut errors = String::new();
        let mut stderr = self.process.stderr.take().unwrap();
        stderr.read_to_string(&mut errors).await.unwrap();
        (status, errors)
    }
}

/// What ffprobe says of a file, a line each.
async fn probe(file: &str, what: &[&str]) -> String {
    let usual = ["-v", "error", "-of", "csv=p=0"];
    let output = Command::new("ffprobe")
        .args([&usual, what, &[file]].concat())
        .output()
        .await
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test]
async fn the_first_line_is_the_link() {
    let home = tempfile::tempdir().unwrap();
    let mut program = Program::broadcast(home.path(), &["--duration", "1"]);
    let link = program.line().await.unwrap();
    assert!(swarm::ShareLink::parse(&link).is_ok(), "{link}");
    let rest = program.line().await.unwrap();
    assert!(rest.contains("ended"), "{rest}");
    let (status, errors) = program.end().await;
    assert!(status.success(), "{errors}");
}

#[tokio::test]
async fn json_tells_of_the_broadcast_from_live_to_ended() {
    let home = tempfile::tempdir().unwrap();
    let mut program = Program::broadcast(home.path(), &["--json"]);
    let live = program.event("live").await;
    assert!(
        live["link"]
            .as_str()
            .unwrap()
            .starts_with("http://127.0.0.1:")
    );
    let mut segments = 0;
    for _ in 0..3 {
        let stats = program.event("stats").await;
        for name in [
            "viewers",
            "peers",
            "stream_bytes",
            "uploaded_bytes",
            "segments",
            "dropped_frames",
            "rss_bytes",
            "cpu_seconds",
        ] {
            assert!(stats[name].is_number(), "{name} in {stats}");
        }
        let now = stats["segments"].as_u64().unwrap();
        assert!(now >= segments, "{stats}");
        segments = now;
    }
    assert!(segments > 0);
    program.interrupt();
    program.event("ended").await;
    assert_eq!(program.line().await, None);
    let (status, errors) = program.end().await;
    assert!(status.success(), "{errors}");
}

#[tokio::test]
async fn commands_on_standard_input_pause_continue_and_stop() {
    let home = tempfile::tempdir().unwrap();
    let mut program = Program::broadcast(home.path(), &["--json", "--control"]);
    let live = program.event("live").await;
    let mut input = program.process.stdin.take().unwrap();
    let link = live["link"].as_str().unwrap();
    let mut viewer = Program::start(home.path(), &["watch", link, "--json"]);
    viewer.event("first-segment").await;
    input
        .write_all(b"title Now called this\npause\n")
        .await
        .unwrap();
    program.event("paused").await;
    let details = viewer.event("details").await;
    assert_eq!(details["title"], "Now called this");
    viewer.event("paused").await;
    input.write_all(b"continue\n").await.unwrap();
    program.event("continued").await;
    viewer.event("continued").await;
    input.write_all(b"stop\n").await.unwrap();
    program.event("ended").await;
    let summary = viewer.event("finished").await;
    assert_eq!(summary["stalls"], 0, "{summary}");
    let (status, errors) = program.end().await;
    assert!(status.success(), "{errors}");
}

#[tokio::test]
async fn a_recording_plays_after_the_program_was_killed() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("recording.mp4");
    let file = file.to_str().unwrap();
    let mut program = Program::broadcast(home.path(), &["--json", "--record", file]);
    while program.event("stats").await["segments"].as_u64() < Some(12) {}
    program.process.kill().await.unwrap();
    let packets = probe(
        file,
        &["-select_streams", "v", "-show_entries", "packet=pts"],
    )
    .await;
    assert!(packets.lines().count() > 20, "{packets}");

    // Nor is it overwritten by the next broadcast.
    let before = std::fs::read(file).unwrap();
    let program = Program::broadcast(home.path(), &["--record", file]);
    let (status, errors) = program.end().await;
    assert_eq!(status.code(), Some(1));
    assert!(errors.contains("--replace"), "{errors}");
    assert!(std::fs::read(file).unwrap() == before);
}

#[tokio::test]
async fn watch_writes_the_stream_and_ends_with_it() {
    let home = tempfile::tempdir().unwrap();
    let mut program = Program::broadcast(home.path(), &["--json"]);
    let link = program.event("live").await["link"]
        .as_str()
        .unwrap()
        .to_owned();
    let file = home.path().join("stream.mp4");
    let file = file.to_str().unwrap();
    let mut viewer = Program::start(home.path(), &["watch", &link, "--output", file, "--json"]);
    viewer.event("first-segment").await;
    viewer.event("stats").await;
    viewer.event("stats").await;
    program.interrupt();
    viewer.event("ended").await;
    let (status, errors) = viewer.end().await;
    assert!(status.success(), "{errors}");
    let written = std::fs::read(file).unwrap();
    assert_eq!(&written[4..8], b"ftyp");
    let codecs = probe(file, &["-show_entries", "stream=codec_name"]).await;
    assert!(
        codecs.contains("h264") && codecs.contains("aac"),
        "{codecs}"
    );
    // A browser takes a sound frame that ends early for a gap, and shows no picture up to the next key frame.
    let sound = [
        "-select_streams",
        "a",
        "-show_entries",
        "packet=duration_time",
    ];
    let durations = probe(file, &sound).await;
    let whole = |line: &str| {
        let duration: f64 = line.trim_end_matches(',').parse().unwrap();
        (duration - SOUND_FRAME).abs() < 0.001
    };
    assert!(durations.lines().count() > 40, "{durations}");
    assert!(durations.lines().all(whole), "{durations}");
}

#[tokio::test]
async fn the_key_stays_the_same_and_is_private() {
    let home = tempfile::tempdir().unwrap();
    let mut links = Vec::new();
    for _ in 0..2 {
        let mut program = Program::broadcast(home.path(), &["--duration", "0"]);
        let link = program.line().await.unwrap();
        links.push(swarm::ShareLink::parse(&link).unwrap().channel);
        program.end().await;
    }
    assert_eq!(links[0], links[1]);
}

#[tokio::test]
async fn devices_names_what_can_be_picked() {
    let home = tempfile::tempdir().unwrap();
    let mut program = Program::start(home.path(), &["devices", "--json"]);
    let listing: Value = serde_json::from_str(&program.line().await.unwrap()).unwrap();
    let arguments = |of: &str| -> Vec<String> {
        let choices = listing[of].as_array().unwrap().iter();
        choices
            .map(|choice| choice["argument"].as_str().unwrap().to_owned())
            .collect()
    };
    assert!(arguments("sources").contains(&"test".to_owned()));
    assert!(arguments("sounds").contains(&"none".to_owned()));
    assert!(arguments("encoders").contains(&"x264".to_owned()));
    assert!(program.end().await.0.success());
}

#[tokio::test]
async fn wrong_arguments_end_with_2_and_say_what_is_right() {
    let home = tempfile::tempdir().unwrap();
    for (arguments, hint) in [
        (&["broadcast", "--source", "tset"][..], "screen"),
        (&["broadcast"], "--source"),
        (
            &["broadcast", "--source", "test", "--resolution", "big"],
            "720p",
        ),
        (
            &["broadcast", "--source", "test", "--listen", "here"],
            "8080",
        ),
    ] {
        let (status, errors) = Program::start(home.path(), arguments).end().await;
        assert_eq!(status.code(), Some(2), "{arguments:?}: {errors}");
        assert!(errors.contains(hint), "{arguments:?}: {errors}");
    }
}

#[tokio::test]
async fn what_cannot_be_done_ends_with_1_and_the_reason() {
    let home = tempfile::tempdir().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    let listen = ["broadcast", "--source", "test", "--listen", &taken];
    for (arguments, reason) in [
        (&listen[..], "taken"),
        (&["broadcast", "--source", "test", "--fps", "500"], "60"),
        (&["watch", "http://127.0.0.1:1/"], "link"),
    ] {
        let (status, errors) = Program::start(home.path(), arguments).end().await;
        assert_eq!(status.code(), Some(1), "{arguments:?}: {errors}");
        assert!(errors.contains(reason), "{arguments:?}: {errors}");
    }
}

#[tokio::test]
async fn a_channel_is_saved_and_loaded_elsewhere() {
    let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let copy = here.path().join("copy.txt");
    let run = async |home: &std::path::Path, action: &str| {
        Command::new(env!("CARGO_BIN_EXE_liveontorrent"))
            .args(["channel", action])
            .arg(&copy)
            .env("XDG_CONFIG_HOME", home)
            .output()
            .await
            .unwrap()
    };
    assert!(run(here.path(), "save").await.status.success());
    let again = run(here.path(), "save").await;
    assert_eq!(again.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&again.stderr).contains("exists already"));
    assert!(run(there.path(), "load").await.status.success());
    let key = |home: &tempfile::TempDir| {
        std::fs::read(home.path().join("liveontorrent/channel.key")).unwrap()
    };
    assert_eq!(key(&here), key(&there));
    std::fs::write(&copy, "a film").unwrap();
    let refused = run(there.path(), "load").await;
    assert!(String::from_utf8_lossy(&refused.stderr).contains("is no copy of a channel"));
    assert_eq!(key(&here), key(&there));
}
