//! TLS with a certificate from files, which may be replaced while the server runs.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use rustls::ServerConfig;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

/// A certificate from files, and how it is used.
#[derive(Clone)]
pub struct Tls {
    certificate: Arc<Certificate>,
    config: Arc<ServerConfig>,
}

/// Why there is no certificate.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file that cannot be read.
    #[error("cannot read {path}: {source}; let this user read it, or name another file")]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file with something else in it.
    #[error("{path} does not hold {what} in PEM form: {source}")]
    Pem {
        /// Which file.
        path: PathBuf,
        /// What was looked for.
        what: &'static str,
        /// Why it was not found.
        source: pem::Error,
    },
    /// The two do not fit together, or are of a kind that browsers do not take.
    #[error("the certificate {certificate} cannot be used with the key {key}: {source}")]
    Pair {
        /// The certificate's file.
        certificate: PathBuf,
        /// The key's file.
        key: PathBuf,
        /// Why.
        source: rustls::Error,
    },
    /// No version of TLS can be spoken.
    #[error("TLS cannot be used: {0}")]
    Config(rustls::Error),
}

struct Certificate {
    chain_file: PathBuf,
    key_file: PathBuf,
    provider: Arc<CryptoProvider>,
    current: RwLock<Arc<CertifiedKey>>,
}

impl Tls {
    /// Reads a chain of certificates, the server's own first, and its private key (PKCS #8, PKCS #1 or SEC 1), both PEM.
    ///
    /// # Errors
    ///
    /// When one of them cannot be read, or they do not fit together.
    pub fn from_files(chain: &Path, key: &Path) -> Result<Self, TlsError> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let current = read(chain, key, &provider)?;
        let certificate = Arc::new(Certificate {
            chain_file: chain.to_owned(),
            key_file: key.to_owned(),
            provider: Arc::clone(&provider),
            current: RwLock::new(Arc::new(current)),
        });
        let resolver: Arc<dyn ResolvesServerCert> = Arc::clone(&certificate) as _;
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(TlsError::Config)?
            .with_no_client_auth()
            .with_cert_resolver(resolver);
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self {
            certificate,
            config: Arc::new(config),
        })
    }

    /// Reads the files again, for connections from now on. What has been read before is kept if that fails.
    ///
    /// # Errors
    ///
    /// As [`Tls::from_files`].
    pub fn reload(&self) -> Result<(), TlsError> {
        let Certificate {
            chain_file,
            key_file,
            provider,
            current,
        } = &*self.certificate;
        let read = Arc::new(read(chain_file, key_file, provider)?);
        *current.write().unwrap_or_else(PoisonError::into_inner) = read;
        Ok(())
    }

    pub(super) fn config(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.config)
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tls({})", self.certificate.chain_file.display())
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

        fn read(&self) -> Result<Tls, TlsError> {
            Tls::from_files(&self.chain(), &self.key())
        }
    }

    fn current(tls: &Tls) -> Vec<u8> {
        tls.certificate.current.read().unwrap().cert[0].to_vec()
    }

    #[test]
    fn a_renewed_certificate_is_used_once_it_is_read_again() {
        let files = Files::new();
        let tls = files.read().unwrap();
        let first = current(&tls);
        files.renew();
        assert_eq!(current(&tls), first);
        tls.reload().unwrap();
        assert_ne!(current(&tls), first);
    }

    #[test]
    fn a_damaged_certificate_does_not_replace_the_one_that_is_used() {
        let files = Files::new();
        let tls = files.read().unwrap();
        let first = current(&tls);
        fs::write(files.chain(), "").unwrap();
        let refused = tls.reload().unwrap_err().to_string();
        assert!(
            refused.contains("chain.pem does not hold a certificate"),
            "{refused}"
        );
        assert_eq!(current(&tls), first);
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
