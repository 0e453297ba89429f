//! Finds a compiler on this machine that can make WebAssembly.
//!
//! Two kinds do: one that has the `wasm32-unknown-unknown` standard library (rustup's target), and one that has the
//! standard library's source, from which it is then built (Debian's `rustc-web` with `rust-web-src`).

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::compile::TARGET;

/// A compiler, and what it lacks for WebAssembly.
#[derive(Debug)]
pub struct Toolchain {
    /// The Cargo of the same release as the compiler.
    pub cargo: PathBuf,
    /// The compiler.
    pub rustc: PathBuf,
    /// Where the standard library's source lies, when the library must be built first.
    pub library_source: Option<PathBuf>,
    /// The linker, when the compiler does not find one by itself.
    pub linker: Option<PathBuf>,
}

impl Toolchain {
    /// The first usable toolchain: the one in use, then Debian's.
    ///
    /// # Errors
    ///
    /// When there is none; the message says what to install.
    pub fn find() -> Result<Toolchain> {
        let candidates = [("cargo", "rustc"), ("/usr/bin/cargo", "/usr/bin/rustc")];
        for (cargo, rustc) in candidates {
            let Some(sysroot) = sysroot(Path::new(rustc)) else {
                continue;
            };
            let library = sysroot.join("lib/rustlib/src/rust/library");
            let library_source = library.join("Cargo.lock").is_file().then_some(library);
            let has_target = sysroot.join("lib/rustlib").join(TARGET).is_dir();
            if !has_target && library_source.is_none() {
                continue;
            }
            return Ok(Toolchain {
                cargo: cargo.into(),
                rustc: rustc.into(),
                linker: if has_target {
                    None
                } else {
                    Some(linker(&sysroot)?)
                },
                library_source: library_source.filter(|_| !has_target),
            });
        }
        bail!(
            "no Rust compiler here makes WebAssembly: run `rustup target add {TARGET}`, \
             or on Debian `apt-get install rustc-web cargo-web rust-web-src`"
        )
    }

    /// The compiler's release, as it says it itself.
    ///
    /// # Errors
    ///
    /// When it cannot be run.
    pub fn version(&self) -> Result<String> {
        let output = Command::new(&self.rustc)
            .arg("--version")
            .output()
            .context("cannot run rustc")?;
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }
}

/// Where a compiler's own files lie; nothing when there is no such compiler.
fn sysroot(rustc: &Path) -> Option<PathBuf> {
    let output = Command::new(rustc)
        .args(["--print", "sysroot"])
        .output()
        .ok()?;
    output
        .status
        .success()
        .then(|| PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()))
}

/// `rust-lld` of this compiler, of another one on this machine, or of Debian's LLVM.
fn linker(sysroot: &Path) -> Result<PathBuf> {
    let within = format!(
        "lib/rustlib/{}-unknown-linux-gnu/bin/rust-lld",
        env::consts::ARCH
    );
    let other_compiler = sysroot_of_the_compiler_in_use();
    let in_toolchains = [Some(sysroot.to_path_buf()), other_compiler]
        .into_iter()
        .flatten()
        .map(|sysroot| sysroot.join(&within));
    let path = env::var_os("PATH").unwrap_or_default();
    let on_path = env::split_paths(&path)
        .map(|folder| folder.join("rust-lld"))
        .collect::<Vec<_>>();
    in_toolchains
        .chain(on_path)
        .find(|linker| linker.exists())
        .context("no rust-lld here: on Debian run `apt-get install rust-web-llvm lld-22`")
}

fn sysroot_of_the_compiler_in_use() -> Option<PathBuf> {
    sysroot(Path::new("rustc"))
}
