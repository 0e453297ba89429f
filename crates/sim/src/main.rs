//! Runs the simulator: `cargo run --release -p sim -- --viewers 1000 --scenario reach --json`.

use std::num::NonZero;
use std::path::PathBuf;

use anyhow::Context;
use clap::Parser;
use sim::{Report, Scenario, World, costs, plot};

/// Memory that one thread takes and another gives back is the rule here.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Up to so many viewers hashes and signatures are real.
const GENUINE_UP_TO: usize = 300;

/// Thousands of the live swarm's peers in virtual time.
#[derive(Debug, Parser)]
struct Arguments {
    /// How many viewers; several, separated by commas, for one run each.
    #[arg(long, value_delimiter = ',')]
    viewers: Vec<usize>,
    /// A file of crates/sim/scenarios, by its name without ending.
    #[arg(long, default_value = "reach")]
    scenario: String,
    /// Seconds of stream.
    #[arg(long)]
    seconds: Option<f64>,
    /// Another number is another run with the same circumstances.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// A line to replace in the scenario, such as 'loss = 0.01'; can be given several times.
    #[arg(long)]
    set: Vec<String>,
    /// Print JSON, one object for each run.
    #[arg(long)]
    json: bool,
    /// Only measure what real hashes and signatures cost.
    #[arg(long)]
    costs: bool,
    /// Say each so many seconds of the run how the audience fares.
    #[arg(long)]
    trace: Option<f64>,
    /// How many threads to run on; all processors unless told. The outcome does not depend on it.
    #[arg(long)]
    threads: Option<NonZero<usize>>,
    /// Draw the runs as SVG.
    #[arg(long)]
    svg: Option<PathBuf>,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    if arguments.costs {
        let (hash, check) = costs::measure();
        println!("a piece's hash {hash:?}, an announcement's signature {check:?}");
        return Ok(());
    }
    let scenario = Scenario::changed(&arguments.scenario, &arguments.set)?;
    let mut sizes = arguments.viewers.clone();
    if sizes.is_empty() {
        sizes.push(scenario.viewers);
    }
    let all = std::thread::available_parallelism();
    let threads = arguments
        .threads
        .or(all.ok())
        .unwrap_or(NonZero::<usize>::MIN);
    let mut reports: Vec<Report> = Vec::new();
    for viewers in sizes {
        let scenario = Scenario {
            viewers,
            seconds: arguments.seconds.unwrap_or(scenario.seconds),
            ..scenario.clone()
        };
        let report = World::run_on(
            threads,
            scenario,
            arguments.seed,
            viewers <= GENUINE_UP_TO,
            arguments.trace,
        );
        if arguments.json {
            println!("{}", serde_json::to_string(&report)?);
        } else {
            println!("{report}\n");
        }
        reports.push(report);
    }
    if let Some(path) = arguments.svg {
        let drawing = plot::by_audience(&reports);
        std::fs::write(&path, drawing)
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}
