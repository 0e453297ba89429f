//! How large a message and its parts may be.

use std::time::Duration;

/// The longest message, in bytes, either way. [`MAX_OFFERS`] offers of 2 KiB, which is what browsers make, fit three
/// times over; the same limit as the `aquatic` tracker's.
pub const MAX_MESSAGE_LEN: usize = 64 * 1024;

/// The most offers in one announce. The stock client makes 5; twice that lets a viewer of ours join faster.
pub const MAX_OFFERS: usize = 10;

/// The longest session description, in bytes. Chromium's is 0.8 KiB with two candidates and grows by about 90 bytes
/// for each further one: room for a machine with more than a hundred addresses.
pub const MAX_SDP_LEN: usize = 16 * 1024;

/// The most info-hashes in one scrape: what BEP 15 allows in a UDP scrape, rounded down.
pub const MAX_SCRAPE_HASHES: usize = 64;

/// The longest tracker id, failure reason or warning, in bytes. Chosen; they are a sentence for a person.
pub const MAX_TEXT_LEN: usize = 1024;

/// How often to announce when a tracker does not say: the stock tracker's two minutes.
pub const DEFAULT_INTERVAL: Duration = Duration::from_secs(120);

/// The longest interval that is believed. A tracker that says more would never be heard of again; chosen.
pub const MAX_INTERVAL: Duration = Duration::from_secs(24 * 60 * 60);
