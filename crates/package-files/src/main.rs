//! `package-files FOLDER` writes what a package holds beside the program and what the program itself knows best: manual
//! pages and shell completions from its command line's definitions, and icons from its mark.
//!
//! Not here: what people write (the desktop entry, the AppStream file, the systemd unit: `packaging/`), and packing
//! (`scripts/package`).

mod icons;

use std::path::{Path, PathBuf};
use std::{env, fs};

use anyhow::{Context, Result};
use clap_complete::Shell;

/// The program's name on the command line, and its icon's.
const NAME: &str = "liveontorrent";

fn main() -> Result<()> {
    let folder = env::args_os()
        .nth(1)
        .map(PathBuf::from)
        .context("usage: package-files FOLDER")?;
    write_manual_pages(&made(&folder, "man")?)?;
    write_completions(&made(&folder, "completions")?)?;
    icons::write(&made(&folder, "icons")?)
}

/// `folder/name`, which is there when this returns.
fn made(folder: &Path, name: &str) -> Result<PathBuf> {
    let made = folder.join(name);
    fs::create_dir_all(&made).with_context(|| format!("cannot make {}", made.display()))?;
    Ok(made)
}

/// `liveontorrent.1`, and a page for each of its commands.
fn write_manual_pages(folder: &Path) -> Result<()> {
    // `help` repeats what the pages say.
    let definition = liveontorrent::command_line::definition().disable_help_subcommand(true);
    clap_mangen::generate_to(definition, folder)
        .with_context(|| format!("cannot write manual pages to {}", folder.display()))
}

fn write_completions(folder: &Path) -> Result<()> {
    let mut definition = liveontorrent::command_line::definition();
    for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
        clap_complete::generate_to(shell, &mut definition, NAME, folder)
            .with_context(|| format!("cannot write completions for {shell}"))?;
    }
    Ok(())
}
