//! HTTPS: with a certificate from files, or with one that the server gets and renews by itself (ACME, RFC 8555).
//!
//! Not here: the connections.

mod acme;
mod challenge;
mod files;
mod kept;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem;
use rustls::server::ResolvesServerCert;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use self::acme::Ordering;
use self::files::Certificate;
use crate::http_client::HttpError;

pub use self::acme::AcmeOptions;
pub use self::kept::Validity;

/// What is spoken under the protection of TLS (RFC 7301).
const HTTP: &[u8] = b"http/1.1";
/// What an ACME server speaks that looks whose name this is (RFC 8737).
const CHALLENGE: &[u8] = b"acme-tls/1";

/// A certificate, and how it is used.
#[derive(Clone)]
pub struct Tls {
    source: Source,
    config: Arc<ServerConfig>,
}

#[derive(Clone)]
enum Source {
    Files(Arc<Certificate>),
    Acme(Arc<Ordering>),
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
    /// A name that no certificate is given for by itself.
    #[error(
        "'{0}' is no name of a host that a certificate can be had for; write it as hub.example"
    )]
    Domain(String),
    /// The ACME server cannot be asked.
    #[error("the ACME server cannot be asked: {0}")]
    Client(#[from] HttpError),
}

impl Tls {
    /// Reads a chain of certificates, the server's own first, and its private key (PKCS #8, PKCS #1 or SEC 1), both PEM.
    ///
    /// # Errors
    ///
    /// When one of them cannot be read, or they do not fit together.
    pub fn from_files(chain: &Path, key: &Path) -> Result<Self, TlsError> {
        let provider = provider();
        let certificate = Arc::new(Certificate::read(chain, key, Arc::clone(&provider))?);
        Ok(Self {
            config: config(provider, Arc::clone(&certificate) as _, &[HTTP])?,
            source: Source::Files(certificate),
        })
    }

    /// A certificate from an ACME server: the one that is kept from the last time, if it still holds, or else a new one
    /// as soon as there is one. Until then nobody can connect. Whoever serves keeps it renewed.
    ///
    /// # Errors
    ///
    /// When a name cannot be one of a host, or the certificates of this machine or of `options` cannot be read.
    pub fn by_acme(options: AcmeOptions) -> Result<Self, TlsError> {
        let provider = provider();
        let ordering = Ordering::new(options, Arc::clone(&provider))?;
        let certificates = ordering.certificates();
        Ok(Self {
            config: config(provider, certificates as _, &[HTTP, CHALLENGE])?,
            source: Source::Acme(Arc::new(ordering)),
        })
    }

    /// Reads the files again, for connections from now on. What has been read before is kept if that fails. A certificate
    /// that is renewed by itself stays as it is.
    ///
    /// # Errors
    ///
    /// As [`Tls::from_files`].
    pub fn reload(&self) -> Result<(), TlsError> {
        match &self.source {
            Source::Files(certificate) => certificate.read_again(),
            Source::Acme(_) => Ok(()),
        }
    }

    /// From when to when the certificate holds that is renewed by itself; nothing for one from files.
    pub fn renewals(&self) -> Option<watch::Receiver<Option<Validity>>> {
        match &self.source {
            Source::Files(_) => None,
            Source::Acme(ordering) => Some(ordering.renewals()),
        }
    }

    /// Gets certificates and renews them, until told to stop.
    pub(crate) async fn keep_renewed(self, stop: CancellationToken) {
        if let Source::Acme(ordering) = self.source {
            stop.run_until_cancelled(ordering.run()).await;
        }
    }

    pub(super) fn config(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.config)
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.source {
            Source::Files(certificate) => write!(f, "Tls({certificate:?})"),
            Source::Acme(ordering) => write!(f, "Tls({ordering:?})"),
        }
    }
}

/// Whether it was an ACME server that has shaken hands: it has seen what it came for, and says nothing more.
pub(super) fn was_challenge(connection: &rustls::ServerConnection) -> bool {
    connection.alpn_protocol() == Some(CHALLENGE)
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

fn config(
    provider: Arc<CryptoProvider>,
    resolver: Arc<dyn ResolvesServerCert>,
    spoken: &[&[u8]],
) -> Result<Arc<ServerConfig>, TlsError> {
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(TlsError::Config)?
        .with_no_client_auth()
        .with_cert_resolver(resolver);
    config.alpn_protocols = spoken.iter().map(|name| name.to_vec()).collect();
    Ok(Arc::new(config))
}
