//! The hub over HTTPS, with a certificate from files.

use super::*;
use liveontorrent::server::Tls;
use rustls::pki_types::{CertificateDer, ServerName};
use std::fs;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

async fn get(hub: &Hub, trusted: CertificateDer<'static>, path: &str) -> String {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(trusted).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(hub.address()).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let connector = TlsConnector::from(Arc::new(config));
    let mut stream = connector.connect(name, stream).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // Whether the other side says goodbye first is no matter here.
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn everything_is_served_encrypted_with_the_operators_certificate() {
    let folder = tempfile::tempdir().unwrap();
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let (chain, key) = (
        folder.path().join("chain.pem"),
        folder.path().join("key.pem"),
    );
    fs::write(&chain, made.cert.pem()).unwrap();
    fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let mut options = options();
    options.server.tls = Some(Tls::from_files(&chain, &key).unwrap());
    let hub = Hub::start(options).await.unwrap();
    assert!(hub.urls()[0].starts_with("https://"), "{:?}", hub.urls());
    let list = get(&hub, made.cert.der().clone(), "/catalogue.json").await;
    assert!(list.starts_with("HTTP/1.1 200"), "{list}");
    let feed = get(&hub, made.cert.der().clone(), "/catalogue.atom").await;
    assert!(feed.contains("https://localhost/catalogue.atom"), "{feed}");
    // Who does not shake hands gets nothing, and is in nobody's way.
    let mut plain = TcpStream::connect(hub.address()).await.unwrap();
    plain.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    let _ = plain.read_to_end(&mut answer).await;
    assert!(!String::from_utf8_lossy(&answer).contains("HTTP"));
    hub.shutdown().await;
}
