//! What the program can be told is in the manual and in the completions, all of it.

#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

fn written() -> TempDir {
    let folder = TempDir::new().unwrap();
    let status = Command::new(env!("CARGO_BIN_EXE_package-files"))
        .arg(folder.path())
        .status()
        .unwrap();
    assert!(status.success());
    folder
}

fn read(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Every command with its full name, those within others too.
fn commands(of: &clap::Command, name: &str) -> Vec<(String, clap::Command)> {
    of.get_subcommands()
        .flat_map(|command| {
            let name = format!("{name}-{}", command.get_name());
            let within = commands(command, &name);
            std::iter::once((name, command.clone())).chain(within)
        })
        .collect()
}

#[test]
fn every_command_has_a_manual_page_with_all_its_options() {
    let folder = written();
    let definition = liveontorrent::command_line::definition();
    let overview = read(folder.path(), "man/liveontorrent.1");
    for command in definition.get_subcommands() {
        let name = command.get_name();
        // In a manual page a hyphen that one types is `\-`.
        let written = format!("liveontorrent-{name}(1)").replace('-', "\\-");
        assert!(overview.contains(&written), "{name} is not in the overview");
    }
    let commands = commands(&definition, "liveontorrent");
    for (name, command) in &commands {
        let page = read(folder.path(), &format!("man/{name}.1"));
        for option in command
            .get_arguments()
            .filter_map(|option| option.get_long())
        {
            let written = option.replace('-', "\\-");
            assert!(
                page.contains(&format!("\\-\\-{written}")),
                "{name} --{option}"
            );
        }
    }
    assert!(commands.len() >= 4, "only {} commands", commands.len());
    let pages = fs::read_dir(folder.path().join("man")).unwrap().count();
    assert_eq!(pages, commands.len() + 1);
}

#[test]
fn shells_complete_every_command_and_option() {
    let folder = written();
    for name in ["liveontorrent.bash", "_liveontorrent", "liveontorrent.fish"] {
        let script = read(folder.path(), &format!("completions/{name}"));
        for command in liveontorrent::command_line::definition().get_subcommands() {
            assert!(script.contains(command.get_name()), "{name}: {command}");
            for option in command
                .get_arguments()
                .filter_map(|option| option.get_long())
            {
                assert!(script.contains(option), "{name}: {command} --{option}");
            }
        }
    }
}

#[test]
fn the_newest_release_of_the_appstream_file_and_of_the_changelog_is_this_one() {
    let packaging = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packaging");
    let version = env!("CARGO_PKG_VERSION");
    let described = read(
        &packaging,
        "linux/io.github.liveontorrent.liveontorrent.metainfo.xml",
    );
    let newest = described.split("<release ").nth(1).unwrap();
    assert!(
        newest.starts_with(&format!("version=\"{version}\"")),
        "{newest}"
    );
    let changelog = read(&packaging, "debian/changelog");
    assert!(
        changelog.starts_with(&format!("liveontorrent ({version}-1)")),
        "{changelog}"
    );
}
