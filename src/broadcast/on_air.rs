//! One broadcast, from its segmenter's start to its end: what is published, and what has been counted.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use swarm::{
    BroadcastId, BroadcastState, Description, Details, Segment, SegmentNumber, UnixMillis,
};
use tokio::sync::mpsc;

use super::byte_rate::ByteRate;
use super::history::History;
use super::listing::Said;
use super::station::Station;
use super::{Delay, FoundAt, Live, Moment, Neighbour};
use crate::capture::PictureFormat;
use crate::seeder::DriverStats;
use crate::segmenter::{
    Bitrate, Encoding, InitSegment, MediaSegment, Output, SOUND_BITS_PER_SECOND, Segmenter,
    SegmenterError,
};

/// A broadcast that is starting or live.
pub(super) struct OnAir {
    segmenter: Arc<Segmenter>,
    outputs: mpsc::Receiver<Output>,
    encoding: Encoding,
    /// Made when the segmenter has told what to say in it.
    description: Option<Description>,
    live_since: Option<Instant>,
    /// What the swarm had sent before this broadcast.
    uploaded_before: u64,
    upload_rate: ByteRate,
    stream_rate: ByteRate,
    history: History,
    segments: u64,
    stream_bytes: u64,
}

impl OnAir {
    /// Starts encoding. Opening an encoder takes up to some tenths of a second, on a thread of its own.
    pub(super) async fn begin(
        encoding: &Encoding,
        stats: &DriverStats,
    ) -> Result<Self, SegmenterError> {
        let starting = {
            let encoding = encoding.clone();
            tokio::task::spawn_blocking(move || Segmenter::start(&encoding))
        };
        let (segmenter, outputs) = match starting.await {
            Ok(started) => started?,
            // The task is never cancelled; what else ends it is a panic, which goes on here.
            Err(failed) => std::panic::resume_unwind(failed.into_panic()),
        };
        Ok(Self {
            segmenter: Arc::new(segmenter),
            outputs,
            encoding: encoding.clone(),
            description: None,
            live_since: None,
            uploaded_before: stats.swarm.uploaded_bytes,
            upload_rate: ByteRate::default(),
            stream_rate: ByteRate::default(),
            history: History::default(),
            segments: 0,
            stream_bytes: 0,
        })
    }

    pub(super) fn segmenter(&self) -> &Arc<Segmenter> {
        &self.segmenter
    }

    /// The segmenter's next output; `None` when it has failed.
    pub(super) async fn next_output(&mut self) -> Option<Output> {
        self.outputs.recv().await
    }

    /// What the stream needs on its way to one viewer: picture and sound.
    pub(super) fn bitrate(&self) -> Bitrate {
        let picture = self.encoding.video_bitrate.bits_per_second();
        Bitrate::from_bits_per_second(picture + u64::from(SOUND_BITS_PER_SECOND))
    }

    /// What it took of that over the last seconds.
    pub(super) fn taken_rate(&self) -> Bitrate {
        let bytes = self.stream_rate.bytes_per_second();
        Bitrate::from_bits_per_second(bytes.saturating_mul(8))
    }

    pub(super) fn live_for(&self) -> Option<Duration> {
        self.live_since.map(|since| since.elapsed())
    }

    pub(super) fn dropped_frames(&self) -> u64 {
        self.segmenter.stats().dropped_frames
    }

    /// The encoder is there: viewers are told what will come.
    pub(super) async fn describe(
        &mut self,
        init: InitSegment,
        details: &Details,
        station: &Station,
    ) -> Result<(), getrandom::Error> {
        let mut id = [0; 8];
        getrandom::fill(&mut id)?;
        let description = Description {
            broadcast: BroadcastId(u64::from_be_bytes(id)),
            revision: 0,
            state: BroadcastState::Live,
            started_at: unix_millis(SystemTime::now()),
            details: details.clone(),
            codecs: init.codecs,
            bits_per_second: self.bitrate().bits_per_second(),
            // At most 2,000.
            segment_millis: self.encoding.segment_duration.as_millis() as u32,
            init_segment: init.bytes,
        };
        self.description = Some(description.clone());
        station.describe(description).await;
        Ok(())
    }

    pub(super) async fn publish(&mut self, media: MediaSegment, station: &Station) {
        self.stream_bytes += media.bytes.len() as u64;
        let segment = Segment {
            number: SegmentNumber(self.segments),
            presentation_time: media.presentation_time,
            duration: media.duration,
            key_frame: media.key_frame,
            captured_at: unix_millis(media.captured_at),
            bytes: media.bytes,
        };
        self.segments += 1;
        if let Some(description) = &self.description {
            station.publish(description.broadcast, segment).await;
        }
        self.live_since.get_or_insert_with(Instant::now);
    }

    /// Tells viewers what is said of the broadcast now.
    pub(super) async fn set_details(&mut self, details: &Details, station: &Station) {
        self.revise(station, |description| {
            description.details.clone_from(details)
        })
        .await;
    }

    /// Tells viewers to wait, or that it goes on.
    pub(super) async fn set_paused(&mut self, paused: bool, station: &Station) {
        let state = if paused {
            BroadcastState::Paused
        } else {
            BroadcastState::Live
        };
        self.revise(station, |description| description.state = state)
            .await;
    }

    /// `None` before there is anything to pause.
    pub(super) fn is_paused(&self) -> Option<bool> {
        let description = self.description.as_ref()?;
        self.live_since?;
        Some(description.state == BroadcastState::Paused)
    }

    /// Tells viewers that it is over, and stops encoding in the background.
    pub(super) async fn end(mut self, station: &Station) {
        self.revise(station, |description| {
            description.state = BroadcastState::Ended;
        })
        .await;
        // Stopping a pipeline waits for its threads; the last reference may be with one of capture's.
        drop(tokio::task::spawn_blocking(move || drop(self.segmenter)));
    }

    async fn revise(&mut self, station: &Station, change: impl FnOnce(&mut Description)) {
        if let Some(description) = &mut self.description {
            change(description);
            description.revision += 1;
            station.describe(description.clone()).await;
        }
    }

    /// What a hub's list says of it; `None` before there is anything to see.
    pub(super) fn said(&self, viewers: usize, picture: Option<PictureFormat>) -> Option<Said> {
        let description = self.description.as_ref()?;
        self.live_since?;
        Some(Said {
            broadcast: description.broadcast,
            started_at: description.started_at,
            details: description.details.clone(),
            paused: description.state == BroadcastState::Paused,
            viewers,
            picture,
        })
    }

    /// Takes note of the swarm's counters.
    pub(super) fn count(&mut self, stats: &DriverStats) {
        let now = Instant::now();
        self.upload_rate.add(now, stats.swarm.uploaded_bytes);
        self.stream_rate.add(now, self.stream_bytes);
    }

    /// Takes note of how it goes, once a second.
    pub(super) fn note(&mut self, stats: &DriverStats) {
        let Some(live_since) = self.live_since else {
            return;
        };
        let bits = self.upload_rate.bytes_per_second().saturating_mul(8);
        self.history.add(Moment {
            at: live_since.elapsed(),
            viewers: stats.swarm.viewers,
            upload: Bitrate::from_bits_per_second(bits),
            delay: Delay::of(stats.peers.iter().filter_map(|peer| peer.delay)),
        });
    }

    /// How many copies of the stream go out; `None` while no stream is made.
    fn copies(&self) -> Option<f64> {
        let stream = self.stream_rate.bytes_per_second();
        (stream > 0).then(|| self.upload_rate.bytes_per_second() as f64 / stream as f64)
    }

    /// What a person is shown; `None` before the first segment.
    pub(super) fn live(&self, station: &Station, stats: &DriverStats) -> Option<Live> {
        let segmenter = self.segmenter.stats();
        Some(Live {
            link: station.link().to_owned(),
            found_at: Arc::new(FoundAt {
                local_link: station.local_link().map(str::to_owned),
                trackers: stats.trackers.clone(),
                listing: station.listing(),
                reachability: station.reachability(),
                router_ports: station.router_ports(),
            }),
            since: self.live_since?,
            paused: self.is_paused()?,
            viewers: stats.swarm.viewers,
            peers: stats.swarm.peers,
            stream_bytes: self.stream_bytes,
            uploaded_bytes: stats
                .swarm
                .uploaded_bytes
                .saturating_sub(self.uploaded_before),
            upload_per_second: self.upload_rate.bytes_per_second(),
            copies: self.copies(),
            audience: stats.peers.iter().map(Neighbour::of).collect(),
            history: self.history.moments(),
            segments: self.segments,
            dropped_frames: segmenter.dropped_frames,
            encoder: segmenter.encoder.to_string(),
        })
    }
}

fn unix_millis(at: SystemTime) -> UnixMillis {
    let since_epoch = at.duration_since(UNIX_EPOCH).unwrap_or_default();
    UnixMillis(u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX))
}
