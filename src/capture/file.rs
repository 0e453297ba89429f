//! A video file, played in real time, over and over, with its own sound.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use gst::prelude::*;
use tokio::time::{Instant, sleep_until};

use super::PictureFormat;
use super::error::SourceError;
use super::naming;
use super::outlet::{PictureOutlet, SoundOutlet};
use super::pipeline::{
    Failure, SourcePipeline, Stopped, Timing, add_chain, add_picture_branch, add_sound_branch,
    element, link,
};
use super::source::{Expects, Source};

/// A file with a single picture is not begun again faster than this.
const SHORTEST_ROUND: Duration = Duration::from_millis(100);

/// A file at work.
struct VideoFile {
    player: Player,
    pipeline: SourcePipeline,
    began: Instant,
}

/// What it takes to play a file, again from the start where it cannot be rewound.
struct Player {
    path: PathBuf,
    format: PictureFormat,
    pictures: Arc<PictureOutlet>,
    sound: Arc<SoundOutlet>,
}

/// Opens a file.
pub(super) async fn open(
    path: &Path,
    format: PictureFormat,
    pictures: PictureOutlet,
    sound: SoundOutlet,
) -> Result<Box<dyn Source>, SourceError> {
    let player = Player {
        path: path.to_owned(),
        format,
        pictures: Arc::new(pictures),
        sound: Arc::new(sound),
    };
    let pipeline = player.play().await?;
    Ok(Box::new(VideoFile {
        player,
        pipeline,
        began: Instant::now(),
    }))
}

#[async_trait]
impl Source for VideoFile {
    async fn failure(&mut self) -> SourceError {
        loop {
            let again = match self.pipeline.stopped().await {
                Stopped::Ended => self.begin_again().await,
                Stopped::Failed(failure) => return self.player.explain(failure),
            };
            if let Err(error) = again {
                return error;
            }
        }
    }

    fn expects(&self) -> Expects {
        // A file's sound may be longer than its picture.
        Expects::First
    }
}

impl VideoFile {
    async fn begin_again(&mut self) -> Result<(), SourceError> {
        sleep_until(self.began + SHORTEST_ROUND).await;
        self.began = Instant::now();
        let flags = gst::SeekFlags::FLUSH | gst::SeekFlags::KEY_UNIT;
        let rewound = self
            .pipeline
            .inner()
            .seek_simple(flags, gst::ClockTime::ZERO);
        if rewound.is_err() {
            self.pipeline = self.player.play().await?;
        }
        Ok(())
    }
}

impl Player {
    async fn play(&self) -> Result<SourcePipeline, SourceError> {
        let path = self.path.clone();
        // On a network's file system even looking at a file may take long.
        let uri = tokio::task::spawn_blocking(move || uri_of(&path))
            .await
            .map_err(|error| SourceError::GStreamer(error.to_string()))??;
        let decoder = element("uridecodebin", "gstreamer1.0-plugins-base")?;
        decoder.set_property("uri", uri);
        // Hardware decoders leave pictures in the hardware's memory.
        decoder.set_property("force-sw-decoders", true);
        let pipeline = SourcePipeline::new();
        add_chain(pipeline.inner(), &[&decoder])?;
        self.connect(&decoder, pipeline.inner());
        pipeline.play(&naming::file(&self.path)).await
    }

    /// Adds a branch for the first picture and the first sound that the file turns out to have.
    fn connect(&self, decoder: &gst::Element, pipeline: &gst::Pipeline) {
        let branches = Arc::new(Branches {
            // Weak, or the pipeline would own itself through its own element's callbacks.
            pipeline: pipeline.downgrade(),
            format: self.format,
            pictures: self.pictures.clone(),
            sound: self.sound.clone(),
            has_picture: AtomicBool::new(false),
            has_sound: AtomicBool::new(false),
        });
        let of_pad = branches.clone();
        decoder.connect_pad_added(move |decoder, pad| {
            if let Err(error) = of_pad.add(pad) {
                post(decoder, gst::StreamError::Format, &error.to_string());
            }
        });
        decoder.connect_no_more_pads(move |decoder| {
            if !branches.has_picture.load(Ordering::Relaxed) {
                post(decoder, gst::StreamError::WrongType, "it has no picture");
            }
        });
    }

    fn explain(&self, failure: Failure) -> SourceError {
        if failure.error.matches(gst::ResourceError::NotFound) {
            SourceError::FileMissing(self.path.clone())
        } else if failure.error.is::<gst::StreamError>() || failure.error.is::<gst::CoreError>() {
            tracing::debug!(error = %failure.error, detail = failure.detail, "not a video");
            SourceError::NotAVideo(self.path.clone())
        } else {
            failure.of(&naming::file(&self.path))
        }
    }
}

/// The branches of a file's pipeline, made when it is known what is in the file.
struct Branches {
    pipeline: gst::glib::WeakRef<gst::Pipeline>,
    format: PictureFormat,
    pictures: Arc<PictureOutlet>,
    sound: Arc<SoundOutlet>,
    has_picture: AtomicBool,
    has_sound: AtomicBool,
}

impl Branches {
    fn add(&self, pad: &gst::Pad) -> Result<(), SourceError> {
        let Some(pipeline) = self.pipeline.upgrade() else {
            return Ok(());
        };
        let caps = pad.current_caps().unwrap_or_else(|| pad.query_caps(None));
        let kind = caps.structure(0).map(|kind| kind.name().as_str());
        let branch = match kind {
            Some("video/x-raw") if !self.has_picture.swap(true, Ordering::Relaxed) => {
                self.picture(&pipeline)?
            }
            Some("audio/x-raw") if !self.has_sound.swap(true, Ordering::Relaxed) => {
                add_sound_branch(&pipeline, Timing::RealTime, &self.sound)?
            }
            _ => return Ok(()),
        };
        let entry = branch.static_pad("sink");
        let linked = entry.map(|entry| pad.link(&entry).is_ok());
        match linked {
            Some(true) => Ok(()),
            _ => Err(SourceError::GStreamer(format!("{caps} does not link"))),
        }
    }

    fn picture(&self, pipeline: &gst::Pipeline) -> Result<gst::Element, SourceError> {
        let branch = add_picture_branch(pipeline, self.format, Timing::RealTime, &self.pictures)?;
        // Telephones store pictures lying on their side, and say so.
        let upright = element("videoflip", "gstreamer1.0-plugins-good")?;
        upright.set_property_from_str("video-direction", "auto");
        add_chain(pipeline, &[&upright])?;
        link(&upright, &branch)?;
        Ok(upright)
    }
}

fn post(element: &gst::Element, kind: gst::StreamError, text: &str) {
    let message = gst::message::Error::builder(kind, text)
        .src(element)
        .build();
    // Fails only while the pipeline is being ended.
    let _ = element.post_message(message);
}

/// The address of a file that can be read.
fn uri_of(path: &Path) -> Result<gst::glib::GString, SourceError> {
    let opened =
        std::fs::File::open(path).and_then(|file| Ok((file.metadata()?, path.canonicalize()?)));
    let (metadata, path) = opened.map_err(|error| match error.kind() {
        ErrorKind::NotFound => SourceError::FileMissing(path.to_owned()),
        ErrorKind::PermissionDenied => SourceError::FileForbidden(path.to_owned()),
        _ => SourceError::Failed {
            source_name: naming::file(path),
            reason: error.to_string(),
        },
    })?;
    if !metadata.is_file() {
        return Err(SourceError::NotAVideo(path));
    }
    gst::glib::filename_to_uri(&path, None).map_err(|_| SourceError::NotAVideo(path))
}
