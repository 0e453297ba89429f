//! Which thread runs which shard when: within a window of virtual time each runs by itself, on whichever thread is free;
//! between two windows none runs. What they do does not depend on it.
//!
//! No window is longer than the shortest way between two hosts, so nothing that happens in one reaches another shard before
//! the next: a conservative parallel simulation in the sense of Chandy and Misra, with windows as in Nicol's YAWNS.
//!
//! Not here: what happens.

use std::num::NonZero;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, RwLock};

use crate::board::Board;
use crate::shard::{SHARDS, Shard};

/// How often a thread that has nothing to do looks again before it lets others have the processor. A window of a large
/// audience takes some milliseconds, and what comes between two windows much less.
const LOOKS: u32 = 5000;
/// What a thread says that finds something locked for good; the one that failed has said why.
const FAILED: &str = "another thread has failed in its window";

/// A run's shards, and what they may read.
pub(crate) struct Windows {
    shards: Vec<Mutex<Shard>>,
    board: RwLock<Board>,
    /// The next shard to be run in this window; [`SHARDS`] and more where none is left.
    next: AtomicUsize,
    /// How many have been run in it.
    done: AtomicUsize,
    over: AtomicBool,
}

/// Counts a shard as run, even if running it has failed.
struct Done<'a>(&'a AtomicUsize);

impl Drop for Done<'_> {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Release);
    }
}

/// Sends the other threads home, even if this one has failed.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

impl Windows {
    pub(crate) fn new(board: Board) -> Self {
        let shard = |number| Mutex::new(Shard::new(number, board.seed));
        Self {
            shards: (0..SHARDS).map(shard).collect(),
            board: RwLock::new(board),
            next: AtomicUsize::new(SHARDS),
            done: AtomicUsize::new(SHARDS),
            over: AtomicBool::new(false),
        }
    }

    /// Runs windows on so many threads until `between`, which acts before each, breaks off.
    pub(crate) fn run<R>(
        &self,
        threads: NonZero<usize>,
        mut between: impl FnMut(&mut Board, &mut [MutexGuard<'_, Shard>]) -> ControlFlow<R>,
    ) -> R {
        std::thread::scope(|scope| {
            let _over = Over(&self.over);
            for _ in 1..threads.get().min(SHARDS) {
                scope.spawn(|| self.help());
            }
            loop {
                let mut board = self.board.write().expect(FAILED);
                if let ControlFlow::Break(outcome) = between(&mut board, &mut self.hold()) {
                    return outcome;
                }
                drop(board);
                self.done.store(0, Ordering::Relaxed);
                self.next.store(0, Ordering::Release);
                while self.run_one() {}
                wait_until(|| self.done.load(Ordering::Acquire) == SHARDS);
            }
        })
    }

    /// All shards, while none runs.
    fn hold(&self) -> Vec<MutexGuard<'_, Shard>> {
        let shards = self.shards.iter();
        shards.map(|shard| shard.lock().expect(FAILED)).collect()
    }

    fn help(&self) {
        let is_over = || self.over.load(Ordering::Acquire);
        while !is_over() {
            wait_until(|| is_over() || self.next.load(Ordering::Acquire) < SHARDS);
            while self.run_one() {}
        }
    }

    /// Runs a shard through the window, if one is left.
    fn run_one(&self) -> bool {
        let next = self.next.fetch_add(1, Ordering::AcqRel);
        let Some(shard) = self.shards.get(next) else {
            return false;
        };
        let _done = Done(&self.done);
        let board = self.board.read().expect(FAILED);
        shard.lock().expect(FAILED).run(&board);
        true
    }
}

fn wait_until(is_so: impl Fn() -> bool) {
    let mut looks = 0;
    while !is_so() {
        if looks < LOOKS {
            looks += 1;
            std::hint::spin_loop();
        } else {
            std::thread::yield_now();
        }
    }
}
