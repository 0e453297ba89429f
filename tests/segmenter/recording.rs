//! What a segmenter made of a source, and what ffprobe and ffmpeg say of it.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use liveontorrent::segmenter::{
    Encoding, InitSegment, MediaSegment, Output, Segmenter, SegmenterStats,
};
use tempfile::NamedTempFile;

use crate::source::Source;

/// A broadcast, whole.
#[derive(Debug)]
pub struct Recording {
    pub encoding: Encoding,
    pub init: InitSegment,
    pub segments: Vec<MediaSegment>,
    /// How long after the capture of its last picture each segment came.
    pub lags: Vec<Duration>,
    pub stats: SegmenterStats,
    file: NamedTempFile,
}

/// A packet as ffprobe sees it.
#[derive(Clone, Debug)]
pub struct Packet {
    pub video: bool,
    pub time: f64,
    pub key_frame: bool,
    position: usize,
}

/// Encodes a source for so long, in real time, such that no picture is missing: a machine may be busy with something else
/// for a moment, so it gets another chance or two.
pub fn record_whole(encoding: &Encoding, source: Source, length: Duration) -> Recording {
    (0..3)
        .map(|_| record(encoding, source, length))
        .find(Recording::is_whole)
        .expect("one recording of three is whole")
}

/// Encodes a source for so long, in real time.
pub fn record(encoding: &Encoding, source: Source, length: Duration) -> Recording {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    let (segmenter, mut outputs) = Segmenter::start(encoding).unwrap();
    let stop = AtomicBool::new(false);
    let mut received = Vec::new();
    let mut stats = segmenter.stats();
    std::thread::scope(|scope| {
        let running = scope.spawn(|| source.run(&segmenter, &stop));
        runtime.block_on(async {
            let until = tokio::time::Instant::now() + length;
            while let Ok(output) = tokio::time::timeout_at(until, outputs.recv()).await {
                let output = output.expect("the segmenter goes on");
                received.push((output, SystemTime::now()));
            }
        });
        stop.store(true, Ordering::Relaxed);
        running.join().unwrap();
        stats = segmenter.stats();
    });
    assert_eq!(segmenter.failure(), None);
    runtime.block_on(segmenter.finish());
    while let Some(output) = runtime.block_on(outputs.recv()) {
        received.push((output, SystemTime::now()));
    }
    Recording::new(encoding.clone(), received, stats)
}

impl Recording {
    fn new(encoding: Encoding, received: Vec<(Output, SystemTime)>, stats: SegmenterStats) -> Self {
        let mut file = NamedTempFile::new().unwrap();
        let mut init = None;
        let mut segments = Vec::new();
        let mut lags = Vec::new();
        for (output, at) in received {
            match output {
                Output::Init(first) => {
                    assert!(init.is_none() && segments.is_empty());
                    file.write_all(&first.bytes).unwrap();
                    init = Some(first);
                }
                Output::Media(segment) => {
                    file.write_all(&segment.bytes).unwrap();
                    lags.push(at.duration_since(segment.captured_at).unwrap_or_default());
                    segments.push(segment);
                }
            }
        }
        Self {
            encoding,
            init: init.expect("an init segment"),
            segments,
            lags,
            stats,
            file,
        }
    }

    fn path(&self) -> &Path {
        self.file.path()
    }

    fn is_whole(&self) -> bool {
        let pictures = self.packets().concat();
        let times: Vec<_> = pictures.iter().filter(|packet| packet.video).collect();
        let slot = 1.0 / f64::from(self.encoding.frames_per_second);
        times
            .windows(2)
            .all(|pair| pair[1].time - pair[0].time < slot * 1.5)
    }

    /// Codec and profile of video and of sound.
    pub fn streams(&self) -> String {
        ffprobe(&["-show_entries", "stream=codec_name,profile"], self.path())
    }

    /// The packets of each segment.
    pub fn packets(&self) -> Vec<Vec<Packet>> {
        let listed = ffprobe(
            &["-show_entries", "packet=codec_type,pts_time,pos,flags"],
            self.path(),
        );
        let mut ends = Vec::new();
        let mut end = self.init.bytes.len();
        for segment in &self.segments {
            end += segment.bytes.len();
            ends.push(end);
        }
        let mut packets = vec![Vec::new(); ends.len()];
        for packet in listed.lines().filter_map(packet) {
            let segment = ends.partition_point(|end| *end <= packet.position);
            packets[segment].push(packet);
        }
        packets
    }

    /// When flashes begin, by the pictures' own times.
    pub fn flashes(&self) -> Vec<f64> {
        let brightness = ffmpeg(
            &["-vf", "scale=1:1", "-f", "rawvideo", "-pix_fmt", "gray"],
            self.path(),
        );
        let times: Vec<_> = self
            .packets()
            .concat()
            .into_iter()
            .filter(|packet| packet.video)
            .map(|packet| packet.time)
            .collect();
        assert_eq!(brightness.len(), times.len(), "every picture is decoded");
        let white = brightness.iter().map(|value| *value > 180);
        rises(white.zip(times))
    }

    /// When beeps begin.
    pub fn beeps(&self) -> Vec<f64> {
        const RATE: usize = 48_000;
        let bytes = ffmpeg(&["-f", "f32le", "-ac", "1"], self.path());
        let (samples, _) = bytes.as_chunks::<4>();
        // A tone of 1 kHz is never quiet for a millisecond.
        let loud = samples.chunks(RATE / 1000).map(|millisecond| {
            millisecond
                .iter()
                .any(|sample| f32::from_le_bytes(*sample).abs() > 0.3)
        });
        rises(loud.zip((0..).map(|millisecond| f64::from(millisecond) / 1000.0)))
    }
}

/// The moments when something begins to be so.
fn rises(mut states: impl Iterator<Item = (bool, f64)>) -> Vec<f64> {
    let mut before = true;
    let mut found = Vec::new();
    for (now, time) in &mut states {
        if now && !before {
            found.push(time);
        }
        before = now;
    }
    found
}

fn packet(line: &str) -> Option<Packet> {
    let fields: Vec<_> = line.split(',').collect();
    let [kind, time, position, flags, ..] = fields.as_slice() else {
        return None;
    };
    Some(Packet {
        video: *kind == "video",
        time: time.parse().unwrap(),
        key_frame: flags.starts_with('K'),
        position: position.parse().unwrap(),
    })
}

fn ffprobe(arguments: &[&str], file: &Path) -> String {
    let output = Command::new("ffprobe")
        .args(["-v", "error", "-of", "csv=p=0"])
        .args(arguments)
        .arg(file)
        .output()
        .expect("ffprobe is installed");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && errors.is_empty(), "{errors}");
    String::from_utf8(output.stdout).unwrap()
}

fn ffmpeg(arguments: &[&str], file: &Path) -> Vec<u8> {
    let output = Command::new("ffmpeg")
        .args(["-v", "error", "-i"])
        .arg(file)
        .args(["-fps_mode", "passthrough"])
        .args(arguments)
        .arg("-")
        .stdin(Stdio::null())
        .output()
        .expect("ffmpeg is installed");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && errors.is_empty(), "{errors}");
    output.stdout
}
