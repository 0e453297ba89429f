//! Grain: shades that no encoder can foretell, the same each time for the same frame.

/// The shades of the frame of this Unix time in milliseconds, without end.
pub(super) fn of(unix_millis: u64) -> impl Iterator<Item = u8> {
    // SplitMix64's constant: frames that follow each other begin far apart.
    let mut state = unix_millis.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    std::iter::from_fn(move || {
        // Xorshift64 (Marsaglia 2003): eight shades a step, cheaper than the copy of the picture.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        Some(state.to_le_bytes())
    })
    .flatten()
}
