//! `liveontorrent relay`: lends a channel this machine's upload.

use super::arguments::RelayArguments;
use super::interrupt::Interrupt;
use crate::seeder::NetworkOptions;
use crate::watch::{self, RelayOptions, ReportFormat};

pub(super) async fn run(arguments: RelayArguments) -> anyhow::Result<()> {
    let interrupt = Interrupt::listen()?;
    let options = RelayOptions {
        link: arguments.link,
        upload_limit: arguments.upload_limit,
        duration: arguments.duration,
        report: if arguments.json {
            ReportFormat::Json
        } else {
            ReportFormat::Words
        },
        network: NetworkOptions::default(),
        paths: arguments.paths.network()?,
    };
    // A relay that nobody needed has done its duty too.
    watch::relay(options, interrupt.token()).await?;
    Ok(())
}
