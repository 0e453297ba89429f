//! The strip of black and white blocks that says when a frame was made.
//!
//! 48 square blocks in a row in the top left corner, each 1/80 of the frame's width; white is 1, black is 0, the most
//! significant bit first: 40 bits of the frame's Unix time in milliseconds (modulo 2^40), then 8 bits of checksum, the
//! sum of those five bytes modulo 256.

/// Blocks in the strip.
pub(super) const BLOCKS: usize = 48;
/// A block is the frame's width divided by this.
const BLOCKS_ACROSS: usize = 80;
/// Bits of time in it.
const TIME_BITS: u32 = 40;
/// The darkest and brightest luma of limited range: encoders at low bit rates keep them apart best.
pub(super) const BLACK: u8 = 16;
pub(super) const WHITE: u8 = 235;
/// Between them.
const THRESHOLD: usize = 126;

/// The blocks of a time, first to last; `true` is white.
pub(super) fn blocks(unix_millis: u64) -> [bool; BLOCKS] {
    let time = unix_millis & ((1 << TIME_BITS) - 1);
    let bits = time << 8 | u64::from(checksum(time));
    std::array::from_fn(|block| bits >> (BLOCKS - 1 - block) & 1 == 1)
}

/// Where a block, or the end of the one before, begins: pixels from the left.
pub(super) fn block_start(block: usize, width: usize) -> usize {
    block * width / BLOCKS_ACROSS
}

/// How high the strip is.
pub(super) fn height(width: usize) -> usize {
    width / BLOCKS_ACROSS
}

/// Reads the strip in a frame's luma plane: the frame's Unix time in milliseconds, modulo 2^40. `None` where there is no
/// strip, or one that cannot be read.
///
/// Any page that plays the stream can read the strip in the same way from a canvas: see `docs/TEST-SOURCE.md`.
pub fn read_strip(luma: &[u8], stride: usize, width: usize) -> Option<u64> {
    let mut bits = 0;
    for block in 0..BLOCKS {
        let brightness = brightness(luma, stride, width, block)?;
        bits = bits << 1 | u64::from(brightness > THRESHOLD);
    }
    let (time, sum) = (bits >> 8, bits as u8);
    // A black picture would read as a strip of zeros.
    (time != 0 && checksum(time) == sum).then_some(time)
}

/// The mean luma in the middle of a block, where an encoder's blur of its edges does not reach.
fn brightness(luma: &[u8], stride: usize, width: usize, block: usize) -> Option<usize> {
    let (left, right) = (block_start(block, width), block_start(block + 1, width));
    let margin = (right - left) / 4;
    let rows = height(width) / 4..(height(width) * 3).div_ceil(4);
    let (mut sum, mut count) = (0, 0);
    for row in rows {
        let start = row * stride;
        for &pixel in luma.get(start + left + margin..start + right - margin)? {
            sum += usize::from(pixel);
            count += 1;
        }
    }
    sum.checked_div(count)
}

fn checksum(time: u64) -> u8 {
    let bytes = time.to_be_bytes();
    bytes
        .iter()
        .fold(0, |sum: u8, &byte| sum.wrapping_add(byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn drawn(unix_millis: u64, width: usize) -> Vec<u8> {
        let mut luma = vec![100; width * height(width)];
        for (block, white) in blocks(unix_millis).into_iter().enumerate() {
            for row in luma.chunks_exact_mut(width) {
                let columns = block_start(block, width)..block_start(block + 1, width);
                row[columns].fill(if white { WHITE } else { BLACK });
            }
        }
        luma
    }

    proptest! {
        #[test]
        fn what_was_drawn_is_read(
            time in 1..1_u64 << 40,
            width in prop::sample::select(vec![426, 640, 854, 960, 1280, 1920, 3840]),
        ) {
            let luma = drawn(time, width);
            prop_assert_eq!(read_strip(&luma, width, width), Some(time));
        }

        #[test]
        fn one_wrong_block_is_noticed(time in 1..1_u64 << 40, block in 0..BLOCKS) {
            let mut luma = drawn(time, 1280);
            for row in luma.chunks_exact_mut(1280) {
                for pixel in &mut row[block_start(block, 1280)..block_start(block + 1, 1280)] {
                    *pixel = WHITE + BLACK - *pixel;
                }
            }
            prop_assert_eq!(read_strip(&luma, 1280, 1280), None);
        }

        #[test]
        fn no_plane_however_short_makes_it_fail(
            luma in prop::collection::vec(any::<u8>(), 0..4000),
            stride in 0..2000_usize,
            width in 0..2000_usize,
        ) {
            let _ = read_strip(&luma, stride, width);
        }
    }

    #[test]
    fn the_time_is_counted_modulo_two_to_the_forty() {
        let time = 1_800_000_000_123;
        let luma = drawn(time, 1280);
        assert_eq!(read_strip(&luma, 1280, 1280), Some(time % (1 << 40)));
    }

    #[test]
    fn the_first_block_is_the_most_significant_bit_and_the_last_eight_are_the_sum() {
        let blocks = blocks(0x80_0000_0001);
        assert!(blocks[0] && !blocks[1] && blocks[39]);
        let sum = blocks[40..]
            .iter()
            .fold(0, |sum, &bit| sum << 1 | u8::from(bit));
        assert_eq!(sum, 0x81);
    }

    #[test]
    fn a_plain_picture_has_no_strip() {
        for luma in [0, 16, 128, 235, 255] {
            assert_eq!(read_strip(&vec![luma; 1280 * 720], 1280, 1280), None);
        }
    }
}
