//! The page plays with the WebAssembly that is committed, so that one must be of the current sources.

use std::fs;

use wasm_build::{OUTPUT, SOURCES, project, sources};

#[test]
fn the_committed_wasm_was_built_from_the_current_sources() {
    let path = project().join(OUTPUT).join(SOURCES);
    let note = fs::read_to_string(&path).unwrap_or_else(|error| {
        panic!(
            "cannot read {}: {error}; run scripts/build-wasm and commit {OUTPUT}",
            path.display()
        )
    });
    let built_from = note.lines().next().unwrap_or_default();
    let current = sources::digest(&project()).unwrap();
    assert_eq!(
        built_from, current,
        "crates/swarm, crates/swarm-web, crates/tracker-protocol or a dependency changed: run scripts/build-wasm and commit {OUTPUT}"
    );
}
