//! Asks hubs over HTTP and HTTPS: one request, one answer, of bounded length, within bounded time.
//!
//! Not here: what is asked. It follows no redirects, keeps no cookies and knows no proxies.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::header::{CONTENT_TYPE, USER_AGENT};
use hyper::{Method, Request, Response, StatusCode};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::pki_types::CertificateDer;
use tokio::time::timeout;

/// How long a request and its answer may take: a card with its thumbnail passes in that time on any line that could carry
/// video.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long a connection is kept for the next request: as long as hubs of ours keep theirs, but for a moment.
const KEPT_FOR: Duration = Duration::from_secs(14);
const NAME: &str = concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION"));

/// Asks hubs. Clones share their connections.
#[derive(Clone, Debug)]
pub struct HttpClient {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// Not an address of the web.
    #[error("'{0}' is no address of a hub; write it as https://hub.example/")]
    Address(String),
    /// TLS cannot be used.
    #[error("TLS cannot be used: {0}")]
    Tls(#[from] rustls::Error),
    /// Nobody is there, or not whom the certificate names.
    #[error("it cannot be reached: {0}")]
    Unreachable(String),
    /// The answer is cut off, or longer than it may be.
    #[error("its answer cannot be read: {0}")]
    Answer(String),
    /// No answer in time.
    #[error("no answer within {} s", PATIENCE.as_secs())]
    NoAnswer,
}

impl HttpClient {
    /// Reads the certificates that this machine trusts.
    ///
    /// # Errors
    ///
    /// When TLS cannot be used at all.
    pub fn new() -> Result<Self, HttpError> {
        Self::trusting(Vec::new())
    }

    /// The same, and believes whom these certificates vouch for, too.
    ///
    /// # Errors
    ///
    /// When TLS cannot be used at all, or one of them is no certificate.
    pub fn trusting(also: Vec<CertificateDer<'static>>) -> Result<Self, HttpError> {
        let mut roots = rustls::RootCertStore::empty();
        // Without any, plain HTTP works all the same.
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        for certificate in also {
            roots.add(certificate)?;
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http()
            .enable_http1()
            .build();
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(KEPT_FOR)
            .build(connector);
        Ok(Self { client })
    }

    /// Gets what is there, of at most `most` bytes.
    ///
    /// # Errors
    ///
    /// When there is no answer that can be read.
    pub async fn get(&self, url: &str, most: usize) -> Result<(StatusCode, Bytes), HttpError> {
        self.ask(Method::GET, url, Bytes::new(), most).await
    }

    /// Brings something there. The answer has at most `most` bytes.
    ///
    /// # Errors
    ///
    /// When there is no answer that can be read.
    pub async fn post(
        &self,
        url: &str,
        body: Bytes,
        most: usize,
    ) -> Result<(StatusCode, Bytes), HttpError> {
        self.ask(Method::POST, url, body, most).await
    }

    async fn ask(
        &self,
        method: Method,
        url: &str,
        body: Bytes,
        most: usize,
    ) -> Result<(StatusCode, Bytes), HttpError> {
        let request = Request::builder()
            .method(method)
            .uri(url)
            .header(USER_AGENT, NAME)
            .header(CONTENT_TYPE, "application/octet-stream")
            .body(Full::new(body))
            .map_err(|_| HttpError::Address(url.to_owned()))?;
        let response = self.send(request, most).await?;
        Ok((response.status(), response.into_body()))
    }

    /// Sends a request as it is. The answer's body has at most `most` bytes.
    ///
    /// # Errors
    ///
    /// When there is no answer that can be read.
    pub(crate) async fn send(
        &self,
        request: Request<Full<Bytes>>,
        most: usize,
    ) -> Result<Response<Bytes>, HttpError> {
        let asking = async {
            let sent = self.client.request(request).await;
            let response = sent.map_err(|error| HttpError::Unreachable(reasons(&error)))?;
            let (head, body) = response.into_parts();
            let body = Limited::new(body, most).collect().await;
            let body = body.map_err(|error| HttpError::Answer(error.to_string()))?;
            Ok(Response::from_parts(head, body.to_bytes()))
        };
        timeout(PATIENCE, asking)
            .await
            .unwrap_or(Err(HttpError::NoAnswer))
    }
}

/// The innermost reason, which is the one that says something.
fn reasons(error: &dyn std::error::Error) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}
