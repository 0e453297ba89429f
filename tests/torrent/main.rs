//! Our info dictionaries against the stock libraries' (npm `create-torrent` and `parse-torrent`) of the same bytes.

#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use swarm::torrent::{InfoDictionary, PIECE_LEN};
use swarm::{BroadcastId, SegmentNumber};

/// Bytes of no pattern that repeats with the pieces.
fn segment(len: usize) -> Vec<u8> {
    (0..len).map(|at| (at * at / 7 + at) as u8).collect()
}

/// What the stock libraries make of the same bytes and of our dictionary.
fn ask_stock_libraries(questions: &Value) -> Value {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    assert!(
        tests.join("node_modules").exists(),
        "the stock libraries are not installed: run `npm ci` in tests/"
    );
    let mut node = Command::new("node")
        .arg(tests.join("torrent/stock.mjs"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = node.stdin.take().unwrap();
    input.write_all(questions.to_string().as_bytes()).unwrap();
    drop(input);
    let output = node.wait_with_output().unwrap();
    assert!(output.status.success());
    serde_json::from_slice(&output.stdout).unwrap()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn a_segment_is_the_torrent_that_stock_libraries_make_of_it() {
    let lengths = [1, PIECE_LEN - 1, PIECE_LEN, PIECE_LEN + 1, 78_125, 1 << 20];
    let (broadcast, number) = (BroadcastId(0x0123_4567_89ab_cdef), SegmentNumber(42));
    let torrents: Vec<(InfoDictionary, Vec<u8>)> = lengths
        .into_iter()
        .map(|len| {
            let segment = segment(len);
            let info = InfoDictionary::of_segment(broadcast, number, &segment);
            (info, segment)
        })
        .collect();
    let questions: Vec<Value> = torrents
        .iter()
        .map(|(info, segment)| json!({ "segment": hex(segment), "info": hex(info.as_bytes()) }))
        .collect();
    let answers = ask_stock_libraries(&json!(questions));
    for ((info, segment), answer) in torrents.iter().zip(answers.as_array().unwrap()) {
        let ours = info.info_hash().to_string();
        assert_eq!(answer["created"], ours, "of {} bytes", segment.len());
        assert_eq!(answer["parsed"], ours, "of {} bytes", segment.len());
        assert_eq!(answer["length"], segment.len());
        assert_eq!(answer["pieces"], info.piece_count());
    }
}
