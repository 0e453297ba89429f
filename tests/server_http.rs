//! What the server says to plain HTTP requests.

#![allow(
    clippy::unwrap_used,
    reason = "a test that panics has failed, which is what it is for"
)]

use std::collections::HashMap;
use std::net::SocketAddr;

use liveontorrent::server::{Listen, Server, ServerOptions};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

struct Response {
    status: u16,
    headers: HashMap<String, String>,
    body: String,
}

async fn server() -> Server {
    Server::start(ServerOptions {
        listen: Listen::At(SocketAddr::from(([127, 0, 0, 1], 0))),
        ..ServerOptions::default()
    })
    .await
    .unwrap()
}

async fn request(server: &Server, method: &str, path: &str) -> Response {
    let mut stream = TcpStream::connect(server.address()).await.unwrap();
    let request =
        format!("{method} {path} HTTP/1.1\r\nHost: anything\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let (status, headers) = head.split_once("\r\n").unwrap();
    let headers = headers.lines().map(|line| {
        let (name, value) = line.split_once(": ").unwrap();
        (name.to_lowercase(), value.to_owned())
    });
    Response {
        status: status.split(' ').nth(1).unwrap().parse().unwrap(),
        headers: headers.collect(),
        body: body.to_owned(),
    }
}

#[tokio::test]
async fn health_says_what_runs_and_how_much_there_is() {
    let server = server().await;
    let response = request(&server, "GET", "/health").await;
    assert_eq!(response.status, 200);
    assert_eq!(response.headers["content-type"], "application/json");
    let health: Value = serde_json::from_str(&response.body).unwrap();
    assert_eq!(health["name"], "liveontorrent");
    assert_eq!(health["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(health["uptime_seconds"], 0);
    assert_eq!(health["peers"], 0);
    assert_eq!(health["swarms"], 0);
    server.shutdown().await;
}

#[tokio::test]
async fn every_response_is_hardened() {
    let server = server().await;
    for path in ["/", "/health", "/announce", "/no-such-file"] {
        let response = request(&server, "GET", path).await;
        let policy = &response.headers["content-security-policy"];
        assert!(
            policy.starts_with("default-src 'none'; script-src 'self'"),
            "{path}"
        );
        assert_eq!(
            response.headers["x-content-type-options"], "nosniff",
            "{path}"
        );
        assert_eq!(response.headers["referrer-policy"], "no-referrer", "{path}");
    }
    server.shutdown().await;
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let server = server().await;
    for path in ["/no-such-file", "/../Cargo.toml", "/%2e%2e/Cargo.toml"] {
        assert_eq!(request(&server, "GET", path).await.status, 404, "{path}");
    }
    server.shutdown().await;
}

#[tokio::test]
async fn nothing_can_be_changed_by_a_request() {
    let server = server().await;
    for path in ["/", "/health", "/announce"] {
        assert_eq!(request(&server, "POST", path).await.status, 405, "{path}");
    }
    server.shutdown().await;
}

#[tokio::test]
async fn a_browser_that_opens_the_tracker_as_a_page_is_told_what_it_is() {
    let server = server().await;
    let response = request(&server, "GET", "/announce").await;
    assert_eq!(response.status, 426);
    assert!(response.body.contains("WebTorrent tracker"));
    server.shutdown().await;
}
