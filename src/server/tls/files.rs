//! A certificate from files, which may be replaced while the server runs.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use super::TlsError;

/// A certificate from files.
pub(super) struct Certificate {
    chain_file: PathBuf,
    key_file: PathBuf,
    provider: Arc<CryptoProvider>,
    current: RwLock<Arc<CertifiedKey>>,
}

impl Certificate {
    pub(super) fn read(
        chain: &Path,
        key: &Path,
        provider: Arc<CryptoProvider>,
    ) -> Result<Self, TlsError> {
        let current = read(chain, key, &provider)?;
        Ok(Self {
            chain_file: chain.to_owned(),
            key_file: key.to_owned(),
            provider,
            current: RwLock::new(Arc::new(current)),
        })
    }

    /// Reads the files again. What has been read before is kept if that fails.
    pub(super) fn read_again(&self) -> Result<(), TlsError> {
        let read = read(&self.chain_file, &self.key_file, &self.provider)?;
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(read);
        Ok(())
    }
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        Some(Arc::clone(&current))
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Certificate({})", self.chain_file.display())
    }
}

fn read(chain: &Path, key: &Path, provider: &CryptoProvider) -> Result<CertifiedKey, TlsError> {
    let wrong = |path: &Path, what, source| match source {
        pem::Error::Io(source) => TlsError::File {
            path: path.to_owned(),
            source,
        },
        source => TlsError::Pem {
            path: path.to_owned(),
            what,
            source,
        },
    };
    let certificates = CertificateDer::pem_file_iter(chain)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .and_then(|read| {
            if read.is_empty() {
                Err(pem::Error::NoItemsFound)
            } else {
                Ok(read)
            }
        })
        .map_err(|error| wrong(chain, "a certificate", error))?;
    let private =
        PrivateKeyDer::from_pem_file(key).map_err(|error| wrong(key, "a private key", error))?;
    CertifiedKey::from_der(certificates, private, provider).map_err(|source| TlsError::Pair {
        certificate: chain.to_owned(),
        key: key.to_owned(),
        source,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    struct Files {
        folder: tempfile::TempDir,
    }

    impl Files {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let files = Self { folder };
            files.renew();
            files
        }

        fn renew(&self) {
            let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
            fs::write(self.chain(), made.cert.pem()).unwrap();
            fs::write(self.key(), made.signing_key.serialize_pem()).unwrap();
        }

        fn chain(&self) -> PathBuf {
            self.folder.path().join("chain.pem")
        }

        fn key(&self) -> PathBuf {
            self.folder.path().join("key.pem")
        }

        fn read(&self) -> Result<Certificate, TlsError> {
            let provider = Arc::new(rustls::crypto::ring::default_provider());
            Certificate::read(&self.chain(), &self.key(), provider)
        }
    }

    fn current(certificate: &Certificate) -> Vec<u8> {
        certificate.current.read().unwrap().cert[0].to_vec()
    }

    #[test]
    fn a_renewed_certificate_is_used_once_it_is_read_again() {
        let files = Files::new();
        let certificate = files.read().unwrap();
        let first = current(&certificate);
        files.renew();
        assert_eq!(current(&certificate), first);
        certificate.read_again().unwrap();
        assert_ne!(current(&certificate), first);
    }

    #[test]
    fn a_damaged_certificate_does_not_replace_the_one_that_is_used() {
        let files = Files::new();
        let certificate = files.read().unwrap();
        let first = current(&certificate);
        fs::write(files.chain(), "").unwrap();
        let refused = certificate.read_again().unwrap_err().to_string();
        assert!(
            refused.contains("chain.pem does not hold a certificate"),
            "{refused}"
        );
        assert_eq!(current(&certificate), first);
    }

    #[test]
    fn what_is_wrong_with_the_files_is_said() {
        let files = Files::new();
        let other = Files::new();
        fs::copy(other.key(), files.key()).unwrap();
        let refused = files.read().unwrap_err().to_string();
        assert!(refused.contains("cannot be used with the key"), "{refused}");
        fs::remove_file(files.key()).unwrap();
        let refused = files.read().unwrap_err().to_string();
        assert!(refused.starts_with("cannot read"), "{refused}");
    }
}
