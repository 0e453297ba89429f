//! What waits for a player that is slower than the stream: bounded, and still playable when something is left out.

use std::collections::VecDeque;

use swarm::Playback;
use tokio::sync::mpsc;

/// Entries that may wait. At 250 ms a segment this is the half minute that the swarm itself keeps.
const MAX_WAITING: usize = 120;

/// The queue before a player's channel.
#[derive(Debug)]
pub(super) struct PlaybackQueue {
    player: mpsc::Sender<Playback>,
    waiting: VecDeque<Playback>,
}

impl PlaybackQueue {
    pub(super) fn new(player: mpsc::Sender<Playback>) -> Self {
        Self {
            player,
            waiting: VecDeque::new(),
        }
    }

    /// Queues something for the player, which need not be there.
    pub(super) fn push(&mut self, playback: Playback) {
        if self.player.is_closed() {
            self.waiting.clear();
            return;
        }
        self.waiting.push_back(playback);
        if self.waiting.len() > MAX_WAITING {
            self.shorten();
        }
        self.hand_over();
    }

    /// Whether something waits for [`Self::room`].
    pub(super) fn is_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Waits until the player takes more, or is gone.
    pub(super) fn room(&self) -> impl Future<Output = ()> + 'static {
        let player = self.player.clone();
        async move {
            let _ = player.reserve().await;
        }
    }

    /// Hands over what the player takes now.
    pub(super) fn hand_over(&mut self) {
        while let Some(playback) = self.waiting.pop_front() {
            match self.player.try_send(playback) {
                Ok(()) => {}
                Err(mpsc::error::TrySendError::Full(playback)) => {
                    return self.waiting.push_front(playback);
                }
                Err(mpsc::error::TrySendError::Closed(_)) => return self.waiting.clear(),
            }
        }
    }

    /// Goes on at the newest key frame of the newest broadcast, with the newest description.
    fn shorten(&mut self) {
        let is_broadcast = |each: &Playback| matches!(each, Playback::Broadcast(_));
        let begins = self.waiting.iter().rposition(is_broadcast).unwrap_or(0);
        self.waiting.drain(..begins);
        let is_key_frame =
            |each: &Playback| matches!(each, Playback::Segment(segment) if segment.key_frame);
        let resumes = self.waiting.iter().rposition(is_key_frame);
        let is_change = |each: &Playback| matches!(each, Playback::Changed(_));
        let changes = self.waiting.iter().rposition(is_change);
        let mut at = 0;
        self.waiting.retain(|each| {
            let keep = match each {
                Playback::Broadcast(_) => true,
                Playback::Changed(_) => Some(at) == changes,
                Playback::Segment(_) => resumes.is_some_and(|resumes| at >= resumes),
            };
            at += 1;
            keep
        });
        tracing::debug!("the player is too slow; it goes on at the newest key frame");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use std::sync::Arc;
    use std::time::Duration;
    use swarm::{
        BroadcastId, BroadcastState, Description, Details, Segment, SegmentNumber, UnixMillis,
    };

    fn segment(number: u64) -> Playback {
        Playback::Segment(Arc::new(Segment {
            number: SegmentNumber(number),
            presentation_time: Duration::from_millis(250 * number),
            duration: Duration::from_millis(250),
            key_frame: number.is_multiple_of(8),
            captured_at: UnixMillis(0),
            bytes: Bytes::from_static(&[1]),
        }))
    }

    fn description(revision: u32) -> Arc<Description> {
        Arc::new(Description {
            broadcast: BroadcastId(1),
            revision,
            state: BroadcastState::Live,
            started_at: UnixMillis(0),
            details: Details::default(),
            codecs: String::new(),
            bits_per_second: 0,
            segment_millis: 250,
            init_segment: Bytes::from_static(&[1]),
        })
    }

    fn names(receiver: &mut mpsc::Receiver<Playback>) -> Vec<String> {
        std::iter::from_fn(|| receiver.try_recv().ok())
            .map(|playback| match playback {
                Playback::Broadcast(description) => format!("broadcast {}", description.revision),
                Playback::Changed(description) => format!("changed {}", description.revision),
                Playback::Segment(segment) => segment.number.0.to_string(),
            })
            .collect()
    }

    #[test]
    fn a_player_that_keeps_up_gets_everything_in_order() {
        let (player, mut receiver) = mpsc::channel(4);
        let mut queue = PlaybackQueue::new(player);
        queue.push(Playback::Broadcast(description(0)));
        queue.push(segment(0));
        queue.push(segment(1));
        assert_eq!(names(&mut receiver), ["broadcast 0", "0", "1"]);
        assert!(!queue.is_waiting());
    }

    #[test]
    fn a_player_that_reads_nothing_goes_on_at_a_key_frame_with_the_newest_description() {
        let (player, mut receiver) = mpsc::channel(1);
        let mut queue = PlaybackQueue::new(player);
        queue.push(Playback::Broadcast(description(0)));
        for number in 0..1000 {
            queue.push(segment(number));
            queue.push(Playback::Changed(description(number as u32 + 1)));
            assert!(queue.waiting.len() <= MAX_WAITING);
        }
        let mut got = names(&mut receiver);
        while queue.is_waiting() {
            queue.hand_over();
            got.extend(names(&mut receiver));
        }
        assert_eq!(got.first().map(String::as_str), Some("broadcast 0"));
        let segments: Vec<u64> = got.iter().filter_map(|name| name.parse().ok()).collect();
        assert_eq!(segments.first().map(|number| number % 8), Some(0));
        assert!(segments.windows(2).all(|pair| pair[1] == pair[0] + 1));
        assert_eq!(segments.last(), Some(&999));
        assert_eq!(got.last().map(String::as_str), Some("changed 1000"));
    }

    #[test]
    fn nothing_waits_for_a_player_that_is_gone() {
        let (player, receiver) = mpsc::channel(1);
        let mut queue = PlaybackQueue::new(player);
        queue.push(segment(0));
        queue.push(segment(1));
        drop(receiver);
        queue.hand_over();
        assert!(!queue.is_waiting());
    }
}
