//! Hashes and signatures, so that a simulator of thousands can stand something cheaper in for them.
//!
//! [`Genuine`] is what everybody uses. A stand-in is for peers of one process that have no secrets from each other.

use std::fmt::Debug;

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use sha1::{Digest, Sha1};

/// How pieces are hashed and records signed.
pub trait Checks: Debug + Sync {
    /// The hash of a piece.
    fn hash(&self, piece: &[u8]) -> [u8; 20];
    /// A signature by a secret key.
    fn sign(&self, secret_key: &[u8; 32], message: &[u8]) -> [u8; 64];
    /// Whether a signature is by the owner of a public key.
    fn verifies(&self, public_key: &[u8; 32], message: &[u8], signature: &[u8]) -> bool;
}

/// SHA-1 (BEP 3) and Ed25519 (RFC 8032).
#[derive(Clone, Copy, Debug)]
pub struct Genuine;

impl Checks for Genuine {
    fn hash(&self, piece: &[u8]) -> [u8; 20] {
        Sha1::digest(piece).into()
    }

    fn sign(&self, secret_key: &[u8; 32], message: &[u8]) -> [u8; 64] {
        SigningKey::from_bytes(secret_key).sign(message).to_bytes()
    }

    fn verifies(&self, public_key: &[u8; 32], message: &[u8], signature: &[u8]) -> bool {
        let (Ok(key), Ok(signature)) = (
            VerifyingKey::from_bytes(public_key),
            Signature::from_slice(signature),
        ) else {
            return false;
        };
        key.verify_strict(message, &signature).is_ok()
    }
}
