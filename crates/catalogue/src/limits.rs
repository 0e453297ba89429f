//! How much a catalogue takes from anyone. Each value says why.

use std::time::Duration;

use crate::allowance::Rate;

/// How long a card is listed after it was made.
pub const LIFETIME: Duration = Duration::from_secs(60);
/// How far a streamer's clock may be ahead of the hub's. As far as it may be behind, which is [`LIFETIME`].
pub(crate) const MAX_AHEAD: Duration = LIFETIME;
/// How long it is remembered what a channel has said last: until all that it said before is too old by itself.
pub(crate) const MEMORY: Duration = LIFETIME.saturating_add(MAX_AHEAD);

/// Cards of one channel. Streamers renew theirs each 8 s; each change of a title, a pause or a Stop is one more.
pub(crate) const PER_CHANNEL: Rate = Rate {
    every: Duration::from_secs(4),
    at_once: 8,
};
/// Cards from one address. Ten channels behind one address renew theirs 1.25 times a second.
pub(crate) const PER_ADDRESS: Rate = Rate {
    every: Duration::from_millis(500),
    at_once: 60,
};
/// Channels remembered for each that may be listed: those that have left, within [`MEMORY`].
pub(crate) const REMEMBERED_PER_LISTED: usize = 8;

/// How much a catalogue takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Channels that are listed. Default 1,000: with the largest thumbnails, as signed and as shown, 150 MB.
    pub channels: usize,
    /// Channels that are listed from one address. Default 10: a club with several streamers.
    pub channels_per_address: usize,
    /// Addresses that are remembered for their rate: those that sent cards within the last half minute. Default 20,000:
    /// some 2 MB.
    pub addresses: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            channels: 1000,
            channels_per_address: 10,
            addresses: 20_000,
        }
    }
}
