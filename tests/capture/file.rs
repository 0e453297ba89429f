//! Video files.

use std::path::Path;
use std::process::Command;

use liveontorrent::capture::{SoundSource, SourceState, VideoSource, clock_time};

use crate::collector::{Collected, FORMAT, capture, wait_for_state};
use crate::luma::luma_at;

/// Makes a clip of one second: white, then black, and a tone with it where `with_sound`.
fn make_clip(path: &Path, with_sound: bool) {
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args(["-loglevel", "error", "-y", "-f", "lavfi", "-i"]);
    ffmpeg.arg("color=white:size=320x180:rate=25:duration=1,drawbox=t=fill:color=black:enable='gte(t,0.5)'");
    if with_sound {
        ffmpeg.args(["-f", "lavfi", "-i", "sine=frequency=440:duration=1"]);
        ffmpeg.args(["-c:a", "aac"]);
    }
    ffmpeg.args([
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
        "-pix_fmt",
        "yuv420p",
    ]);
    assert!(ffmpeg.arg(path).status().unwrap().success());
}

fn is_loud(samples: &[f32]) -> bool {
    samples.iter().any(|sample| sample.abs() > 0.05)
}

/// How often the picture turned from black to white.
fn rounds(collected: &Collected) -> usize {
    let pictures = &collected.pictures;
    let shown: Vec<bool> = pictures
        .iter()
        .filter(|picture| picture.buffer.size() > 0)
        .map(|picture| luma_at(picture, 500, 500) > 128)
        .collect();
    shown.windows(2).filter(|pair| !pair[0] && pair[1]).count()
}

#[test]
fn a_file_plays_in_real_time_with_its_sound_and_begins_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a clip.mp4");
    make_clip(&path, true);
    gst::init().unwrap();
    let began = clock_time();
    let (capture, collector) = capture(VideoSource::File(path), SoundSource::Own);
    let (pictures, loud) = collector.wait_for("three rounds", |collected| {
        let loud = collected
            .sounds
            .iter()
            .filter(|sound| is_loud(&sound.samples));
        (rounds(collected) >= 3).then(|| (collected.pictures.clone(), loud.count()))
    });
    assert!(loud > 0);
    let times: Vec<_> = pictures.iter().map(|picture| picture.captured_at).collect();
    let longest = times
        .windows(2)
        .map(|pair| pair[1].saturating_sub(pair[0]))
        .max()
        .unwrap();
    assert!(longest < gst::ClockTime::SECOND, "{longest}");
    assert!(times[0] >= began && times[times.len() - 1] <= clock_time() + gst::ClockTime::SECOND);
    assert!(times.windows(2).all(|pair| pair[0] < pair[1]));
    // Twenty-five a second: a file that is read as fast as it can be would show a thousand.
    let lasted = times[times.len() - 1] - times[0];
    assert!(
        times.len() as u64 <= lasted.mseconds() * 25 / 1000 + 5,
        "{} in {lasted}",
        times.len()
    );
    wait_for_state(&capture, "running", |state| {
        state.video == SourceState::Running && state.sound == SourceState::Running
    });
}

#[test]
fn a_file_without_sound_plays_silently() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("silent.mp4");
    make_clip(&path, false);
    let (capture, collector) = capture(VideoSource::File(path), SoundSource::Own);
    collector.wait_for("two rounds", |collected| {
        (rounds(collected) >= 2).then_some(())
    });
    collector.wait_for("a look at the sound", |collected| {
        assert!(collected.sounds.is_empty());
        Some(())
    });
    wait_for_state(&capture, "running", |state| {
        state.sound == SourceState::Running
    });
}

#[test]
fn a_files_own_sound_is_not_heard_where_another_is_picked() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("clip.mp4");
    make_clip(&path, true);
    let (_capture, collector) = capture(VideoSource::File(path), SoundSource::None);
    collector.wait_for("two rounds", |collected| {
        (rounds(collected) >= 2).then_some(())
    });
    collector.wait_for("a look at the sound", |collected| {
        assert!(collected.sounds.is_empty());
        Some(())
    });
}

#[test]
fn a_missing_file_is_said_and_shown_and_plays_when_it_is_put_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("later.mp4");
    let (capture, collector) = capture(VideoSource::File(path.clone()), SoundSource::Own);
    let state = wait_for_state(&capture, "gone", |state| {
        matches!(state.video, SourceState::Gone(_))
    });
    let text = state.video.trouble().unwrap().to_string();
    assert!(
        text.contains("There is no file") && text.contains("later.mp4"),
        "{text}"
    );
    assert_eq!(state.sound, state.video);
    // Viewers see a notice of the broadcast's size.
    collector.wait_for("the notice", |collected| {
        let picture = collected.pictures.first()?;
        let pixels = (FORMAT.resolution.width * FORMAT.resolution.height) as usize;
        assert_eq!(picture.buffer.size(), pixels * 3 / 2);
        Some(())
    });

    let made = folder.path().join("made.mp4");
    make_clip(&made, true);
    std::fs::rename(made, path).unwrap();
    wait_for_state(&capture, "running", |state| {
        state.video == SourceState::Running
    });
    collector.wait_for("a round", |collected| {
        (rounds(collected) >= 1).then_some(())
    });
}

#[test]
fn a_file_that_is_no_video_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("letter.txt");
    std::fs::write(&text, "Dear all, ".repeat(1000)).unwrap();
    let sound = folder.path().join("song.m4a");
    let status = Command::new("ffmpeg")
        .args([
            "-loglevel",
            "error",
            "-f",
            "lavfi",
            "-i",
            "sine=duration=1",
            "-c:a",
            "aac",
        ])
        .arg(&sound)
        .status();
    assert!(status.unwrap().success());
    for path in [text, sound, folder.path().to_owned()] {
        let (capture, _collector) = capture(VideoSource::File(path.clone()), SoundSource::None);
        let state = wait_for_state(&capture, "gone", |state| {
            matches!(state.video, SourceState::Gone(_))
        });
        let said = format!("{:?}", state.video);
        assert!(said.contains("not a video"), "{}: {said}", path.display());
    }
}
