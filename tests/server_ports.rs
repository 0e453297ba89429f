//! Where the server listens, and what it says when it cannot.

#![allow(
    clippy::unwrap_used,
    reason = "a test that panics has failed, which is what it is for"
)]

use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use liveontorrent::server::{DEFAULT_PORT, Listen, Server, ServerOptions};

async fn start(listen: Listen) -> Result<Server, String> {
    let options = ServerOptions {
        listen,
        ..ServerOptions::default()
    };
    Server::start(options)
        .await
        .map_err(|error| error.to_string())
}

fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}

#[tokio::test]
async fn a_second_server_takes_the_next_free_port_and_says_so() {
    let first = start(Listen::Anywhere).await.unwrap();
    let second = start(Listen::Anywhere).await.unwrap();
    assert_eq!(second.port_was_taken(), Some(DEFAULT_PORT));
    assert!(second.address().port() > first.address().port());
    assert!(second.address().ip().is_unspecified());
    first.shutdown().await;
    second.shutdown().await;
}

#[tokio::test]
async fn a_server_on_all_addresses_is_reached_by_both_families() {
    let server = start(Listen::Anywhere).await.unwrap();
    let port = server.address().port();
    assert!(std::net::TcpStream::connect(("127.0.0.1", port)).is_ok());
    if server.address().is_ipv6() {
        assert!(std::net::TcpStream::connect(("::1", port)).is_ok());
    }
    server.shutdown().await;
}

#[tokio::test]
async fn the_page_is_at_an_address_that_other_machines_can_reach_where_there_is_one() {
    let server = start(Listen::Anywhere).await.unwrap();
    let url = server.page_url();
    let end = format!(":{}/", server.address().port());
    assert!(url.starts_with("http://") && url.ends_with(&end), "{url}");
    let host = &url["http://".len()..url.len() - end.len()];
    let host = host.trim_matches(['[', ']']);
    assert!(std::net::TcpStream::connect((host, server.address().port())).is_ok());
    server.shutdown().await;
}

#[tokio::test]
async fn a_server_for_this_machine_alone_says_a_loopback_address() {
    let server = start(Listen::At(loopback(0))).await.unwrap();
    let port = server.address().port();
    assert_ne!(port, 0);
    assert_eq!(server.page_url(), format!("http://127.0.0.1:{port}/"));
    assert_eq!(server.port_was_taken(), None);
    server.shutdown().await;
}

#[tokio::test]
async fn a_port_that_was_asked_for_and_is_taken_is_named_with_the_remedy() {
    let other = TcpListener::bind(loopback(0)).unwrap();
    let address = other.local_addr().unwrap();
    let error = start(Listen::At(address)).await.err().unwrap();
    assert_eq!(
        error,
        format!(
            "{address} is taken by another program; close that program, or choose another port with --listen"
        )
    );
}

#[tokio::test]
async fn an_address_of_another_machine_is_named_with_the_remedy() {
    let elsewhere = SocketAddr::from(([203, 0, 113, 1], 0));
    let error = start(Listen::At(elsewhere)).await.err().unwrap();
    assert!(
        error.starts_with("this machine has no address 203.0.113.1"),
        "{error}"
    );
}

#[tokio::test]
async fn a_port_is_free_again_after_shutdown() {
    let server = start(Listen::At(loopback(0))).await.unwrap();
    let address = server.address();
    server.shutdown().await;
    let again = start(Listen::At(address)).await.unwrap();
    again.shutdown().await;
}
