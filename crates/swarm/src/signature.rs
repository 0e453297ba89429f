//! Ed25519 signatures (RFC 8032) over records, and who holds the key.
//!
//! A signed record on the wire is 64 bytes of signature and then the record's own bytes. What is signed is a
//! purpose and then the record, so that a signature for one purpose is none for another.

use bytes::Bytes;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};

use crate::{ChannelId, PeerId};

/// Bytes of a signature.
pub(crate) const SIGNATURE_LEN: usize = 64;

/// What a signature is for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Purpose {
    Description,
    Announcement,
    Streamer,
}

impl Purpose {
    fn prefix(self) -> &'static [u8] {
        match self {
            Self::Description => b"liveontorrent:description:1:",
            Self::Announcement => b"liveontorrent:announcement:1:",
            Self::Streamer => b"liveontorrent:streamer:1:",
        }
    }

    fn message(self, record: &[u8]) -> Vec<u8> {
        [self.prefix(), record].concat()
    }
}

/// The channel's secret key. It is wiped from memory when dropped.
pub(crate) struct ChannelSecret(SigningKey);

impl ChannelSecret {
    pub(crate) fn new(secret_key: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(secret_key))
    }

    pub(crate) fn channel(&self) -> ChannelId {
        ChannelId(self.0.verifying_key().to_bytes())
    }

    /// Signature and record, as they go over the wire.
    pub(crate) fn sign(&self, purpose: Purpose, record: &[u8]) -> Bytes {
        let signature = self.0.sign(&purpose.message(record));
        [&signature.to_bytes()[..], record].concat().into()
    }

    /// Proof for one peer that this one is the streamer.
    pub(crate) fn prove_streamer(&self, own: PeerId, other: PeerId) -> [u8; SIGNATURE_LEN] {
        self.0
            .sign(&Purpose::Streamer.message(&[own.0, other.0].concat()))
            .to_bytes()
    }
}

impl std::fmt::Debug for ChannelSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ChannelSecret(of {})", self.channel())
    }
}

impl ChannelId {
    /// The channel whose Ed25519 secret key (RFC 8032's 32-byte seed) this is.
    pub fn from_secret_key(secret_key: &[u8; 32]) -> Self {
        ChannelSecret::new(secret_key).channel()
    }

    /// The record inside `signed`, if this channel's streamer signed it for this purpose.
    pub(crate) fn open(&self, purpose: Purpose, signed: &Bytes) -> Option<Bytes> {
        let (signature, record) = signed.split_at_checked(SIGNATURE_LEN)?;
        self.verifies(purpose, record, signature)
            .then(|| signed.slice_ref(record))
    }

    /// Whether `proof` shows that `peer` is the streamer, and was made for `own`.
    pub(crate) fn is_streamer(&self, peer: PeerId, own: PeerId, proof: &[u8]) -> bool {
        self.verifies(Purpose::Streamer, &[peer.0, own.0].concat(), proof)
    }

    fn verifies(&self, purpose: Purpose, record: &[u8], signature: &[u8]) -> bool {
        let (Ok(key), Ok(signature)) = (
            VerifyingKey::from_bytes(&self.0),
            Signature::from_slice(signature),
        ) else {
            return false;
        };
        key.verify_strict(&purpose.message(record), &signature)
            .is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret() -> ChannelSecret {
        ChannelSecret::new(&[3; 32])
    }

    #[test]
    fn a_signature_holds_for_its_record_key_and_purpose_only() {
        let signed = secret().sign(Purpose::Announcement, b"record");
        let channel = secret().channel();
        assert_eq!(
            channel.open(Purpose::Announcement, &signed).as_deref(),
            Some(&b"record"[..])
        );
        assert!(channel.open(Purpose::Description, &signed).is_none());
        let other = ChannelSecret::new(&[4; 32]).channel();
        assert!(other.open(Purpose::Announcement, &signed).is_none());
        let mut changed = signed.to_vec();
        *changed.last_mut().unwrap() ^= 1;
        assert!(
            channel
                .open(Purpose::Announcement, &changed.into())
                .is_none()
        );
        assert!(
            channel
                .open(Purpose::Announcement, &signed.slice(..63))
                .is_none()
        );
    }

    #[test]
    fn a_streamers_proof_is_for_one_peer() {
        let (streamer, viewer, thief) = (PeerId([1; 20]), PeerId([2; 20]), PeerId([3; 20]));
        let proof = secret().prove_streamer(streamer, viewer);
        let channel = secret().channel();
        assert!(channel.is_streamer(streamer, viewer, &proof));
        assert!(!channel.is_streamer(thief, viewer, &proof));
        assert!(!channel.is_streamer(streamer, thief, &proof));
    }

    #[test]
    fn the_secret_is_not_printed() {
        assert!(!format!("{:?}", secret()).contains("0303"));
    }
}
