//! What is shown in a handshake: the certificate, or the proof that an ACME server asks for (TLS-ALPN-01, RFC 8737).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rcgen::{CertificateParams, CustomExtension, KeyPair};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use super::CHALLENGE;

/// What is shown in a handshake.
#[derive(Default)]
pub(super) struct Certificates {
    shown: Mutex<Shown>,
}

#[derive(Default)]
struct Shown {
    current: Option<Arc<CertifiedKey>>,
    /// By the name that is to be proven.
    proofs: HashMap<String, Arc<CertifiedKey>>,
}

/// Why a proof cannot be made.
#[derive(Debug, thiserror::Error)]
pub(super) enum ProofError {
    #[error(transparent)]
    Certificate(#[from] rcgen::Error),
    #[error(transparent)]
    Key(#[from] rustls::Error),
}

impl Certificates {
    pub(super) fn show(&self, certificate: CertifiedKey) {
        self.shown().current = Some(Arc::new(certificate));
    }

    /// Whoever asks for the proof gets it from now on.
    ///
    /// `digest` is the SHA-256 of the key authorization.
    pub(super) fn prove(
        &self,
        name: String,
        digest: &[u8],
        provider: &CryptoProvider,
    ) -> Result<(), ProofError> {
        let mut said = CertificateParams::new([name.clone()])?;
        said.custom_extensions = vec![CustomExtension::new_acme_identifier(digest)];
        let key = KeyPair::generate()?;
        let certificate = said.self_signed(&key)?;
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let key = provider.key_provider.load_private_key(key)?;
        // Not checked against each other: the check takes the extension for one that it should know.
        let proof = CertifiedKey::new(vec![certificate.der().clone()], key);
        self.shown().proofs.insert(name, Arc::new(proof));
        Ok(())
    }

    /// Nothing is to be proven any more.
    pub(super) fn forget_proofs(&self) {
        self.shown().proofs.clear();
    }

    fn shown(&self) -> MutexGuard<'_, Shown> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let asks_for_proof = hello
            .alpn()
            .is_some_and(|mut spoken| spoken.any(|name| name == CHALLENGE));
        let shown = self.shown();
        if asks_for_proof {
            shown.proofs.get(hello.server_name()?).cloned()
        } else {
            shown.current.clone()
        }
    }
}

impl std::fmt::Debug for Certificates {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Certificates")
    }
}
