//! What the sources that GStreamer captures share: a pipeline on the program's clock, and the branches that turn what
//! an element captures into pictures and sound as the program wants them.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::StreamExt;
use gst::prelude::*;
use gst_app::{AppSink, AppSinkCallbacks, AppSrc};
use tokio::time::timeout;

use super::error::SourceError;
use super::outlet::{PictureOutlet, Place, SoundOutlet};
use super::pacer::Pacer;
use super::{CHANNELS, Picture, PictureFormat, SAMPLE_RATE, Sound, clock};
use crate::texts::Message;

/// Longer than any device takes to open that works.
const OPENING: Duration = Duration::from_secs(10);

/// When buffers leave a pipeline.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Timing {
    /// As soon as they are there: a device sets the pace.
    Live,
    /// When it is their time: a file is read faster than it plays.
    RealTime,
}

/// A pipeline; dropping it ends it.
pub(super) struct SourcePipeline {
    pipeline: gst::Pipeline,
    bus: gst::bus::BusStream,
}

impl SourcePipeline {
    pub(super) fn new() -> Self {
        let pipeline = gst::Pipeline::new();
        // All pipelines have one clock, so that base time and running time make a time that compares between them.
        pipeline.use_clock(Some(&clock()));
        let bus = gst::Bus::stream(&pipeline.bus().unwrap_or_default());
        Self { pipeline, bus }
    }

    /// Starts it. It may take as long as the device takes to open, so it happens on another thread; one that hangs is
    /// left to itself, and ended there when it comes back.
    pub(super) async fn play(self, name: &Message) -> Result<Self, SourceError> {
        let play = move || {
            if let Err(error) = self.pipeline.set_state(gst::State::Playing) {
                // The element that is to blame has put on the bus why.
                tracing::debug!(%error, "a source's pipeline does not start");
            }
            self
        };
        timeout(OPENING, tokio::task::spawn_blocking(play))
            .await
            .map_err(|_| SourceError::NoAnswer(name.clone()))?
            .map_err(internal)
    }

    pub(super) fn inner(&self) -> &gst::Pipeline {
        &self.pipeline
    }

    /// The next thing that it has to say.
    pub(super) async fn message(&mut self) -> gst::Message {
        match self.bus.next().await {
            Some(message) => message,
            None => std::future::pending().await,
        }
    }

    /// Waits until it ends or fails.
    pub(super) async fn stopped(&mut self) -> Stopped {
        loop {
            match self.message().await.view() {
                gst::MessageView::Error(error) => {
                    return Stopped::Failed(Failure {
                        error: error.error(),
                        detail: error.debug().map(Into::into).unwrap_or_default(),
                    });
                }
                gst::MessageView::Eos(_) => return Stopped::Ended,
                _ => {}
            }
        }
    }
}

impl Drop for SourcePipeline {
    fn drop(&mut self) {
        if self.pipeline.set_state(gst::State::Null).is_err() {
            tracing::warn!("a source's pipeline does not stop");
        }
    }
}

/// Why a pipeline stopped.
pub(super) enum Stopped {
    /// It came to its end.
    Ended,
    /// It cannot go on.
    Failed(Failure),
}

/// What an element said when it failed.
pub(super) struct Failure {
    pub(super) error: gst::glib::Error,
    pub(super) detail: String,
}

impl Failure {
    /// For a person, when nothing better is known.
    pub(super) fn of(self, source_name: &Message) -> SourceError {
        tracing::debug!(%source_name, detail = self.detail, "a source failed");
        let reason = self.error.message().trim_end_matches('.').to_owned();
        SourceError::Failed {
            source_name: source_name.clone(),
            reason,
        }
    }
}

impl Stopped {
    /// For a person, when nothing better is known.
    pub(super) fn of(self, source_name: &Message) -> SourceError {
        match self {
            Self::Ended => SourceError::Ended(source_name.clone()),
            Self::Failed(failure) => failure.of(source_name),
        }
    }
}

/// Makes an element, or says which package has it.
pub(super) fn element(
    name: &'static str,
    package: &'static str,
) -> Result<gst::Element, SourceError> {
    gst::ElementFactory::make(name)
        .build()
        .map_err(|_| SourceError::PartMissing {
            element: name,
            package,
        })
}

/// Puts elements in a pipeline and links them, first to last.
pub(super) fn add_chain(
    pipeline: &gst::Pipeline,
    elements: &[&gst::Element],
) -> Result<(), SourceError> {
    pipeline.add_many(elements).map_err(internal)?;
    gst::Element::link_many(elements).map_err(internal)?;
    if pipeline.current_state().max(pipeline.pending_state()) > gst::State::Null {
        // It is on its way already, as a file's is when it turns out what is in the file. To Paused only: a sink that
        // plays before the pipeline does knows no base time yet.
        for element in elements.iter().rev() {
            element.set_state(gst::State::Paused).map_err(internal)?;
        }
    }
    Ok(())
}

/// Links two that are in a pipeline already.
pub(super) fn link(from: &gst::Element, to: &gst::Element) -> Result<(), SourceError> {
    from.link(to).map_err(internal)
}

/// Whether a picture still waits in a source: then the next one is left out. (A source told to be leaky does the same,
/// but GStreamer 1.22 also drops changes of caps there.)
pub(super) fn is_behind(source: &AppSrc) -> bool {
    source.current_level_buffers() > 0
}

/// The caps of the program's pictures.
pub(super) fn picture_caps(format: PictureFormat) -> gst::Caps {
    gst::Caps::builder("video/x-raw")
        .field("format", "I420")
        .field("width", format.resolution.width as i32)
        .field("height", format.resolution.height as i32)
        .field("pixel-aspect-ratio", gst::Fraction::new(1, 1))
        .field("colorimetry", "bt709")
        .build()
}

/// The same, with where the planes lie.
pub(super) fn picture_info(format: PictureFormat) -> Result<gst_video::VideoInfo, SourceError> {
    let (width, height) = (format.resolution.width, format.resolution.height);
    gst_video::VideoInfo::builder(gst_video::VideoFormat::I420, width, height)
        .colorimetry(&"bt709".parse().map_err(internal)?)
        .build()
        .map_err(internal)
}

/// Any raw pictures, to pictures of the format, to the outlet. Returns the element to link to.
pub(super) fn add_picture_branch(
    pipeline: &gst::Pipeline,
    format: PictureFormat,
    timing: Timing,
    outlet: &Arc<PictureOutlet>,
) -> Result<gst::Element, SourceError> {
    // A buffer's worth of decoupling: converting must not hold up the capturing element.
    let queue = element("queue", "libgstreamer1.0-0")?;
    queue.set_property("max-size-buffers", 2_u32);
    queue.set_property("max-size-bytes", 0_u32);
    queue.set_property("max-size-time", 0_u64);
    if timing == Timing::Live {
        queue.set_property_from_str("leaky", "downstream");
    }
    let convert = element("videoconvertscale", "gstreamer1.0-plugins-base")?;
    convert.set_property("add-borders", true);
    let cut = match outlet.place() {
        Place::Beneath => None,
        // Bars around it would hide more of the picture beneath than it shows.
        Place::Overlay => Some(cut_to_shape(format)?),
    };
    let caps = element("capsfilter", "libgstreamer1.0-0")?;
    caps.set_property("caps", picture_caps(format));
    drop_surplus(cut.as_ref().unwrap_or(&convert), format);
    let sink = picture_sink(timing, outlet.clone());
    let mut chain = vec![&queue];
    chain.extend(&cut);
    chain.extend([&convert, &caps, sink.upcast_ref()]);
    add_chain(pipeline, &chain)?;
    Ok(queue)
}

/// Any raw sound, to sound of the program's, to the outlet. Returns the element to link to.
pub(super) fn add_sound_branch(
    pipeline: &gst::Pipeline,
    timing: Timing,
    outlet: &Arc<SoundOutlet>,
) -> Result<gst::Element, SourceError> {
    let queue = element("queue", "libgstreamer1.0-0")?;
    let convert = element("audioconvert", "gstreamer1.0-plugins-base")?;
    let resample = element("audioresample", "gstreamer1.0-plugins-base")?;
    let caps = element("capsfilter", "libgstreamer1.0-0")?;
    let wanted = gst::Caps::builder("audio/x-raw")
        .field("format", gst_audio::AUDIO_FORMAT_F32.to_str())
        .field("rate", SAMPLE_RATE as i32)
        .field("channels", CHANNELS as i32)
        .field("layout", "interleaved")
        .build();
    caps.set_property("caps", wanted);
    let sink = sound_sink(timing, outlet.clone());
    let chain = [&queue, &convert, &resample, &caps, sink.upcast_ref()];
    add_chain(pipeline, &chain)?;
    Ok(queue)
}

/// Cuts off what a picture of the format has no room for. (`aspectratiocrop` would do, but does not link to a queue that
/// has no source yet.)
fn cut_to_shape(format: PictureFormat) -> Result<gst::Element, SourceError> {
    let crop = element("videocrop", "gstreamer1.0-plugins-good")?;
    // Weak, or the element would own itself.
    let of_event = crop.downgrade();
    if let Some(pad) = crop.static_pad("sink") {
        pad.add_probe(gst::PadProbeType::EVENT_DOWNSTREAM, move |_, info| {
            if let Some(gst::EventView::Caps(caps)) = info.event().map(|event| event.view())
                && let Ok(info) = gst_video::VideoInfo::from_caps(caps.caps())
                && let Some(crop) = of_event.upgrade()
            {
                let [beside, above] = surplus(&info, format);
                for (edge, pixels) in [
                    ("left", beside),
                    ("right", beside),
                    ("top", above),
                    ("bottom", above),
                ] {
                    crop.set_property(edge, pixels);
                }
            }
            gst::PadProbeReturn::Ok
        });
    }
    Ok(crop)
}

/// How many pixels a picture has too many at each side, and above and below, to have the format's shape.
fn surplus(info: &gst_video::VideoInfo, format: PictureFormat) -> [i32; 2] {
    let (width, height) = (u64::from(info.width()), u64::from(info.height()));
    // Pixels need not be square.
    let par = info.par();
    let pixel = |length: i32| u64::from(length.max(1).unsigned_abs());
    let shape = format.resolution;
    let wide = u64::from(shape.width) * pixel(par.denom());
    let high = u64::from(shape.height) * pixel(par.numer());
    let half = |whole: u64, kept: u64| {
        // Less than half of a picture's side, which fits.
        i32::try_from(whole.saturating_sub(kept) / 2).unwrap_or(0)
    };
    [
        half(width, height * wide / high),
        half(height, width * high / wide),
    ]
}

/// Drops pictures beyond the format's rate before work is spent on them.
fn drop_surplus(element: &gst::Element, format: PictureFormat) {
    let pacer = Mutex::new(Pacer::new(format.frames_per_second));
    let Some(pad) = element.static_pad("sink") else {
        return;
    };
    pad.add_probe(gst::PadProbeType::BUFFER, move |_, info| {
        let mut pacer = pacer.lock().unwrap_or_else(PoisonError::into_inner);
        match info.buffer().and_then(|buffer| buffer.pts()) {
            // The binding has dropped it; told to drop it as well, GStreamer 1.22 would complain of its absence.
            Some(at) if !pacer.admits(at) => gst::PadProbeReturn::Handled,
            _ => gst::PadProbeReturn::Ok,
        }
    });
}

fn picture_sink(timing: Timing, outlet: Arc<PictureOutlet>) -> AppSink {
    let sink = sink(timing);
    let deliver = move |sink: &AppSink| {
        let sample = sink.pull_sample().map_err(|_| gst::FlowError::Eos)?;
        if let (Some(buffer), Some(captured_at)) = (sample.buffer_owned(), time_of(sink, &sample)) {
            outlet.deliver(Picture {
                buffer,
                captured_at,
            });
        }
        Ok(gst::FlowSuccess::Ok)
    };
    sink.set_callbacks(AppSinkCallbacks::builder().new_sample(deliver).build());
    sink
}

fn sound_sink(timing: Timing, outlet: Arc<SoundOutlet>) -> AppSink {
    let sink = sink(timing);
    let deliver = move |sink: &AppSink| {
        let sample = sink.pull_sample().map_err(|_| gst::FlowError::Eos)?;
        if let (Some(samples), Some(captured_at)) = (samples_of(&sample), time_of(sink, &sample)) {
            outlet.deliver(Sound {
                samples,
                captured_at,
            });
        }
        Ok(gst::FlowSuccess::Ok)
    };
    sink.set_callbacks(AppSinkCallbacks::builder().new_sample(deliver).build());
    sink
}

fn sink(timing: Timing) -> AppSink {
    let sink = AppSink::builder()
        .sync(timing == Timing::RealTime)
        .max_buffers(4)
        .enable_last_sample(false)
        .build();
    if timing == Timing::RealTime {
        // A decoder that cannot keep up is told to skip, instead of falling behind more and more.
        sink.set_qos(true);
        sink.set_max_lateness(gst::ClockTime::from_mseconds(200).nseconds() as i64);
    }
    sink
}

/// When a sample was captured, on the clock of all pipelines.
fn time_of(sink: &AppSink, sample: &gst::Sample) -> Option<gst::ClockTime> {
    let segment = sample.segment()?.downcast_ref::<gst::ClockTime>()?;
    let running = segment.to_running_time(sample.buffer()?.pts()?)?;
    Some(sink.base_time()? + running)
}

fn samples_of(sample: &gst::Sample) -> Option<Vec<f32>> {
    let map = sample.buffer()?.map_readable().ok()?;
    let (samples, _) = map.as_chunks::<4>();
    Some(
        samples
            .iter()
            .map(|bytes| f32::from_ne_bytes(*bytes))
            .collect(),
    )
}

fn internal(error: impl std::fmt::Display) -> SourceError {
    SourceError::GStreamer(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::segmenter::Resolution;

    #[test]
    fn what_is_wider_or_higher_than_the_shape_is_cut_on_both_sides_alike() {
        gst::init().unwrap();
        let format = PictureFormat {
            resolution: Resolution {
                width: 320,
                height: 180,
            },
            frames_per_second: 30,
        };
        let cut = |width, height, pixel: (i32, i32)| {
            let info = gst_video::VideoInfo::builder(gst_video::VideoFormat::I420, width, height)
                .par(gst::Fraction::new(pixel.0, pixel.1))
                .build();
            surplus(&info.unwrap(), format)
        };
        assert_eq!(cut(1280, 720, (1, 1)), [0, 0]);
        assert_eq!(cut(640, 480, (1, 1)), [0, 60]);
        assert_eq!(cut(400, 180, (1, 1)), [40, 0]);
        // Shown as 640 by 480.
        assert_eq!(cut(320, 480, (2, 1)), [0, 60]);
    }
}
