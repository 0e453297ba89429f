//! `scripts/build-wasm`: builds the page's WebAssembly and writes down what it was built from.

use std::fs;

use anyhow::{Context, Result};
use wasm_build::toolchain::Toolchain;
use wasm_build::{OUTPUT, SOURCES, bindings, compile, project, sources};

fn main() -> Result<()> {
    let project = project();
    let toolchain = Toolchain::find()?;
    // Before compiling: a source that is edited meanwhile must make the result stale, not current.
    let digest = sources::digest(&project)?;
    let module = compile::compile(&project, &toolchain)?;
    let folder = project.join(OUTPUT);
    bindings::write(&module, &folder)?;
    let note = format!(
        "{digest}\n\
         SHA-256 of the sources that scripts/build-wasm built this folder from, with {}.\n",
        toolchain.version()?
    );
    let path = folder.join(SOURCES);
    fs::write(&path, note).with_context(|| format!("cannot write {}", path.display()))?;
    let size = fs::metadata(folder.join("swarm_web_bg.wasm"))?.len();
    println!(
        "{OUTPUT}: {} KB of WebAssembly from sources {}",
        size / 1000,
        &digest[..12]
    );
    Ok(())
}
