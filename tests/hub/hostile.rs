//! Cards that nobody should see: each is refused with a reason, and what is listed stays as it is.

use super::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const SCRIPT: &str = "<script>alert('me')</script>\"><img src=x onerror=alert(1)>";

/// A hub that lists one honest channel.
async fn listing_one() -> (Hub, Visitor) {
    let hub = hub().await;
    let visitor = Visitor::to(&hub);
    visitor.list(streamer(1).sign(&card("Honest"))).await;
    (hub, visitor)
}

async fn nothing_is_lost(hub: Hub, visitor: &Visitor) {
    assert_eq!(visitor.titles("").await, ["Honest"]);
    // And it may still say something new.
    let renewed = Card {
        viewers: 4,
        issued_at: UnixMillis(now().0 + 1),
        ..card("Honest")
    };
    visitor.list(streamer(1).sign(&renewed)).await;
    hub.shutdown().await;
}

#[tokio::test]
async fn a_script_in_a_title_stays_text() {
    let hub = hub().await;
    let visitor = Visitor::to(&hub);
    let hostile = Card {
        details: Details {
            author: SCRIPT.chars().take(Details::MAX_AUTHOR_CHARS).collect(),
            description: format!("]]>{SCRIPT}"),
            keywords: vec!["<b>".to_owned()],
            ..Details::titled(SCRIPT)
        },
        ..card("")
    };
    visitor.list(streamer(1).sign(&hostile)).await;
    assert_eq!(visitor.titles("").await, [SCRIPT]);
    let (_, feed) = visitor.get("catalogue.atom").await;
    let text = String::from_utf8(feed.to_vec()).unwrap();
    assert!(text.contains("&lt;script&gt;"), "{text}");
    for tag in ["<script", "<img", "<b>"] {
        assert!(!text.contains(tag), "{tag} in {text}");
    }
    let read = atom_syndication::Feed::read_from(&feed[..]).unwrap();
    assert_eq!(read.entries[0].title.as_str(), SCRIPT);
    let (_, feed) = visitor.get("catalogue.rss").await;
    let text = String::from_utf8(feed.to_vec()).unwrap();
    for tag in ["<script", "<img", "<b>"] {
        assert!(!text.contains(tag), "{tag} in {text}");
    }
    let read = rss::Channel::read_from(&feed[..]).unwrap();
    let item = &read.items[0];
    assert_eq!(item.title.as_deref(), Some(SCRIPT));
    let description = item.description.as_deref().unwrap();
    assert!(
        !description.contains('<'),
        "no HTML of a stranger's: {description}"
    );
    hub.shutdown().await;
}

#[tokio::test]
async fn a_thumbnail_of_fifty_megabytes_is_refused() {
    let (hub, visitor) = listing_one().await;
    let much = Bytes::from(vec![0xff; 50_000_000]);
    let refused = Visitor::refused(visitor.bring(much).await);
    assert_eq!(refused, (413, "too-long".to_owned()));
    nothing_is_lost(hub, &visitor).await;
}

#[tokio::test]
async fn who_does_not_say_how_much_comes_is_stopped_all_the_same() {
    let (hub, visitor) = listing_one().await;
    let mut stream = TcpStream::connect(hub.address()).await.unwrap();
    let head = "POST /catalogue HTTP/1.1\r\nHost: hub\r\nTransfer-Encoding: chunked\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut chunk = b"10000\r\n".to_vec();
    chunk.extend(vec![0; 0x10000]);
    chunk.extend(b"\r\n");
    for _ in 0..4 {
        stream.write_all(&chunk).await.unwrap();
    }
    stream.write_all(b"0\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let answer = String::from_utf8_lossy(&answer);
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    assert!(answer.contains("too-long"), "{answer}");
    nothing_is_lost(hub, &visitor).await;
}

#[tokio::test]
async fn what_the_channel_did_not_sign_is_refused() {
    let (hub, visitor) = listing_one().await;
    let mut forged = streamer(2).sign(&card("Forged")).to_vec();
    forged[..32].copy_from_slice(&streamer(1).channel().0);
    let refused = Visitor::refused(visitor.bring(forged.into()).await);
    assert_eq!(refused, (403, "signature".to_owned()));
    let refused = Visitor::refused(visitor.bring(Bytes::from_static(b"hello")).await);
    assert_eq!(refused, (403, "signature".to_owned()));
    nothing_is_lost(hub, &visitor).await;
}

#[tokio::test]
async fn an_old_card_shown_again_is_refused() {
    let hub = hub().await;
    let visitor = Visitor::to(&hub);
    let old = streamer(1).sign(&Card {
        issued_at: earlier(5),
        ..card("Yesterday's title")
    });
    visitor.list(old.clone()).await;
    visitor.list(streamer(1).sign(&card("Honest"))).await;
    let refused = Visitor::refused(visitor.bring(old.clone()).await);
    assert_eq!(refused, (409, "replayed".to_owned()));
    assert_eq!(visitor.titles("").await, ["Honest"]);
    let over = Card::withdrawal(BroadcastId(7), UnixMillis(now().0 + 2));
    visitor.list(streamer(1).sign(&over)).await;
    let refused = Visitor::refused(visitor.bring(old).await);
    assert_eq!(refused, (409, "replayed".to_owned()));
    assert!(visitor.titles("").await.is_empty());
    hub.shutdown().await;
}

#[tokio::test]
async fn a_card_from_another_time_is_told_what_time_it_is() {
    let (hub, visitor) = listing_one().await;
    for (issued_at, code) in [
        (earlier(3600), "stale"),
        (UnixMillis(now().0 + 3_600_000), "ahead"),
    ] {
        let lost = Card {
            issued_at,
            ..card("Lost in time")
        };
        let (status, answer) = visitor.bring(streamer(2).sign(&lost)).await;
        let here = answer["now"].as_u64().unwrap();
        assert!(here.abs_diff(now().0) < 60_000, "{answer}");
        assert_eq!(Visitor::refused((status, answer)), (409, code.to_owned()));
    }
    nothing_is_lost(hub, &visitor).await;
}

#[tokio::test]
async fn a_thumbnail_that_is_no_picture_is_refused() {
    let (hub, visitor) = listing_one().await;
    let enormous = picture(2049, 8);
    let svg = Bytes::from_static(b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>");
    for thumbnail in [svg, picture(64, 64).slice(..200), enormous] {
        let hostile = Card {
            thumbnail: Some(thumbnail),
            issued_at: UnixMillis(now().0),
            ..card("Hostile")
        };
        let refused = Visitor::refused(visitor.bring(streamer(2).sign(&hostile)).await);
        assert_eq!(refused, (422, "thumbnail".to_owned()));
        // The channel's next card is later.
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    }
    nothing_is_lost(hub, &visitor).await;
}

#[tokio::test]
async fn who_sends_cards_without_end_is_refused_before_they_are_read() {
    let (hub, visitor) = listing_one().await;
    let mut codes = Vec::new();
    for _ in 0..100 {
        let (_, code) = Visitor::refused(visitor.bring(Bytes::from_static(b"rubbish")).await);
        codes.push(code);
    }
    assert_eq!(codes.first().unwrap(), "signature");
    assert!(codes.iter().any(|code| code == "address-too-often"));
    assert_eq!(visitor.titles("").await, ["Honest"]);
    hub.shutdown().await;
}

#[tokio::test]
async fn a_channel_that_says_something_else_each_moment_is_refused_and_stays() {
    let (hub, visitor) = listing_one().await;
    let mut codes = Vec::new();
    for ahead in 1..20 {
        let again = Card {
            issued_at: UnixMillis(now().0 + ahead),
            ..card("Honest")
        };
        let (status, answer) = visitor.bring(streamer(1).sign(&again)).await;
        if status != 200 {
            codes.push(Visitor::refused((status, answer)).1);
        }
    }
    assert!(codes.iter().any(|code| code == "channel-too-often"));
    assert_eq!(visitor.titles("").await, ["Honest"]);
    hub.shutdown().await;
}

#[tokio::test]
async fn addresses_that_ask_for_nothing_sensible_are_answered() {
    let (hub, visitor) = listing_one().await;
    for query in ["?category=%3Cb%3E", "?sort=luck", "?skip=-1", "?most=x"] {
        assert_eq!(visitor.get(&format!("catalogue.json{query}")).await.0, 400);
        assert_eq!(visitor.get(&format!("catalogue.atom{query}")).await.0, 400);
        assert_eq!(visitor.get(&format!("catalogue.rss{query}")).await.0, 400);
    }
    for file in [
        "x",
        "x.jpg",
        "..%2f..%2fCargo.toml",
        &format!("{}.exe", key_of(1)),
    ] {
        assert_eq!(
            visitor.get(&format!("catalogue/{file}")).await.0,
            404,
            "{file}"
        );
    }
    nothing_is_lost(hub, &visitor).await;
}
