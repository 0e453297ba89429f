//! What the WebAssembly is made from, as one SHA-256.
//!
//! It covers the crates that go in, how they are compiled, and the version and features of each dependency. It leaves
//! out what changes the program but not the page: tests, other crates, other parts of `Cargo.lock`.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

/// The crates of this workspace that end up in the page.
const CRATES: [&str; 3] = ["swarm", "swarm-web", "tracker-protocol"];

/// The tables of the workspace's `Cargo.toml` that decide how they are compiled.
const TABLES: [[&str; 2]; 3] = [
    ["profile", "release"],
    ["profile", "wasm"],
    ["workspace", "package"],
];

/// The digest of everything that the WebAssembly of `project` is made from, in hexadecimal.
///
/// # Errors
///
/// When a source cannot be read or Cargo cannot say what the dependencies are.
pub fn digest(project: &Path) -> Result<String> {
    let mut hash = Sha256::new();
    for name in CRATES {
        let folder = project.join("crates").join(name);
        add_file(&mut hash, project, &folder.join("Cargo.toml"))?;
        for file in files_under(&folder.join("src"))? {
            add_file(&mut hash, project, &file)?;
        }
    }
    add(&mut hash, "profiles", compile_settings(project)?.as_bytes());
    add(&mut hash, "dependencies", dependencies(project)?.as_bytes());
    Ok(hash
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect())
}

/// Name and length go in too: otherwise a line moved from one file to the next would not show.
fn add(hash: &mut Sha256, name: &str, content: &[u8]) {
    hash.update(format!("{name} {}\n", content.len()));
    hash.update(content);
}

fn add_file(hash: &mut Sha256, project: &Path, file: &Path) -> Result<()> {
    let content = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let name = file.strip_prefix(project).unwrap_or(file).to_string_lossy();
    add(hash, &name, &content);
    Ok(())
}

/// All files of a folder and of those below it, in an order that does not depend on the file system.
fn files_under(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let entries =
            fs::read_dir(&folder).with_context(|| format!("cannot list {}", folder.display()))?;
        for entry in entries {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if !is_editor_leftover(&path) {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

/// An editor's backup or swap file beside a source is no source.
fn is_editor_leftover(path: &Path) -> bool {
    path.file_name()
        .is_some_and(|name| name.to_string_lossy().starts_with('.'))
        || matches!(
            path.extension().and_then(OsStr::to_str),
            Some("orig" | "rej" | "swp")
        )
}

fn compile_settings(project: &Path) -> Result<String> {
    let path = project.join("Cargo.toml");
    let text =
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let manifest: toml::Table = text
        .parse()
        .with_context(|| format!("cannot read {}", path.display()))?;
    Ok(TABLES
        .iter()
        .map(|[outer, inner]| {
            let table = manifest.get(*outer).and_then(|table| table.get(inner));
            format!("{outer}.{inner} = {table:?}\n")
        })
        .collect())
}

/// Each crate of the WebAssembly with its version and features, one a line.
fn dependencies(project: &Path) -> Result<String> {
    let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .current_dir(project)
        .args([
            "tree",
            "--locked",
            "--quiet",
            "--package",
            "swarm-web",
            "--target",
            crate::compile::TARGET,
        ])
        .args([
            "--edges",
            "normal,build",
            "--prefix",
            "none",
            "--no-dedupe",
            "--format",
            "{p} {f}",
        ])
        .output()
        .context("cannot run cargo")?;
    if !output.status.success() {
        bail!(
            "cargo tree failed: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    let mut lines: Vec<String> = String::from_utf8(output.stdout)?
        .lines()
        .map(without_place)
        .collect();
    lines.sort();
    lines.dedup();
    Ok(lines.join("\n"))
}

/// `swarm v0.1.0 (/home/x/project/crates/swarm) feature` without the folder, which differs from machine to machine.
fn without_place(line: &str) -> String {
    match (line.find(" (/"), line.find(')')) {
        (Some(start), Some(end)) if start < end => {
            format!("{}{}", &line[..start], &line[end + 1..])
        }
        _ => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dependency_is_named_without_the_folder_it_lies_in() {
        let line = "swarm v0.1.0 (/home/someone/project/crates/swarm) serde,std";
        assert_eq!(without_place(line), "swarm v0.1.0 serde,std");
        assert_eq!(without_place("sha1 v0.11.0 std"), "sha1 v0.11.0 std");
        assert_eq!(
            without_place("serde_derive v1.0.2 (proc-macro) default"),
            "serde_derive v1.0.2 (proc-macro) default"
        );
    }

    #[test]
    fn a_line_that_moves_from_one_file_to_the_next_changes_the_digest() {
        let of = |files: [(&str, &str); 2]| {
            let mut hash = Sha256::new();
            for (name, content) in files {
                add(&mut hash, name, content.as_bytes());
            }
            hash.finalize()
        };
        assert_ne!(
            of([("a", "one\ntwo\n"), ("b", "")]),
            of([("a", "one\n"), ("b", "two\n")])
        );
    }
}
