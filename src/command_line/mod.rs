//! The command line: everything that the window can do, for scripts, servers and tests, on the same engine.
//!
//! Exit codes: 0 when it ended as it should, 1 when it could not begin or broke off (standard error says why and what
//! to do), 2 when the arguments are wrong.
//!
//! Not here: what a broadcast is (`broadcast`), and watching (`watch`).

mod arguments;
mod broadcast;
mod channel;
mod control;
mod devices;
mod export_page;
mod given;
mod hub;
mod interrupt;
mod qr;
mod relay;
mod resources;
mod sources;
mod watch;
mod window;

use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use arguments::{Action, Arguments};

/// All that the program can be told, for the manual pages and shell completions that a package has.
pub fn definition() -> clap::Command {
    Arguments::command()
}

/// Runs the program with the process's arguments.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    say_what_happens();
    match run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("liveontorrent: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    match arguments.action {
        None => window::run(&runtime),
        Some(Action::Broadcast(options)) => runtime.block_on(broadcast::run(*options)),
        Some(Action::Watch(options)) => runtime.block_on(watch::run(options)),
        Some(Action::Relay(options)) => runtime.block_on(relay::run(options)),
        Some(Action::Hub(options)) => runtime.block_on(hub::run(*options)),
        Some(Action::Devices(options)) => devices::run(&options),
        Some(Action::ExportPage(options)) => export_page::run(&options),
        Some(Action::Channel(action)) => channel::run(&action),
    }
}

/// Warnings go to standard error; `RUST_LOG` asks for more.
fn say_what_happens() {
    use tracing_subscriber::EnvFilter;
    // WebRTC's parts warn of each packet that strangers send, and find it an error that an address cannot be reached from
    // another, which is what trying all of them is for.
    let usual = "warn,rtc=error,webrtc=error,webrtc::peer_connection=off";
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(usual));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
}
