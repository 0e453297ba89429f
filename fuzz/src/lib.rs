//! What is fuzzed: each reader of bytes that come from strangers, as a function that must not panic, hang or grow,
//! and that checks what it can of what it read.
//!
//! `fuzz_targets/` hands these to libFuzzer; `tests/untrusted_input.rs` of the program feeds them mutated seeds on the
//! stable toolchain, so that each run of the tests is a short fuzzing.

mod cards;
mod conversation;
mod messages;
mod stock;

/// A reader and inputs that it likes, from which mutation starts.
pub struct Target {
    /// Its name, also of its file in `fuzz_targets/`.
    pub name: &'static str,
    /// Reads the input.
    pub run: fn(&[u8]),
    /// Valid inputs.
    pub seeds: fn() -> Vec<Vec<u8>>,
}

/// Hands an input to the target of this name.
///
/// # Panics
///
/// When the target finds something wrong, or there is none of that name.
pub fn run(name: &str, input: &[u8]) {
    let target = TARGETS.iter().find(|target| target.name == name);
    (target
        .expect("each file in fuzz_targets/ names a target")
        .run)(input);
}

/// All of them.
pub const TARGETS: &[Target] = &[
    Target {
        name: "tracker_client",
        run: messages::tracker_client,
        seeds: messages::tracker_client_seeds,
    },
    Target {
        name: "tracker_server",
        run: messages::tracker_server,
        seeds: messages::tracker_server_seeds,
    },
    Target {
        name: "share_link",
        run: messages::share_link,
        seeds: messages::share_link_seeds,
    },
    Target {
        name: "wire",
        run: messages::wire,
        seeds: messages::wire_seeds,
    },
    Target {
        name: "records",
        run: messages::records,
        seeds: messages::records_seeds,
    },
    Target {
        name: "streamer",
        run: conversation::streamer,
        seeds: conversation::streamer_seeds,
    },
    Target {
        name: "viewer",
        run: conversation::viewer,
        seeds: conversation::viewer_seeds,
    },
    Target {
        name: "meeting",
        run: conversation::meeting,
        seeds: conversation::meeting_seeds,
    },
    Target {
        name: "card",
        run: cards::card,
        seeds: cards::card_seeds,
    },
    Target {
        name: "stock_client",
        run: stock::stock_client,
        seeds: stock::stock_client_seeds,
    },
    Target {
        name: "catalogue",
        run: cards::catalogue,
        seeds: cards::catalogue_seeds,
    },
];
