//! Turns `crates/swarm-web` into `assets/viewer/wasm/` and tells whether what is there is current.
//!
//! The result is committed, so that building the program needs no WebAssembly toolchain. `scripts/build-wasm` runs
//! this after a change to the swarm or its binding; `tests/committed_wasm.rs` fails when that was forgotten.
//!
//! Not here: the binding itself (`crates/swarm-web`) and the page that loads it (`assets/viewer/`).

pub mod bindings;
pub mod compile;
pub mod sources;
pub mod toolchain;

use std::path::{Path, PathBuf};

/// Where the page's WebAssembly is committed, from the project's folder.
pub const OUTPUT: &str = "assets/viewer/wasm";

/// The file beside the WebAssembly that names the sources which it was built from.
pub const SOURCES: &str = "SOURCES";

/// The project's folder: the one with the workspace's `Cargo.toml`.
///
/// # Panics
///
/// Never: this crate lies two folders below it.
#[must_use]
pub fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .expect("crates/wasm-build lies in the project's folder")
        .to_path_buf()
}
