//! Each fuzz target of `fuzz/`, fed with mutations of inputs that it likes: a short fuzzing on each run of the tests.

#[path = "../fuzz/src/lib.rs"]
mod targets;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, TestRunner};

use targets::{TARGETS, Target};

/// Inputs for each reader of single messages. A few thousand take well under a second.
const CASES: u32 = 4096;
/// Inputs for each whole state machine, which takes about a millisecond for one.
const CONVERSATIONS: u32 = 512;

/// What is done to a seed.
#[derive(Clone, Debug)]
enum Mutation {
    Set(Index, u8),
    Insert(Index, Vec<u8>),
    Remove(Index, usize),
    Repeat(Index, usize),
    Truncate(Index),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let interesting = prop_oneof![
        any::<u8>(),
        prop::sample::select(&b"{}[]\":,0129dlie\\\0\x7f\x80\xff"[..]),
    ];
    prop_oneof![
        4 => (any::<Index>(), interesting.clone()).prop_map(|(at, byte)| Mutation::Set(at, byte)),
        2 => (any::<Index>(), vec(interesting, 1..8)).prop_map(|(at, bytes)| Mutation::Insert(at, bytes)),
        2 => (any::<Index>(), 1..32usize).prop_map(|(at, len)| Mutation::Remove(at, len)),
        1 => (any::<Index>(), 1..64usize).prop_map(|(at, len)| Mutation::Repeat(at, len)),
        1 => any::<Index>().prop_map(Mutation::Truncate),
    ]
}

impl Mutation {
    fn apply(&self, bytes: &mut Vec<u8>) {
        let place = |at: &Index| at.index(bytes.len() + 1);
        match self {
            Self::Set(at, byte) => {
                let at = place(at);
                if let Some(slot) = bytes.get_mut(at) {
                    *slot = *byte;
                }
            }
            Self::Insert(at, inserted) => {
                let at = place(at);
                bytes.splice(at..at, inserted.iter().copied());
            }
            Self::Remove(at, len) => {
                let at = place(at);
                let end = bytes.len().min(at + len);
                bytes.drain(at..end);
            }
            Self::Repeat(at, len) => {
                let at = place(at);
                let end = bytes.len().min(at + len);
                let repeated = bytes[at..end].to_vec();
                bytes.splice(at..at, repeated);
            }
            Self::Truncate(at) => {
                let at = place(at);
                bytes.truncate(at);
            }
        }
    }
}

#[track_caller]
fn fuzz(name: &str, cases: u32) {
    let target: &Target = TARGETS
        .iter()
        .find(|target| target.name == name)
        .expect("a target of this name");
    let seeds = (target.seeds)();
    for seed in &seeds {
        targets::run(name, seed);
    }
    let inputs = prop_oneof![
        9 => (prop::sample::select(seeds), vec(mutation(), 1..8)).prop_map(|(mut bytes, mutations)| {
            for mutation in mutations {
                mutation.apply(&mut bytes);
            }
            bytes
        }),
        1 => vec(any::<u8>(), 0..200),
    ];
    let mut runner = TestRunner::new(Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    });
    let outcome = runner.run(&inputs, |input| {
        targets::run(name, &input);
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{name}: {failure}");
    }
}

macro_rules! each_target {
    ($($name:ident: $cases:expr,)*) => {
        $(
            #[test]
            fn $name() {
                fuzz(stringify!($name), $cases);
            }
        )*

        #[test]
        fn every_target_is_tested() {
            let tested = [$(stringify!($name)),*];
            assert_eq!(TARGETS.iter().map(|target| target.name).collect::<Vec<_>>(), tested);
        }
    };
}

each_target! {
    tracker_client: CASES,
    tracker_server: CASES,
    share_link: CASES,
    wire: CASES,
    records: CASES,
    streamer: CONVERSATIONS,
    viewer: CONVERSATIONS,
    meeting: CONVERSATIONS,
    card: CASES,
    stock_client: CASES,
    catalogue: CONVERSATIONS,
}
