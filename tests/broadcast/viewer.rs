//! A viewer of whom each thing that its player would get can be asked.

use std::sync::Arc;

use liveontorrent::seeder::{Driver, NetworkOptions, fresh_identity};
use swarm::{Config, Description, Playback, Segment, ShareLink, Swarm};
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::SOON;

pub struct Viewer {
    driver: Driver,
    playback: mpsc::Receiver<Playback>,
}

impl Viewer {
    pub fn join(link: &str) -> Self {
        let link = ShareLink::parse(link).unwrap();
        let (peer_id, seed) = fresh_identity().unwrap();
        let config = Config {
            trackers: link.all_trackers(),
            ..Config::default()
        };
        let swarm = Swarm::viewer(link.channel, peer_id, config, seed);
        let (sender, playback) = mpsc::channel(64);
        Self {
            driver: Driver::spawn(swarm, NetworkOptions::default(), sender),
            playback,
        }
    }

    /// The next thing to play.
    pub async fn next(&mut self) -> Playback {
        let next = timeout(SOON, self.playback.recv()).await;
        next.expect("something comes in time").unwrap()
    }

    /// The next description that is as wanted.
    pub async fn told(&mut self, what: impl Fn(&Description) -> bool) -> Arc<Description> {
        loop {
            if let Playback::Broadcast(description) | Playback::Changed(description) =
                self.next().await
                && what(&description)
            {
                return description;
            }
        }
    }

    /// The next segment.
    pub async fn segment(&mut self) -> Arc<Segment> {
        loop {
            if let Playback::Segment(segment) = self.next().await {
                return segment;
            }
        }
    }

    /// The last of the segments that have come already.
    pub fn last_segment_so_far(&mut self) -> Option<Arc<Segment>> {
        let mut last = None;
        while let Ok(playback) = self.playback.try_recv() {
            if let Playback::Segment(segment) = playback {
                last = Some(segment);
            }
        }
        last
    }

    pub async fn leave(self) {
        self.driver.shutdown().await;
    }
}
