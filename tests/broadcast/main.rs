//! The engine with all its real parts: test source, encoder, swarm, server; watched by the native viewer.

#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

mod pausing;
mod recording;
mod viewer;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use liveontorrent::broadcast::{
    Choices, Command, Engine, EngineOptions, Hint, Live, Neighbour, Phase, Severity, Snapshot,
};
use liveontorrent::capture::{Input, SoundSource, SourceState, VideoSource};
use liveontorrent::seeder::NetworkOptions;
use liveontorrent::segmenter::{Bitrate, Encoding, Resolution};
use liveontorrent::server::{Listen, Server, ServerOptions};
use liveontorrent::watch::{self, OutputTarget, WatchOptions, WatchSummary};
use swarm::{Category, Details, DonationLink};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use viewer::Viewer;

/// For what takes a second or two on an idle machine.
const SOON: Duration = Duration::from_secs(30);

/// Small, so that encoding leaves the machine to what is tested.
fn choices() -> Choices {
    Choices {
        encoding: Encoding {
            resolution: Resolution {
                width: 320,
                height: 180,
            },
            frames_per_second: 15,
            video_bitrate: Bitrate::from_kilobits_per_second(300),
            ..Encoding::default()
        },
        details: Details::titled("A test"),
        ..Choices::default()
    }
}

fn options(folder: &Path) -> EngineOptions {
    EngineOptions {
        choices: choices(),
        config_folder: folder.to_owned(),
        remember: true,
        preview: true,
        server: ServerOptions {
            listen: Listen::At("127.0.0.1:0".parse().unwrap()),
            ..ServerOptions::default()
        },
        network: NetworkOptions::default(),
    }
}

async fn until(engine: &Engine, what: impl Fn(&Snapshot) -> bool) -> Arc<Snapshot> {
    let mut snapshots = engine.snapshots();
    let seen = timeout(SOON, snapshots.wait_for(|snapshot| what(snapshot))).await;
    match seen {
        Ok(snapshot) => Arc::clone(&snapshot.unwrap()),
        Err(_) => panic!("not seen in time; it is {:?}", engine.snapshots().borrow()),
    }
}

fn live(snapshot: &Snapshot) -> Option<&Live> {
    match &snapshot.phase {
        Phase::Live(live) => Some(live),
        _ => None,
    }
}

async fn go_live(engine: &Engine) -> Live {
    tell(engine, Command::Start).await;
    let snapshot = until(engine, |snapshot| live(snapshot).is_some()).await;
    live(&snapshot).unwrap().clone()
}

async fn tell(engine: &Engine, command: Command) {
    engine.commands().send(command).await.unwrap();
}

fn watch(link: &str, to: &Path, keep: bool) -> (JoinHandle<WatchSummary>, CancellationToken) {
    let cancel = CancellationToken::new();
    let options = WatchOptions {
        link: link.to_owned(),
        output: OutputTarget::File(to.to_owned()),
        keep,
        ..WatchOptions::default()
    };
    let watching = watch::run(options, cancel.clone());
    let task = tokio::spawn(async move { watching.await.unwrap() });
    (task, cancel)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_broadcast_is_watched_until_stop() {
    let folder = tempfile::tempdir().unwrap();
    let engine = Engine::start(options(folder.path()));
    let began = go_live(&engine).await;
    let (watching, _cancel) = watch(&began.link, &folder.path().join("stream.mp4"), false);
    until(&engine, |snapshot| {
        live(snapshot).is_some_and(|live| live.viewers == 1 && live.uploaded_bytes > 100_000)
    })
    .await;
    tell(&engine, Command::Stop).await;
    let summary = timeout(SOON, watching).await.unwrap().unwrap();
    assert!(summary.ended);
    assert!(summary.segments > 4, "{summary:?}");
    assert_eq!(summary.lost_segments, 0, "{summary:?}");
    until(&engine, |snapshot| matches!(snapshot.phase, Phase::Idle)).await;
    engine.quit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_broadcast_has_the_same_link_and_the_same_viewers() {
    let folder = tempfile::tempdir().unwrap();
    let engine = Engine::start(options(folder.path()));
    let first = go_live(&engine).await;
    let (watching, cancel) = watch(&first.link, &folder.path().join("stream.mp4"), true);
    let is_watched = |snapshot: &Snapshot| {
        live(snapshot).is_some_and(|live| live.viewers == 1 && live.segments > 4)
    };
    until(&engine, is_watched).await;
    tell(&engine, Command::Stop).await;
    until(&engine, |snapshot| matches!(snapshot.phase, Phase::Idle)).await;
    // Another quality makes another init segment.
    let encoding = Encoding {
        video_bitrate: Bitrate::from_kilobits_per_second(200),
        frames_per_second: 10,
        ..choices().encoding
    };
    tell(&engine, Command::SetEncoding(encoding)).await;
    let second = go_live(&engine).await;
    assert_eq!(first.link, second.link);
    until(&engine, is_watched).await;
    cancel.cancel();
    let summary = timeout(SOON, watching).await.unwrap().unwrap();
    assert!(summary.segments > 6, "{summary:?}");
    engine.quit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn changing_the_source_does_not_interrupt_viewers() {
    let folder = tempfile::tempdir().unwrap();
    let engine = Engine::start(options(folder.path()));
    let began = go_live(&engine).await;
    let (watching, cancel) = watch(&began.link, &folder.path().join("stream.mp4"), false);
    until(&engine, |snapshot| {
        live(snapshot).is_some_and(|live| live.viewers == 1)
    })
    .await;
    let missing = Input {
        video: VideoSource::File(folder.path().join("missing.mp4")),
        sound: SoundSource::None,
    };
    tell(&engine, Command::SetInput(missing)).await;
    let gone = until(&engine, |snapshot| {
        matches!(snapshot.video, SourceState::Gone(_))
    })
    .await;
    let segments = live(&gone).unwrap().segments;
    let goes_on =
        |snapshot: &Snapshot| live(snapshot).is_some_and(|live| live.segments > segments + 8);
    until(&engine, goes_on).await;
    tell(&engine, Command::SetInput(choices().input)).await;
    until(&engine, |snapshot| {
        snapshot.video == SourceState::Running
            && live(snapshot).is_some_and(|live| live.segments > segments + 16)
    })
    .await;
    cancel.cancel();
    let summary = timeout(SOON, watching).await.unwrap().unwrap();
    assert_eq!(summary.lost_segments, 0, "{summary:?}");
    engine.quit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_of_a_broadcast_changes_for_viewers_while_it_is_live() {
    let folder = tempfile::tempdir().unwrap();
    let engine = Engine::start(options(folder.path()));
    let began = go_live(&engine).await;
    let mut viewer = Viewer::join(&began.link);
    let first = viewer.told(|description| description.details == choices().details);
    let first = first.await;
    let details = Details {
        author: "Us".to_owned(),
        description: "Two hours.\nBring tea.".to_owned(),
        category: Some(Category::HowTo),
        keywords: vec!["wood".to_owned(), "glue".to_owned()],
        sensitive: true,
        donation: DonationLink::parse("https://example.org/us").ok(),
        ..Details::titled("Another title")
    };
    tell(&engine, Command::SetDetails(details.clone())).await;
    let second = viewer
        .told(|description| description.details == details)
        .await;
    assert_eq!(second.broadcast, first.broadcast);
    assert!(second.revision > first.revision);
    viewer.leave().await;
    engine.quit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_that_is_sent_once_is_seen_in_the_next_broadcast_too() {
    let folder = tempfile::tempdir().unwrap();
    let mut options = options(folder.path());
    // Viewers of a file that is missing see a notice, which is drawn once.
    options.choices.input = Input {
        video: VideoSource::File(folder.path().join("missing.mp4")),
        sound: SoundSource::None,
    };
    let engine = Engine::start(options);
    until(&engine, |snapshot| {
        matches!(snapshot.video, SourceState::Gone(_)) && snapshot.preview.is_some()
    })
    .await;
    go_live(&engine).await;
    tell(&engine, Command::Stop).await;
    until(&engine, |snapshot| matches!(snapshot.phase, Phase::Idle)).await;
    let again = go_live(&engine).await;
    let file = folder.path().join("stream.mp4");
    let (watching, _cancel) = watch(&again.link, &file, false);
    until(&engine, |snapshot| {
        live(snapshot).is_some_and(|live| live.viewers == 1 && live.segments > 8)
    })
    .await;
    tell(&engine, Command::Stop).await;
    timeout(SOON, watching).await.unwrap().unwrap();
    assert!(brightest(&file).await > 150, "only black is seen");
    engine.quit().await;
}

/// The brightest spot of a film's last picture, from 0 to 255. The first one may have been made before any source's.
async fn brightest(film: &Path) -> u8 {
    let Resolution { width, height } = choices().encoding.resolution;
    let grey = ["-pix_fmt", "gray", "-f", "rawvideo", "-"];
    let decoded = tokio::process::Command::new("ffmpeg")
        .args(["-v", "error", "-i"])
        .arg(film)
        .args(grey)
        .output()
        .await
        .unwrap();
    let pictures = decoded.stdout.chunks_exact((width * height) as usize);
    *pictures.last().unwrap().iter().max().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_that_is_taken_is_said_and_start_can_be_pressed_again() {
    let folder = tempfile::tempdir().unwrap();
    let other = Server::start(ServerOptions {
        listen: Listen::At("127.0.0.1:0".parse().unwrap()),
        ..ServerOptions::default()
    })
    .await
    .unwrap();
    let engine = Engine::start(EngineOptions {
        server: ServerOptions {
            listen: Listen::At(other.address()),
            ..ServerOptions::default()
        },
        ..options(folder.path())
    });
    tell(&engine, Command::Start).await;
    let failed = until(&engine, |snapshot| !snapshot.hints.is_empty()).await;
    assert!(matches!(failed.phase, Phase::Idle));
    assert_eq!(failed.hints[0].severity, Severity::Error);
    assert!(
        failed.hints[0].text.to_string().contains("taken"),
        "{:?}",
        failed.hints
    );
    other.shutdown().await;
    go_live(&engine).await;
    let now = until(&engine, |snapshot| live(snapshot).is_some()).await;
    assert!(
        now.hints.iter().all(|hint| hint.severity < Severity::Error),
        "{:?}",
        now.hints
    );
    engine.quit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn choices_are_remembered_and_a_quality_that_cannot_be_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let engine = Engine::start(options(folder.path()));
    tell(&engine, Command::SetDetails(Details::titled("Ein Konzert"))).await;
    let too_fast = Encoding {
        frames_per_second: 1000,
        ..choices().encoding
    };
    tell(&engine, Command::SetEncoding(too_fast)).await;
    let refused = until(&engine, |snapshot| !snapshot.hints.is_empty()).await;
    assert_eq!(refused.encoding, choices().encoding);
    engine.quit().await;
    let remembered = Choices::load(folder.path());
    assert_eq!(remembered.details.title, "Ein Konzert");
    assert_eq!(remembered.encoding, choices().encoding);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_limit_that_is_set_while_live_holds_and_is_remembered() {
    let folder = tempfile::tempdir().unwrap();
    let engine = Engine::start(options(folder.path()));
    let began = go_live(&engine).await;
    let (_watching, _cancel) = watch(&began.link, &folder.path().join("stream.mp4"), false);
    let uploaded = |snapshot: &Snapshot| live(snapshot).unwrap().uploaded_bytes;
    until(&engine, |snapshot| uploaded(snapshot) > 100_000).await;
    // A quarter of what one copy of picture and sound takes.
    let limit = Bitrate::from_kilobits_per_second(115);
    tell(&engine, Command::SetUploadLimit(Some(limit))).await;
    let limited = until(&engine, |snapshot| snapshot.upload_limit == Some(limit)).await;
    let (segments, before) = (live(&limited).unwrap().segments, uploaded(&limited));
    let later = until(&engine, |snapshot| {
        live(snapshot).unwrap().segments >= segments + 32
    })
    .await;
    // 32 segments are 8 s. What had been saved up, and what was on its way, goes too: half a copy would be twice as much.
    let sent = uploaded(&later) - before;
    let stream = live(&later).unwrap().stream_bytes - live(&limited).unwrap().stream_bytes;
    assert!(sent < stream / 2 + 64 * 1024, "{sent} of {stream}");
    let hints = &later.hints;
    let said = |hint: &Hint| hint.text.to_string().contains("upload limit");
    assert!(hints.iter().any(said), "{hints:?}");
    engine.quit().await;
    assert_eq!(Choices::load(folder.path()).upload_limit, Some(limit));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_carries_the_stream_and_how_it_has_gone_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let engine = Engine::start(options(folder.path()));
    let began = go_live(&engine).await;
    let files = ["one.mp4", "two.mp4"].map(|name| folder.path().join(name));
    let _watching = files.each_ref().map(|file| watch(&began.link, file, false));
    let told = until(&engine, |snapshot| {
        live(snapshot).is_some_and(|live| {
            let parts: usize = live.audience.iter().map(|viewer| viewer.parts).sum();
            let passed_on: usize = live.audience.iter().map(|viewer| viewer.passes_on).sum();
            let last = live.history.last();
            live.audience.len() == 2
                && live.history.len() > 2
                && parts >= Neighbour::PARTS
                && passed_on > 0
                && last.is_some_and(|moment| moment.viewers == 2 && moment.delay.is_some())
        })
    })
    .await;
    let told = live(&told).unwrap();
    assert!(told.copies.is_some_and(|copies| copies > 0.5), "{told:?}");
    engine.quit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_preview_moves_before_and_while_live() {
    let folder = tempfile::tempdir().unwrap();
    let engine = Engine::start(options(folder.path()));
    let serial = |snapshot: &Snapshot| snapshot.preview.as_ref().map_or(0, |frame| frame.serial);
    let before = until(&engine, |snapshot| serial(snapshot) > 2).await;
    let frame = before.preview.as_ref().unwrap();
    assert_eq!(frame.rgba.len(), frame.width * frame.height * 4);
    go_live(&engine).await;
    let at_start = serial(&engine.snapshots().borrow());
    until(&engine, |snapshot| serial(snapshot) > at_start + 2).await;
    engine.quit().await;
}
