//! Ed25519 signatures (RFC 8032) over records, and who holds the key.
//!
//! A signed record on the wire is 64 bytes of signature and then the record's own bytes. What is signed is a
//! purpose and then the record, so that a signature for one purpose is none for another.

use bytes::Bytes;
use ed25519_dalek::SigningKey;

use crate::checks::Checks;
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
pub(crate) struct ChannelSecret {
    key: SigningKey,
    checks: &'static dyn Checks,
}

impl ChannelSecret {
    pub(crate) fn new(secret_key: &[u8; 32], checks: &'static dyn Checks) -> Self {
        Self {
            key: SigningKey::from_bytes(secret_key),
            checks,
        }
    }

    pub(crate) fn channel(&self) -> ChannelId {
        ChannelId(self.key.verifying_key().to_bytes())
    }

    /// Signature and record, as they go over the wire.
    pub(crate) fn sign(&self, purpose: Purpose, record: &[u8]) -> Bytes {
        let signature = self.signature(&purpose.message(record));
        [&signature[..], record].concat().into()
    }

    /// Proof for one peer that this one is the streamer.
    pub(crate) fn prove_streamer(&self, own: PeerId, other: PeerId) -> [u8; SIGNATURE_LEN] {
        self.signature(&Purpose::Streamer.message(&[own.0, other.0].concat()))
    }

    fn signature(&self, message: &[u8]) -> [u8; SIGNATURE_LEN] {
        self.checks.sign(self.key.as_bytes(), message)
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
        ChannelId(
            SigningKey::from_bytes(secret_key)
                .verifying_key()
                .to_bytes(),
        )
    }

    /// The record inside `signed`, if this channel's streamer signed it for this purpose.
    pub(crate) fn open(
        &self,
        checks: &dyn Checks,
        purpose: Purpose,
        signed: &Bytes,
    ) -> Option<Bytes> {
        let (signature, record) = signed.split_at_checked(SIGNATURE_LEN)?;
        checks
            .verifies(&self.0, &purpose.message(record), signature)
            .then(|| signed.slice_ref(record))
    }

    /// Whether `proof` shows that `peer` is the streamer, and was made for `own`.
    pub(crate) fn is_streamer(
        &self,
        checks: &dyn Checks,
        peer: PeerId,
        own: PeerId,
        proof: &[u8],
    ) -> bool {
        let message = Purpose::Streamer.message(&[peer.0, own.0].concat());
        checks.verifies(&self.0, &message, proof)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::Genuine;

    fn secret() -> ChannelSecret {
        ChannelSecret::new(&[3; 32], &Genuine)
    }

    #[test]
    fn a_signature_holds_for_its_record_key_and_purpose_only() {
        let signed = secret().sign(Purpose::Announcement, b"record");
        let channel = secret().channel();
        assert_eq!(
            channel
                .open(&Genuine, Purpose::Announcement, &signed)
                .as_deref(),
            Some(&b"record"[..])
        );
        assert!(
            channel
                .open(&Genuine, Purpose::Description, &signed)
                .is_none()
        );
        let other = ChannelSecret::new(&[4; 32], &Genuine).channel();
        assert!(
            other
                .open(&Genuine, Purpose::Announcement, &signed)
                .is_none()
        );
        let mut changed = signed.to_vec();
        *changed.last_mut().unwrap() ^= 1;
        assert!(
            channel
                .open(&Genuine, Purpose::Announcement, &changed.into())
                .is_none()
        );
        assert!(
            channel
                .open(&Genuine, Purpose::Announcement, &signed.slice(..63))
                .is_none()
        );
    }

    #[test]
    fn a_streamers_proof_is_for_one_peer() {
        let (streamer, viewer, thief) = (PeerId([1; 20]), PeerId([2; 20]), PeerId([3; 20]));
        let proof = secret().prove_streamer(streamer, viewer);
        let channel = secret().channel();
        assert!(channel.is_streamer(&Genuine, streamer, viewer, &proof));
        assert!(!channel.is_streamer(&Genuine, thief, viewer, &proof));
        assert!(!channel.is_streamer(&Genuine, streamer, thief, &proof));
    }

    #[test]
    fn the_secret_is_not_printed() {
        assert!(!format!("{:?}", secret()).contains("0303"));
    }
}
