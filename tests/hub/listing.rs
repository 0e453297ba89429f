//! What a hub shows of the channels that are listed.

use super::*;
use swarm::Category;

/// One that knows under which name it is reached.
async fn named_hub() -> Hub {
    Hub::start(HubOptions {
        url: Some("https://hub.example".to_owned()),
        ..options()
    })
    .await
    .unwrap()
}

#[tokio::test]
async fn a_listed_channel_is_shown_with_what_it_says() {
    let hub = hub().await;
    let visitor = Visitor::to(&hub);
    let said = Card {
        paused: true,
        details: Details {
            author: "Wir".to_owned(),
            description: "Zwei Stunden Swing".to_owned(),
            category: Some(Category::Music),
            keywords: vec!["Jazz".to_owned()],
            sensitive: true,
            ..Details::titled("Ein Konzert")
        },
        trackers: vec!["wss://tracker.example/".to_owned()],
        stun: vec!["stun.example:3478".to_owned()],
        thumbnail: Some(picture(640, 360)),
        ..card("")
    };
    let signed = streamer(1).sign(&said);
    visitor.list(signed.clone()).await;
    let list = visitor.catalogue("").await;
    assert_eq!(list["found"], 1);
    let channel = &list["channels"][0];
    let expected = serde_json::json!({
        "channel": key_of(1),
        "broadcast": "0000000000000007",
        "title": "Ein Konzert",
        "author": "Wir",
        "summary": "Zwei Stunden Swing",
        "category": "music",
        "keywords": ["Jazz"],
        "sensitive": true,
        "paused": true,
        "viewers": 3,
        "started": said.started_at.0,
        "issued": said.issued_at.0,
        "trackers": ["wss://tracker.example/"],
        "stun": ["stun.example:3478"],
        "thumbnail": format!("catalogue/{}.jpg?{}", key_of(1), said.issued_at.0),
    });
    assert_eq!(channel, &expected);
    let (status, shown) = visitor.get(channel["thumbnail"].as_str().unwrap()).await;
    assert_eq!(status, 200);
    assert_ne!(Some(&shown), said.thumbnail.as_ref(), "drawn anew");
    let shown = image::load_from_memory(&shown).unwrap();
    assert_eq!((shown.width(), shown.height()), (320, 180));
    let (_, fetched) = visitor.get(&format!("catalogue/{}.card", key_of(1))).await;
    assert_eq!(fetched, signed, "as it was signed");
    hub.shutdown().await;
}

#[tokio::test]
async fn a_feed_leads_to_each_broadcast() {
    let hub = named_hub().await;
    let visitor = Visitor::to(&hub);
    let said = Card {
        details: Details {
            category: Some(Category::Music),
            sensitive: true,
            ..Details::titled("A \u{fffe}title & more")
        },
        trackers: vec!["wss://tracker.example/".to_owned()],
        ..card("")
    };
    visitor.list(streamer(1).sign(&said)).await;
    let (_, feed) = visitor.get("catalogue.atom").await;
    let feed = atom_syndication::Feed::read_from(&feed[..]).unwrap();
    assert_eq!(feed.id, "https://hub.example/catalogue.atom");
    let [entry] = &feed.entries[..] else {
        panic!("one entry: {feed:?}");
    };
    assert_eq!(entry.title.as_str(), "A title & more");
    assert_eq!(
        entry.links[0].href,
        format!(
            "https://hub.example/#{}&tr=wss://tracker.example/",
            key_of(1)
        )
    );
    let terms: Vec<_> = entry
        .categories
        .iter()
        .map(|category| &*category.term)
        .collect();
    assert_eq!(terms, ["music", "sensitive"]);
    hub.shutdown().await;
}

#[tokio::test]
async fn a_feed_in_rss_leads_there_too_and_each_broadcast_is_told_of_once() {
    let hub = named_hub().await;
    let visitor = Visitor::to(&hub);
    let said = Card {
        details: Details {
            author: "Wir & ihr".to_owned(),
            description: "Swing <live>\nund mehr".to_owned(),
            category: Some(Category::Music),
            keywords: vec!["Jazz".to_owned()],
            ..Details::titled("A \u{fffe}title & more")
        },
        trackers: vec!["wss://tracker.example/".to_owned()],
        ..card("")
    };
    visitor.list(streamer(1).sign(&said)).await;
    let (status, feed) = visitor.get("catalogue.rss").await;
    assert_eq!(status, 200);
    let read = rss::Channel::read_from(&feed[..]).unwrap();
    assert_eq!(read.link, "https://hub.example/");
    assert_eq!(
        read.atom_ext.unwrap().links[0].href,
        "https://hub.example/catalogue.rss"
    );
    let [item] = &read.items[..] else {
        panic!("one item: {:?}", read.items);
    };
    assert_eq!(item.title.as_deref(), Some("A title & more"));
    let link = format!(
        "https://hub.example/#{}&tr=wss://tracker.example/",
        key_of(1)
    );
    assert_eq!(item.link.as_deref(), Some(&*link));
    // Those who read it take it for HTML.
    assert_eq!(
        item.description.as_deref(),
        Some("Swing &lt;live&gt;<br>und mehr")
    );
    assert_eq!(
        item.dublin_core_ext.as_ref().unwrap().creators,
        ["Wir & ihr"]
    );
    let terms: Vec<_> = item
        .categories
        .iter()
        .map(|category| &*category.name)
        .collect();
    assert_eq!(terms, ["Jazz", "music"]);
    let started = chrono::DateTime::parse_from_rfc2822(item.pub_date.as_deref().unwrap());
    assert_eq!(
        started.unwrap().timestamp() as u64,
        said.started_at.0 / 1000
    );
    let guid = item.guid.clone().unwrap();
    assert!(!guid.permalink);
    let renewed = Card {
        viewers: 9,
        issued_at: UnixMillis(said.issued_at.0 + 1),
        ..said
    };
    visitor.list(streamer(1).sign(&renewed)).await;
    let (_, feed) = visitor.get("catalogue.rss").await;
    let read = rss::Channel::read_from(&feed[..]).unwrap();
    assert_eq!(read.items[0].guid, Some(guid), "the same one");
    hub.shutdown().await;
}

#[tokio::test]
async fn channels_are_found_in_the_order_that_is_asked_for() {
    let hub = hub().await;
    let visitor = Visitor::to(&hub);
    for (key, title, category, viewers, ago) in [
        (1, "Schach", Category::Gaming, 5, 10),
        (2, "Jazz", Category::Music, 3, 20),
        (3, "Swing", Category::Music, 9, 30),
    ] {
        let said = Card {
            viewers,
            started_at: earlier(ago),
            details: Details {
                category: Some(category),
                ..Details::titled(title)
            },
            ..card("")
        };
        visitor.list(streamer(key).sign(&said)).await;
    }
    assert_eq!(visitor.titles("").await, ["Swing", "Schach", "Jazz"]);
    assert_eq!(
        visitor.titles("?sort=started").await,
        ["Schach", "Jazz", "Swing"]
    );
    assert_eq!(
        visitor.titles("?category=music&sort=started").await,
        ["Jazz", "Swing"]
    );
    assert_eq!(visitor.titles("?search=SCH").await, ["Schach"]);
    assert_eq!(visitor.titles("?skip=1&most=1").await, ["Schach"]);
    let found = &visitor.catalogue("?most=1").await["found"];
    assert_eq!(found, 3);
    hub.shutdown().await;
}

#[tokio::test]
async fn the_viewer_page_the_front_page_and_the_tracker_are_in_one_place() {
    let hub = hub().await;
    let visitor = Visitor::to(&hub);
    for (path, holds) in [
        ("", "id=\"video\""),
        ("live/", "Who is live"),
        ("live/main.js", "import"),
        ("health", "\"swarms\""),
    ] {
        let (status, body) = visitor.get(path).await;
        assert_eq!(status, 200, "{path}");
        assert!(String::from_utf8_lossy(&body).contains(holds), "{path}");
    }
    assert_eq!(visitor.get("announce").await.0, 426);
    assert_eq!(visitor.get("live/nothing").await.0, 404);
    hub.shutdown().await;
}

#[tokio::test]
async fn a_browser_gets_the_list_and_the_feeds_compressed() {
    use std::io::Read;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let hub = hub().await;
    let visitor = Visitor::to(&hub);
    visitor.list(streamer(1).sign(&card("Ein Konzert"))).await;
    for (path, kind) in [
        ("json", "application/json"),
        ("atom", "application/atom+xml"),
        ("rss", "application/rss+xml"),
    ] {
        let mut stream = tokio::net::TcpStream::connect(hub.address()).await.unwrap();
        let request = format!(
            "GET /catalogue.{path} HTTP/1.1\r\nHost: hub\r\nAccept-Encoding: gzip\r\n\
             Connection: close\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        let end = answer
            .windows(4)
            .position(|four| four == b"\r\n\r\n")
            .unwrap();
        let head = String::from_utf8_lossy(&answer[..end]).to_lowercase();
        assert!(head.contains("content-encoding: gzip"), "{head}");
        assert!(head.contains(&format!("content-type: {kind}")), "{head}");
        let mut text = String::new();
        let mut plain = flate2::read::GzDecoder::new(&answer[end + 4..]);
        plain.read_to_string(&mut text).unwrap();
        assert!(text.contains("Ein Konzert"), "{text}");
    }
    hub.shutdown().await;
}
