//! `liveontorrent watch`: the native viewer.

use std::io::IsTerminal;

use anyhow::bail;

use super::arguments::WatchArguments;
use super::interrupt::Interrupt;
use crate::seeder::NetworkOptions;
use crate::watch::{self, OutputTarget, ReportFormat, WatchOptions};

pub(super) async fn run(arguments: WatchArguments) -> anyhow::Result<()> {
    let output = arguments
        .output
        .as_deref()
        .map_or(OutputTarget::Nowhere, OutputTarget::from_argument);
    if output == OutputTarget::StandardOutput && std::io::stdout().is_terminal() {
        bail!(
            "a terminal cannot show the stream; send it to a player, as in: liveontorrent watch LINK --output - | mpv -"
        );
    }
    let interrupt = Interrupt::listen()?;
    let options = WatchOptions {
        link: arguments.link,
        output,
        duration: arguments.duration,
        keep: arguments.keep,
        list_segments: arguments.list_segments,
        report: if arguments.json {
            ReportFormat::Json
        } else {
            ReportFormat::Words
        },
        network: NetworkOptions::default(),
        paths: arguments.paths.network()?,
    };
    let summary = watch::run(options, interrupt.token()).await?;
    if summary.segments == 0 {
        bail!("nothing was received; is the broadcast live, and can this computer reach it?");
    }
    Ok(())
}
