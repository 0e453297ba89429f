//! How the processes meet: a JSON object a line on standard input and output, carried by the benchmark.

use std::io::{self, BufRead, Write};
use std::net::{IpAddr, Ipv4Addr};

use serde::{Deserialize, Serialize};

/// From the downloader, and to the seeder.
#[derive(Debug, Serialize, Deserialize)]
pub struct Offer {
    /// Its session description, candidates included.
    pub offer: String,
}

/// From the seeder, and to the downloader.
#[derive(Debug, Serialize, Deserialize)]
pub struct Answer {
    /// Its session description, candidates included.
    pub answer: String,
    /// Of the torrent, as hexadecimal digits.
    pub info_hash: String,
}

/// For a seeder whose torrent has no metadata.
pub const NO_INFO_HASH: &str = "0000000000000000000000000000000000000000";

/// From where this host is reached: what `ADDRESS` says, or loopback.
pub fn address() -> IpAddr {
    let told = std::env::var("ADDRESS").ok();
    told.and_then(|text| text.parse().ok())
        .unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST))
}

/// # Errors
///
/// When the benchmark has ended, or says something else.
pub fn read<T: serde::de::DeserializeOwned>() -> anyhow::Result<T> {
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line)?;
    Ok(serde_json::from_str(&line)?)
}

/// # Errors
///
/// When the benchmark has ended.
pub fn say(what: &impl Serialize) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    serde_json::to_writer(&mut out, what)?;
    writeln!(out)?;
    Ok(out.flush()?)
}

/// Returns when the benchmark has ended or closed the pipe.
pub fn until_told_to_end() {
    let _ = io::stdin().lock().read_line(&mut String::new());
}
