//! What real hashes and signatures cost, where a run stands something in for them.

use std::hint::black_box;
use std::time::{Duration, Instant};

use swarm::checks::{Checks, Genuine};
use swarm::torrent::PIECE_LEN;

/// A signed announcement of a usual segment, in bytes.
const ANNOUNCEMENT_LEN: usize = 450;
const TIMES: u32 = 2000;

/// Time for hashing a whole piece, and for checking an announcement's signature.
pub fn measure() -> (Duration, Duration) {
    let piece = vec![7; PIECE_LEN];
    let hash = timed(|| {
        black_box(Genuine.hash(black_box(&piece)));
    });
    let secret = [42; 32];
    let channel = swarm::ChannelId::from_secret_key(&secret);
    let record = vec![7; ANNOUNCEMENT_LEN];
    let signature = Genuine.sign(&secret, &record);
    let check = timed(|| {
        black_box(Genuine.verifies(&channel.0, black_box(&record), &signature));
    });
    (hash, check)
}

fn timed(mut once: impl FnMut()) -> Duration {
    let began = Instant::now();
    for _ in 0..TIMES {
        once();
    }
    began.elapsed() / TIMES
}
