//! A run from its beginning to its end.

use std::num::NonZero;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use swarm::Time;

use crate::board::Board;
use crate::coordinator::Coordinator;
use crate::report::Report;
use crate::scenario::Scenario;
use crate::windows::Windows;

/// Runs.
pub struct World;

impl World {
    /// Runs a scenario to its end, on all processors. `genuine` uses real hashes and signatures.
    pub fn run(scenario: Scenario, seed: u64, genuine: bool) -> Report {
        Self::run_traced(scenario, seed, genuine, None)
    }

    /// The same, saying each so many seconds of the run on standard error how the audience fares.
    pub fn run_traced(
        scenario: Scenario,
        seed: u64,
        genuine: bool,
        trace_every: Option<f64>,
    ) -> Report {
        let threads = std::thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN);
        Self::run_on(threads, scenario, seed, genuine, trace_every)
    }

    /// The same on so many threads. What happens does not depend on their number.
    pub fn run_on(
        threads: NonZero<usize>,
        scenario: Scenario,
        seed: u64,
        genuine: bool,
        trace_every: Option<f64>,
    ) -> Report {
        let began = Instant::now();
        let end = Time::from_epoch(Duration::from_secs_f64(scenario.seconds));
        let board = Board::new(scenario, seed, genuine);
        let trace_every = trace_every.map(Duration::from_secs_f64);
        let mut coordinator = Coordinator::new(&board, trace_every);
        Windows::new(board).run(threads, |board, shards| {
            coordinator.act(board, shards);
            if board.until >= end {
                return ControlFlow::Break(coordinator.report(board, shards, began.elapsed()));
            }
            board.until = end.min(board.until + board.window);
            ControlFlow::Continue(())
        })
    }
}
