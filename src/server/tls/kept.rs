//! What is kept between two runs of a server that gets its own certificate: that certificate with its key, and the account
//! at the ACME server. Nothing else is ever written.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use instant_acme::AccountCredentials;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::whole_file;

/// The folder, and from whom the certificate is, for whom.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    pub(super) folder: PathBuf,
    pub(super) directory: String,
    pub(super) domains: Vec<String>,
}

/// A certificate with its key, as it is kept.
#[derive(Serialize, Deserialize)]
pub(super) struct Certificate {
    directory: String,
    domains: Vec<String>,
    chain: String,
    key: String,
}

#[derive(Serialize, Deserialize)]
struct Account {
    directory: String,
    credentials: AccountCredentials,
}

/// From when to when a certificate holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    /// Not before.
    pub from: SystemTime,
    /// Not after.
    pub until: SystemTime,
}

/// Why something cannot be kept, or what is kept not be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum KeptError {
    #[error("cannot write {path}: {source}; let this user write there, or name another folder")]
    Write { path: PathBuf, source: io::Error },
    #[error("cannot read {path}: {source}; let this user read it, or name another folder")]
    Read { path: PathBuf, source: io::Error },
    #[error("what came is no certificate: {0}")]
    Pem(#[from] pem::Error),
    #[error("what came is no certificate: {0}")]
    Der(String),
    #[error("the certificate that came cannot be used: {0}")]
    Pair(#[from] rustls::Error),
}

impl Kept {
    pub(super) fn certificate(&self) -> Result<Option<Certificate>, KeptError> {
        let kept: Option<Certificate> = read(&self.folder.join("certificate.json"))?;
        Ok(kept.filter(|kept| kept.directory == self.directory && kept.domains == self.domains))
    }

    pub(super) fn keep_certificate(
        &self,
        chain: String,
        key: String,
    ) -> Result<Certificate, KeptError> {
        let certificate = Certificate {
            directory: self.directory.clone(),
            domains: self.domains.clone(),
            chain,
            key,
        };
        write(&self.folder.join("certificate.json"), &certificate)?;
        Ok(certificate)
    }

    pub(super) fn account(&self) -> Result<Option<AccountCredentials>, KeptError> {
        let kept: Option<Account> = read(&self.folder.join("account.json"))?;
        let ours = kept.filter(|kept| kept.directory == self.directory);
        Ok(ours.map(|kept| kept.credentials))
    }

    pub(super) fn keep_account(&self, credentials: AccountCredentials) -> Result<(), KeptError> {
        let account = Account {
            directory: self.directory.clone(),
            credentials,
        };
        write(&self.folder.join("account.json"), &account)
    }

    /// The ACME server does not know it any more.
    pub(super) fn forget_account(&self) -> Result<(), KeptError> {
        let path = self.folder.join("account.json");
        match fs::remove_file(&path) {
            Err(source) if source.kind() != ErrorKind::NotFound => {
                Err(KeptError::Write { path, source })
            }
            _ => Ok(()),
        }
    }
}

impl Certificate {
    pub(super) fn open(
        &self,
        provider: &CryptoProvider,
    ) -> Result<(CertifiedKey, Validity), KeptError> {
        let chain = CertificateDer::pem_slice_iter(self.chain.as_bytes());
        let chain = chain.collect::<Result<Vec<_>, _>>()?;
        let own = chain
            .first()
            .ok_or_else(|| KeptError::Der("it is empty".to_owned()))?;
        let validity = Validity::of(own)?;
        let key = PrivateKeyDer::from_pem_slice(self.key.as_bytes())?;
        Ok((CertifiedKey::from_der(chain, key, provider)?, validity))
    }
}

impl Validity {
    fn of(certificate: &CertificateDer) -> Result<Self, KeptError> {
        let wrong = |error: x509_parser::nom::Err<x509_parser::error::X509Error>| {
            KeptError::Der(error.to_string())
        };
        let (_, parsed) = x509_parser::parse_x509_certificate(certificate).map_err(wrong)?;
        let validity = parsed.validity();
        Ok(Self {
            from: time(validity.not_before.timestamp()),
            until: time(validity.not_after.timestamp()),
        })
    }

    /// When a third of its life is left: what fails then can be tried again for weeks.
    pub(super) fn renew_at(&self) -> SystemTime {
        let life = self.until.duration_since(self.from).unwrap_or_default();
        self.until - life / 3
    }
}

fn time(since_epoch: i64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(u64::try_from(since_epoch).unwrap_or(0))
}

/// What is there, if it is what it should be: what cannot be understood is as good as not there.
fn read<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, KeptError> {
    match fs::read(path) {
        Ok(bytes) => Ok(serde_json::from_slice(&bytes).ok()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(source) => Err(KeptError::Read {
            path: path.to_owned(),
            source,
        }),
    }
}

fn write<T: Serialize>(path: &Path, value: &T) -> Result<(), KeptError> {
    let wrong = |source| KeptError::Write {
        path: path.to_owned(),
        source,
    };
    let bytes = serde_json::to_vec(value).map_err(|error| wrong(error.into()))?;
    whole_file::write(path, &bytes).map_err(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(folder: &Path) -> Kept {
        Kept {
            folder: folder.join("new"),
            directory: "https://acme.example/".to_owned(),
            domains: vec!["hub.example".to_owned()],
        }
    }

    fn made() -> (String, String) {
        let made = rcgen::generate_simple_self_signed(["hub.example".to_owned()]).unwrap();
        (made.cert.pem(), made.signing_key.serialize_pem())
    }

    #[test]
    fn a_certificate_is_found_again_by_the_same_names_at_the_same_server_only() {
        let folder = tempfile::tempdir().unwrap();
        let kept = kept(folder.path());
        assert!(kept.certificate().unwrap().is_none());
        let (chain, key) = made();
        kept.keep_certificate(chain.clone(), key).unwrap();
        assert_eq!(kept.certificate().unwrap().unwrap().chain, chain);
        let staging = "https://staging.example/".to_owned();
        let others = [
            Kept {
                directory: staging,
                ..kept.clone()
            },
            Kept {
                domains: vec!["other.example".to_owned()],
                ..kept.clone()
            },
        ];
        for other in others {
            assert!(other.certificate().unwrap().is_none());
        }
    }

    #[test]
    fn what_is_damaged_is_as_good_as_not_there() {
        let folder = tempfile::tempdir().unwrap();
        let kept = kept(folder.path());
        fs::create_dir_all(&kept.folder).unwrap();
        fs::write(kept.folder.join("certificate.json"), "{\"chain\":").unwrap();
        assert!(kept.certificate().unwrap().is_none());
        let certificate = kept
            .keep_certificate("no certificate".to_owned(), made().1)
            .unwrap();
        let provider = rustls::crypto::ring::default_provider();
        assert!(certificate.open(&provider).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_may_read_what_is_kept() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let kept = kept(folder.path());
        let (chain, key) = made();
        kept.keep_certificate(chain, key).unwrap();
        let file = fs::metadata(kept.folder.join("certificate.json")).unwrap();
        assert_eq!(file.permissions().mode() & 0o077, 0);
    }

    #[test]
    fn it_is_renewed_when_a_third_of_its_life_is_left() {
        let hours = |hours: u64| UNIX_EPOCH + Duration::from_secs(3600 * hours);
        let validity = Validity {
            from: hours(10),
            until: hours(100),
        };
        assert_eq!(validity.renew_at(), hours(70));
    }
}
