//! A hub that lists what another one lists.

use super::*;
use axum::Router;
use axum::routing::get;
use std::time::Duration;
use tokio::net::TcpListener;

/// For what takes a moment on an idle machine.
const PATIENCE: Duration = Duration::from_secs(30);

async fn mirror_of(url: String) -> Hub {
    Hub::start(HubOptions {
        mirrors: vec![url],
        ..options()
    })
    .await
    .unwrap()
}

#[tokio::test]
async fn what_one_hub_lists_the_other_lists_as_it_was_signed() {
    let first = hub().await;
    let at_first = Visitor::to(&first);
    let said = Card {
        thumbnail: Some(picture(320, 180)),
        ..card("Seen from afar")
    };
    let signed = streamer(1).sign(&said);
    at_first.list(signed.clone()).await;
    let second = mirror_of(at_first.url.clone()).await;
    let at_second = Visitor::to(&second);
    let listed = async {
        while at_second.titles("").await.is_empty() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, listed).await.unwrap();
    // Both go on without the other.
    first.shutdown().await;
    assert_eq!(at_second.titles("").await, ["Seen from afar"]);
    let (_, card) = at_second
        .get(&format!("catalogue/{}.card", key_of(1)))
        .await;
    assert_eq!(card, signed);
    let (status, _) = at_second.get(&format!("catalogue/{}.jpg", key_of(1))).await;
    assert_eq!(status, 200);
    second.shutdown().await;
}

#[tokio::test]
async fn a_hub_that_makes_things_up_is_not_believed() {
    let mut forged = streamer(2).sign(&card("Forged")).to_vec();
    forged[..32].copy_from_slice(&streamer(1).channel().0);
    let honest = streamer(3).sign(&card("Honest"));
    let list = serde_json::json!({"channels": [
        {"channel": key_of(1), "issued": now().0, "title": "Forged"},
        {"channel": key_of(3), "issued": now().0, "title": "Something else"},
        {"channel": "no key", "issued": now().0},
    ]});
    let liar = Router::new()
        .route(
            "/catalogue.json",
            get(move || async move { list.to_string() }),
        )
        .route(
            &format!("/catalogue/{}.card", key_of(1)),
            get(move || async move { forged.clone() }),
        )
        .route(
            &format!("/catalogue/{}.card", key_of(3)),
            get(move || async move { honest.clone() }),
        );
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let lying = tokio::spawn(axum::serve(listener, liar).into_future());
    let hub = mirror_of(url).await;
    let visitor = Visitor::to(&hub);
    let listed = async {
        while visitor.titles("").await.is_empty() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, listed).await.unwrap();
    assert_eq!(visitor.titles("").await, ["Honest"]);
    hub.shutdown().await;
    lying.abort();
}

#[tokio::test]
async fn what_is_no_hubs_address_is_said_at_the_start() {
    for url in [
        "hub.example",
        "ftp://hub.example/",
        "https://",
        "https://a/?b",
    ] {
        let started = Hub::start(HubOptions {
            mirrors: vec![url.to_owned()],
            ..options()
        })
        .await;
        let error = started.err().unwrap().to_string();
        assert!(error.contains("https://hub.example/"), "{url}: {error}");
    }
}
