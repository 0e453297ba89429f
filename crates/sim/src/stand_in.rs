//! Something cheap in place of hashes and signatures, for peers of one process that keep no secrets from each other: it
//! tells a changed piece from an unchanged one, and no more. What the real ones cost is measured apart.

use swarm::checks::Checks;

/// A hash of both ends of a piece, and a sum for a signature.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StandIn;

impl Checks for StandIn {
    fn hash(&self, piece: &[u8]) -> [u8; 20] {
        let mut hash = [0; 20];
        let ends = 8.min(piece.len());
        hash[..ends].copy_from_slice(&piece[..ends]);
        hash[8..8 + ends].copy_from_slice(&piece[piece.len() - ends..]);
        // Pieces have at most 16 KiB.
        hash[16..].copy_from_slice(&(piece.len() as u32).to_be_bytes());
        hash
    }

    fn sign(&self, _: &[u8; 32], message: &[u8]) -> [u8; 64] {
        let words = message.chunks(8).map(|chunk| {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            u64::from_be_bytes(word)
        });
        let sum = words.fold(0xcbf2_9ce4_8422_2325_u64, |sum, word| {
            (sum ^ word)
                .wrapping_mul(0x0000_0100_0000_01b3)
                .rotate_left(23)
        });
        let mut signature = [0; 64];
        signature[..8].copy_from_slice(&sum.to_be_bytes());
        signature
    }

    fn verifies(&self, _: &[u8; 32], message: &[u8], signature: &[u8]) -> bool {
        signature == self.sign(&[0; 32], message)
    }
}
