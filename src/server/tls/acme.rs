//! Gets certificates from an ACME server (RFC 8555) and renews them, by the proof that needs no other port (TLS-ALPN-01,
//! RFC 8737): the ACME server connects to port 443 of the name and is shown a certificate made for it.

use std::fmt;
use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::Request;
use instant_acme::{
    Account, AuthorizationStatus, BodyWrapper, BytesResponse, ChallengeType, Identifier,
    NewAccount, NewOrder, Order, OrderStatus, RetryPolicy,
};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, DnsName};
use tokio::sync::watch;
use tokio::time::sleep;

use super::TlsError;
use super::challenge::{Certificates, ProofError};
use super::kept::{Kept, KeptError, Validity};
use crate::http_client::{HttpClient, HttpError};

/// The longest answer of an ACME server. A chain of certificates is the longest, with some 6 KB.
const MAX_ANSWER_LEN: usize = 256 * 1024;
/// How long the ACME server may take to look, and to make the certificate. Let's Encrypt takes seconds.
const PATIENCE: RetryPolicy = RetryPolicy::new()
    .initial_delay(Duration::from_millis(250))
    .backoff(1.5)
    .timeout(Duration::from_secs(120));
/// The first pause after the ACME server could not be reached, and the longest.
const UNREACHED: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(600));
/// The same after it has refused. Let's Encrypt takes five failed proofs an hour; what was wrong is mostly a name that does
/// not lead here yet.
const REFUSED: (Duration, Duration) = (Duration::from_secs(60), Duration::from_secs(6 * 3600));
/// The longest sleep: a machine that was asleep itself, or whose clock was set, looks again after this.
const LONGEST_SLEEP: Duration = Duration::from_secs(3600);
/// What an ACME server says of an account that it does not know (RFC 8555, section 6.7).
const UNKNOWN_ACCOUNT: &str = "urn:ietf:params:acme:error:accountDoesNotExist";

/// Where certificates come from, and for which names.
#[derive(Clone, Debug)]
pub struct AcmeOptions {
    /// The names of this server, all of which lead here, and whose port 443 is its own.
    pub domains: Vec<String>,
    /// Addresses of mail to which the ACME server may write.
    pub contacts: Vec<String>,
    /// The folder in which the certificate and the account are kept, and nothing else.
    pub folder: PathBuf,
    /// The ACME server's directory; `None` for Let's Encrypt.
    pub directory: Option<String>,
    /// A file of certificates in PEM form by which the ACME server itself is believed, beside this machine's.
    pub ca: Option<PathBuf>,
}

/// Gets certificates and renews them.
pub(super) struct Ordering {
    kept: Kept,
    contacts: Vec<String>,
    client: HttpClient,
    provider: Arc<CryptoProvider>,
    certificates: Arc<Certificates>,
    validity: watch::Sender<Option<Validity>>,
}

/// Why there is no new certificate.
#[derive(Debug, thiserror::Error)]
enum AcmeError {
    #[error("{0}")]
    Server(#[source] instant_acme::Error),
    #[error("{name} is not shown to lead here: {reason}")]
    Unproven { name: String, reason: String },
    #[error("it does not take the proof by TLS (TLS-ALPN-01) for {0}")]
    NoChallenge(String),
    #[error("the proof cannot be made: {0}")]
    Proof(#[from] ProofError),
    #[error(transparent)]
    Kept(#[from] KeptError),
}

impl From<instant_acme::Error> for AcmeError {
    fn from(error: instant_acme::Error) -> Self {
        Self::Server(error)
    }
}

impl AcmeError {
    /// Whether it was not even asked.
    fn is_unreached(&self) -> bool {
        matches!(self, Self::Server(instant_acme::Error::Other(error)) if error.is::<HttpError>())
    }

    /// How long to wait before it is tried again, the first time and the longest.
    fn pauses(&self) -> (Duration, Duration) {
        if self.is_unreached() {
            UNREACHED
        } else {
            REFUSED
        }
    }
}

impl Ordering {
    pub(super) fn new(
        options: AcmeOptions,
        provider: Arc<CryptoProvider>,
    ) -> Result<Self, TlsError> {
        let directory = options
            .directory
            .unwrap_or_else(|| instant_acme::LetsEncrypt::Production.url().to_owned());
        let domains = options.domains.into_iter().map(|domain| {
            let domain = domain.trim().trim_end_matches('.').to_ascii_lowercase();
            match DnsName::try_from_str(&domain) {
                Ok(_) => Ok(domain),
                Err(_) => Err(TlsError::Domain(domain)),
            }
        });
        let trusted = options.ca.map(|path| {
            let read = CertificateDer::pem_file_iter(&path).and_then(Iterator::collect);
            read.map_err(|source| match source {
                pem::Error::Io(source) => TlsError::File { path, source },
                source => TlsError::Pem {
                    path,
                    what: "a certificate",
                    source,
                },
            })
        });
        let trusted: Vec<CertificateDer> = trusted.transpose()?.unwrap_or_default();
        let ordering = Self {
            kept: Kept {
                folder: options.folder,
                directory,
                domains: domains.collect::<Result<_, _>>()?,
            },
            contacts: options.contacts,
            client: HttpClient::trusting(trusted)?,
            provider,
            certificates: Arc::default(),
            validity: watch::Sender::new(None),
        };
        ordering.use_kept();
        Ok(ordering)
    }

    pub(super) fn certificates(&self) -> Arc<Certificates> {
        Arc::clone(&self.certificates)
    }

    pub(super) fn renewals(&self) -> watch::Receiver<Option<Validity>> {
        self.validity.subscribe()
    }

    /// Shows the certificate of the last time, if it still holds. What is wrong with it is no matter: there will be another.
    fn use_kept(&self) {
        let kept = match self.kept.certificate() {
            Ok(Some(kept)) => kept,
            Ok(None) => return,
            Err(error) => {
                return tracing::warn!("the certificate that is kept is not used: {error}");
            }
        };
        match kept.open(&self.provider) {
            Ok((certificate, validity)) if validity.until > SystemTime::now() => {
                self.certificates.show(certificate);
                self.validity.send_replace(Some(validity));
            }
            Ok(_) => {}
            Err(error) => tracing::warn!("the certificate that is kept is not used: {error}"),
        }
    }

    /// Gets certificates whenever one is due.
    pub(super) async fn run(self: Arc<Self>) {
        let mut failures = 0;
        loop {
            let validity = *self.validity.borrow();
            let due = validity.map_or(Duration::ZERO, |validity| {
                let at = validity.renew_at().duration_since(SystemTime::now());
                at.unwrap_or_default()
            });
            if !due.is_zero() {
                sleep(due.min(LONGEST_SLEEP)).await;
                continue;
            }
            let ordered = self.order().await;
            self.certificates.forget_proofs();
            match ordered {
                Ok(()) => failures = 0,
                Err(error) => {
                    let (first, longest) = error.pauses();
                    let pause = first.saturating_mul(1 << failures.min(16)).min(longest);
                    failures += 1;
                    tracing::warn!(
                        "no certificate for {} from {}: {error}; it is tried again in {} s",
                        self.kept.domains.join(", "),
                        self.kept.directory,
                        pause.as_secs()
                    );
                    sleep(pause).await;
                }
            }
        }
    }

    async fn order(&self) -> Result<(), AcmeError> {
        let names: Vec<_> = self
            .kept
            .domains
            .iter()
            .cloned()
            .map(Identifier::Dns)
            .collect();
        let wanted = NewOrder::new(&names);
        let mut ordered = self.account().await?.new_order(&wanted).await;
        if let Err(instant_acme::Error::Api(problem)) = &ordered
            && problem.r#type.as_deref() == Some(UNKNOWN_ACCOUNT)
        {
            self.kept.forget_account()?;
            ordered = self.account().await?.new_order(&wanted).await;
        }
        let mut order = ordered?;
        self.prove(&mut order).await?;
        match order.poll_ready(&PATIENCE).await {
            Ok(OrderStatus::Ready) => {}
            Ok(_) => {
                let silent = instant_acme::Error::Str("it refuses the order and does not say why");
                return Err(what_was_wrong(&mut order, silent).await);
            }
            Err(refused @ instant_acme::Error::Api(_)) => {
                return Err(what_was_wrong(&mut order, refused).await);
            }
            Err(other) => return Err(other.into()),
        }
        let key = order.finalize().await?;
        let chain = order.poll_certificate(&PATIENCE).await?;
        let certificate = self.kept.keep_certificate(chain, key)?;
        let (certificate, validity) = certificate.open(&self.provider)?;
        self.certificates.show(certificate);
        self.validity.send_replace(Some(validity));
        Ok(())
    }

    /// The account of the last time, or a new one.
    async fn account(&self) -> Result<Account, AcmeError> {
        let builder = Account::builder_with_http(Box::new(AcmeHttp(self.client.clone())));
        if let Some(credentials) = self.kept.account()? {
            return Ok(builder.from_credentials(credentials).await?);
        }
        let contacts: Vec<String> = self.contacts.iter().map(|address| mail(address)).collect();
        let contacts: Vec<&str> = contacts.iter().map(String::as_str).collect();
        let wanted = NewAccount {
            contact: &contacts,
            terms_of_service_agreed: true,
            only_return_existing: false,
        };
        let directory = self.kept.directory.clone();
        let (account, credentials) = builder.create(&wanted, directory, None).await?;
        self.kept.keep_account(credentials)?;
        Ok(account)
    }

    /// Lets the ACME server look at each name that it does not believe yet.
    async fn prove(&self, order: &mut Order) -> Result<(), AcmeError> {
        let mut authorizations = order.authorizations();
        while let Some(authorization) = authorizations.next().await {
            let mut authorization = authorization?;
            if authorization.status == AuthorizationStatus::Valid {
                continue;
            }
            let name = authorization.identifier().to_string();
            let Some(mut challenge) = authorization.challenge(ChallengeType::TlsAlpn01) else {
                return Err(AcmeError::NoChallenge(name));
            };
            let digest = challenge.key_authorization().digest();
            self.certificates
                .prove(name, digest.as_ref(), &self.provider)?;
            challenge.set_ready().await?;
        }
        Ok(())
    }
}

impl fmt::Debug for Ordering {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ordering({})", self.kept.domains.join(", "))
    }
}

/// The ACME server has looked, and did not find what it should. What it says of a name says more than what it says of the
/// order.
async fn what_was_wrong(order: &mut Order, of_order: instant_acme::Error) -> AcmeError {
    let mut authorizations = order.authorizations();
    while let Some(Ok(mut authorization)) = authorizations.next().await {
        if authorization.refresh().await.is_err() {
            break;
        }
        let mut problems = authorization.challenges.iter();
        if let Some(problem) = problems.find_map(|challenge| challenge.error.as_ref()) {
            return AcmeError::Unproven {
                name: authorization.identifier().to_string(),
                reason: problem.to_string(),
            };
        }
    }
    of_order.into()
}

/// An address of mail as ACME has it.
fn mail(address: &str) -> String {
    if address.contains(':') {
        address.to_owned()
    } else {
        format!("mailto:{address}")
    }
}

/// The program's own client, as the ACME library asks for one.
struct AcmeHttp(HttpClient);

impl instant_acme::HttpClient for AcmeHttp {
    fn request(
        &self,
        request: Request<BodyWrapper<Bytes>>,
    ) -> Pin<Box<dyn Future<Output = Result<BytesResponse, instant_acme::Error>> + Send>> {
        let client = self.0.clone();
        Box::pin(async move {
            let (head, body) = request.into_parts();
            let wrong = |error| instant_acme::Error::Other(error);
            let body = body.collect().await.map_err(|never| wrong(never.into()))?;
            let request = Request::from_parts(head, Full::new(body.to_bytes()));
            let answer = client.send(request, MAX_ANSWER_LEN).await;
            let answer = answer.map_err(|error| wrong(error.into()))?;
            Ok(BytesResponse::from(answer.map(Full::new)))
        })
    }
}
