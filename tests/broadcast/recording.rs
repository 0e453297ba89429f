//! Recording, judged by ffprobe and ffmpeg.

use std::path::Path;
use std::process::Command as Process;

use liveontorrent::broadcast::{Command, Engine, Phase, Recording, Severity, Snapshot};
use liveontorrent::recording::RecordingOptions;

use crate::{go_live, live, options, tell, until};

/// What ffprobe says of a file.
fn probe(file: &Path, what: &[&str]) -> String {
    let output = Process::new("ffprobe")
        .args(["-v", "error", "-of", "csv=p=0"])
        .args(what)
        .arg(file)
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && errors.is_empty(), "{errors}");
    String::from_utf8(output.stdout).unwrap()
}

fn seconds(file: &Path) -> f64 {
    let said = probe(file, &["-show_entries", "format=duration"]);
    said.trim().parse().unwrap_or_else(|_| panic!("{said}"))
}

/// Decodes all of it; says what is wrong.
fn decode(file: &Path) -> String {
    let output = Process::new("ffmpeg")
        .args(["-v", "warning", "-i"])
        .arg(file)
        .args(["-f", "null", "-"])
        .output()
        .unwrap();
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The names of a file's outermost boxes.
fn boxes(file: &Path) -> Vec<String> {
    let bytes = std::fs::read(file).unwrap();
    let (mut at, mut names) = (0, Vec::new());
    while at + 16 <= bytes.len() {
        let short = u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap());
        names.push(String::from_utf8_lossy(&bytes[at + 4..at + 8]).into_owned());
        at += match short {
            1 => u64::from_be_bytes(bytes[at + 8..at + 16].try_into().unwrap()) as usize,
            short => short as usize,
        };
    }
    names
}

fn has_recorded(segments: u64) -> impl Fn(&Snapshot) -> bool {
    move |snapshot| match &snapshot.recording {
        Recording::Running(_, progress) => progress.duration.as_millis() as u64 >= segments * 250,
        _ => false,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_becomes_a_plain_file_that_plays_and_seeks() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("recording.mp4");
    let engine = Engine::start(options(folder.path()));
    tell(
        &engine,
        Command::Record(RecordingOptions::new(file.clone())),
    )
    .await;
    go_live(&engine).await;
    until(&engine, has_recorded(8)).await;
    // A pause is not recorded.
    tell(&engine, Command::Pause).await;
    until(&engine, |snapshot| live(snapshot).unwrap().paused).await;
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    tell(&engine, Command::Continue).await;
    let last = until(&engine, has_recorded(16)).await;
    let Recording::Running(_, progress) = &last.recording else {
        panic!("it goes on");
    };
    assert!(progress.room.is_some() && progress.time_left().is_some());
    tell(&engine, Command::Stop).await;
    until(&engine, |snapshot| {
        snapshot.recording == Recording::Done(file.clone())
    })
    .await;
    engine.quit().await;
    assert_eq!(boxes(&file), ["ftyp", "mdat", "moov"]);
    assert_eq!(decode(&file), "");
    let length = seconds(&file);
    assert!((4.0..6.5).contains(&length), "{length} s");
    let frames = probe(
        &file,
        &[
            "-select_streams",
            "v",
            "-show_entries",
            "packet=pts_time,flags",
        ],
    );
    // Seeking works by key frames, of which there are some besides the first.
    assert!(frames.lines().filter(|frame| frame.contains("K")).count() >= 2);
    let times: Vec<f64> = frames
        .lines()
        .map(|frame| frame.split(',').next().unwrap().parse().unwrap())
        .collect();
    let largest = times.windows(2).map(|pair| pair[1] - pair[0]);
    assert!(largest.fold(0.0, f64::max) < 0.5, "{frames}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_recorded_plays_at_each_moment() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("recording.mp4");
    let engine = Engine::start(options(folder.path()));
    go_live(&engine).await;
    // In the middle of a broadcast.
    tell(
        &engine,
        Command::Record(RecordingOptions::new(file.clone())),
    )
    .await;
    until(&engine, has_recorded(9)).await;
    // As a crash would leave it.
    let copy = folder.path().join("crashed.mp4");
    std::fs::copy(&file, &copy).unwrap();
    let fragmented = boxes(&copy);
    assert_eq!(fragmented[..3], ["ftyp", "free", "moov"]);
    assert!(fragmented.iter().filter(|name| *name == "moof").count() > 8);
    let packets = probe(
        &copy,
        &["-select_streams", "v", "-show_entries", "packet=pts"],
    );
    assert!(packets.lines().count() > 20, "{packets}");
    tell(&engine, Command::StopRecording).await;
    until(&engine, |snapshot| {
        matches!(snapshot.recording, Recording::Done(_)) && live(snapshot).is_some()
    })
    .await;
    assert_eq!(decode(&file), "");
    engine.quit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_there_is_not_replaced_without_being_asked() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("precious.mp4");
    std::fs::write(&file, "precious").unwrap();
    let engine = Engine::start(options(folder.path()));
    let recording = RecordingOptions::new(file.clone());
    tell(&engine, Command::Record(recording.clone())).await;
    until(&engine, |snapshot| {
        snapshot.recording == Recording::InTheWay(file.clone())
    })
    .await;
    let began = go_live(&engine).await;
    until(&engine, |snapshot| {
        live(snapshot).is_some_and(|live| live.segments > began.segments + 10)
    })
    .await;
    assert_eq!(std::fs::read(&file).unwrap(), b"precious");
    let replacing = RecordingOptions {
        replace: true,
        ..recording
    };
    tell(&engine, Command::Record(replacing)).await;
    until(&engine, has_recorded(4)).await;
    engine.quit().await;
    assert_eq!(decode(&file), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_is_nearly_full_ends_the_recording_and_not_the_broadcast() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("recording.mp4");
    let engine = Engine::start(options(folder.path()));
    let recording = RecordingOptions {
        reserve: u64::MAX,
        ..RecordingOptions::new(file)
    };
    tell(&engine, Command::Record(recording)).await;
    go_live(&engine).await;
    ends_with_a_hint(&engine, "are free on the disk").await;
    engine.quit().await;
}

async fn ends_with_a_hint(engine: &Engine, part: &str) {
    let told = until(engine, |snapshot| {
        snapshot
            .hints
            .iter()
            .any(|hint| hint.severity == Severity::Warning && hint.text.to_string().contains(part))
    })
    .await;
    assert_eq!(told.recording, Recording::Off);
    let segments = live(&told).unwrap().segments;
    until(
        engine,
        |snapshot| matches!(&snapshot.phase, Phase::Live(live) if live.segments > segments + 4),
    )
    .await;
}

/// A small disk of its own; `None` where this user may not make one.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn mount() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mounted = Process::new("mount")
            .args(["-t", "tmpfs", "-o", "size=200k", "tmpfs"])
            .arg(folder.path())
            .status();
        mounted
            .is_ok_and(|status| status.success())
            .then_some(Self(folder))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Process::new("umount").arg(self.0.path()).status();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_is_full_ends_the_recording_and_leaves_what_plays() {
    let Some(disk) = SmallDisk::mount() else {
        eprintln!("skipped: this user may not mount a disk");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let file = disk.0.path().join("recording.mp4");
    let engine = Engine::start(options(folder.path()));
    let recording = RecordingOptions {
        reserve: 0,
        ..RecordingOptions::new(file.clone())
    };
    tell(&engine, Command::Record(recording)).await;
    go_live(&engine).await;
    ends_with_a_hint(&engine, "what was recorded so far is there").await;
    let packets = probe(
        &file,
        &["-select_streams", "v", "-show_entries", "packet=pts"],
    );
    assert!(packets.lines().count() > 10, "{packets}");
    engine.quit().await;
}
