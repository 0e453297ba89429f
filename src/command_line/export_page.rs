//! `liveontorrent export-page`: the viewer page as a folder.

use super::arguments::ExportPageArguments;
use crate::server;
use crate::words;

pub(super) fn run(arguments: &ExportPageArguments) -> anyhow::Result<()> {
    let folder = &arguments.folder;
    let exported = server::export_page(folder, arguments.replace)?;
    println!(
        "{} with {} in {}. Put the folder on any web host, and broadcast with --page and its address, and --tracker.",
        words::count(exported.files as u64, "file", "files"),
        words::amount(exported.bytes),
        folder.display()
    );
    Ok(())
}
