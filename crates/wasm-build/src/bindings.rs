//! Gives the compiled module its JavaScript side, and writes both where the page finds them.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use wasm_bindgen_cli_support::Bindgen;

/// Writes `swarm_web.js`, `swarm_web_bg.wasm` and their types into `folder`, which then holds nothing else.
///
/// # Errors
///
/// When the module was compiled against another version of wasm-bindgen, or `folder` cannot be written.
pub fn write(module: &Path, folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("cannot empty {}", folder.display()))?;
    }
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(module)
        .out_name("swarm_web")
        .web(true)?
        .typescript(true)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate(folder)?;
    // The types of the raw exports, which only the generated JavaScript calls.
    let raw_types = folder.join("swarm_web_bg.wasm.d.ts");
    fs::remove_file(&raw_types).with_context(|| format!("cannot remove {}", raw_types.display()))
}
