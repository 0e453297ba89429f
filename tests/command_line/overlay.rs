//! A second picture over the first, as viewers and recordings have it.

use std::path::Path;

use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use crate::{Program, SMALL, probe};

/// Makes a clip of one colour.
async fn clip(folder: &Path, colour: &str) -> String {
    let path = folder.join(format!("{colour}.mp4")).display().to_string();
    let source = format!("color={colour}:size=320x180:rate=15:duration=2");
    let made = Command::new("ffmpeg")
        .args(["-loglevel", "error", "-f", "lavfi", "-i", &source])
        .args(["-pix_fmt", "yuv420p", &path])
        .status()
        .await;
    assert!(made.unwrap().success());
    path
}

/// How bright each picture of a film is in a part of it.
async fn brightness(film: &str, part: &str) -> Vec<u8> {
    let filter = format!("crop={part},scale=1:1:flags=area");
    let decoded = Command::new("ffmpeg")
        .args(["-loglevel", "error", "-i", film, "-vf", &filter])
        .args(["-f", "rawvideo", "-pix_fmt", "gray", "-"])
        .output()
        .await
        .unwrap();
    decoded.stdout
}

#[tokio::test]
async fn it_is_moved_and_switched_off_while_live_and_the_stream_has_no_gap() {
    let home = tempfile::tempdir().unwrap();
    let white = format!("file:{}", clip(home.path(), "white").await);
    let black = format!("file:{}", clip(home.path(), "black").await);
    let film = home.path().join("film.mp4").display().to_string();
    let usual = [
        "broadcast",
        "--source",
        &white,
        "--overlay",
        &black,
        "--overlay-size",
        "large",
        "--listen",
        "127.0.0.1:0",
        "--control",
        "--json",
        "--record",
        &film,
    ];
    let mut program = Program::start(home.path(), &[&usual[..], &SMALL].concat());
    program.event("live").await;
    let mut input = program.process.stdin.take().unwrap();
    for line in ["overlay top-left\n", "overlay off\n", "stop\n"] {
        for _ in 0..3 {
            program.event("stats").await;
        }
        input.write_all(line.as_bytes()).await.unwrap();
    }
    let (status, errors) = program.end().await;
    assert!(status.success(), "{errors}");

    // The large overlay is 120 by 66 pixels, 6 from the edges.
    let below = brightness(&film, "100:50:204:118").await;
    let above = brightness(&film, "100:50:16:16").await;
    assert_eq!(below.len(), above.len());
    let mut seen: Vec<_> = below
        .iter()
        .zip(&above)
        .map(|(below, above)| (*below < 100, *above < 100))
        .collect();
    seen.dedup();
    // Before the first picture it is black; then the one beneath and the overlay come as they please.
    let shown = seen.iter().position(|seen| *seen == (true, false)).unwrap();
    assert_eq!(
        seen[shown..],
        [(true, false), (false, true), (false, false)],
        "{seen:?}"
    );

    let times = ["-select_streams", "v", "-show_entries", "packet=pts_time"];
    let times: Vec<f64> = probe(&film, &times)
        .await
        .lines()
        .map(|line| line.trim_end_matches(',').parse().unwrap())
        .collect();
    let longest = times.windows(2).map(|pair| pair[1] - pair[0]);
    // Each segment of 250 ms has a picture, however slow the machine is.
    assert!(longest.fold(0.0, f64::max) < 0.6, "{times:?}");
}
