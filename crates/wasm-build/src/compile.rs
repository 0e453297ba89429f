//! Compiles `crates/swarm-web` to WebAssembly, byte for byte the same wherever the project lies.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::toolchain::Toolchain;

/// The page's target: a browser without anything.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// Compiles with `toolchain` and returns the module, which still lacks its JavaScript side.
///
/// # Errors
///
/// When Cargo fails; it has said why on standard error.
pub fn compile(project: &Path, toolchain: &Toolchain) -> Result<PathBuf> {
    // A folder of its own: another compiler than the tests' would otherwise throw their results away.
    let target_folder = project.join("target/wasm");
    let mut cargo = Command::new(&toolchain.cargo);
    cargo
        .current_dir(project)
        .args([
            "build",
            "--locked",
            "--package",
            "swarm-web",
            "--profile",
            "wasm",
            "--target",
            TARGET,
        ])
        .arg("--target-dir")
        .arg(&target_folder)
        .env("RUSTC", &toolchain.rustc)
        .env(
            "CARGO_ENCODED_RUSTFLAGS",
            flags(project, toolchain).join("\u{1f}"),
        )
        .env_remove("RUSTFLAGS");
    if toolchain.library_source.is_some() {
        // Building the standard library is a nightly feature; this variable lets a stable compiler do it.
        cargo
            .arg("-Zbuild-std=std,panic_abort")
            .env("RUSTC_BOOTSTRAP", "1");
    }
    let status = cargo
        .status()
        .with_context(|| format!("cannot run {}", toolchain.cargo.display()))?;
    if !status.success() {
        bail!("compiling crates/swarm-web failed");
    }
    Ok(target_folder.join(TARGET).join("wasm/swarm_web.wasm"))
}

/// The folder names of this machine are taken out of panic messages, and the linker is named where it must be.
fn flags(project: &Path, toolchain: &Toolchain) -> Vec<String> {
    let mut flags = vec![remap(project, "/project")];
    if let Some(home) = env::var_os("CARGO_HOME").map(PathBuf::from).or_else(|| {
        let home = env::var_os("HOME")?;
        Some(Path::new(&home).join(".cargo"))
    }) {
        flags.push(remap(&home, "/cargo"));
    }
    if let Some(source) = &toolchain.library_source {
        flags.push(remap(source, "/rust/library"));
        if let Ok(real) = source.canonicalize() {
            flags.push(remap(&real, "/rust/library"));
        }
    }
    if let Some(linker) = &toolchain.linker {
        flags.push(format!("-Clinker={}", linker.display()));
    }
    flags
}

fn remap(from: &Path, to: &str) -> String {
    format!("--remap-path-prefix={}={to}", from.display())
}
