use super::*;
use catalogue::{Catalogue, Limits, Now, Origin, Policy, SignedCard};
use std::sync::Mutex;
use swarm::Time;

fn said() -> Said {
    Said {
        broadcast: BroadcastId(1),
        started_at: UnixMillis(1),
        details: Details::titled("A title"),
        paused: false,
        viewers: 1,
        picture: None,
    }
}

#[test]
fn another_viewer_is_no_news_and_another_title_is() {
    let more = Said {
        viewers: 2,
        ..said()
    };
    assert!(!more.is_news_after(&said()));
    let retitled = Said {
        details: Details::titled("Another"),
        ..said()
    };
    assert!(retitled.is_news_after(&said()));
    let paused = Said {
        paused: true,
        ..said()
    };
    assert!(paused.is_news_after(&said()));
}

#[test]
fn no_two_cards_are_of_the_same_time_and_the_hubs_clock_holds() {
    let mut clock = Clock::default();
    let first = clock.next();
    assert!(clock.next() > first);
    let theirs = UnixMillis(first.0 - 3_600_000);
    clock.set(theirs);
    let next = clock.next();
    assert!(next.0.abs_diff(theirs.0) < 60_000, "{next:?} {theirs:?}");
}

#[test]
fn the_list_is_beside_the_page() {
    assert_eq!(folder("https://hub.example/"), "https://hub.example/");
    assert_eq!(
        folder("https://h.example/a/live.html"),
        "https://h.example/a/"
    );
}

/// A hub whose clock is so many seconds behind ours, and who is on its list.
async fn hub(behind: u64) -> (String, Arc<Mutex<Catalogue>>) {
    let catalogue = Arc::new(Mutex::new(Catalogue::new(
        Limits::default(),
        Policy::default(),
    )));
    let taking = Arc::clone(&catalogue);
    let take = move |body: Bytes| async move {
        let now = Now {
            time: Time::ZERO,
            wall: UnixMillis(ours() as u64 - 1000 * behind),
        };
        let mut catalogue = taking.lock().unwrap();
        let card = SignedCard::open(&body).unwrap();
        let refused = match catalogue.check(now, Origin::Mirror, card) {
            Ok(checked) => {
                catalogue.list(now, checked, None);
                None
            }
            Err(refusal) => Some(refusal),
        };
        let refused = refused.map(
            |refusal| serde_json::json!({"code": refusal.code(), "reason": refusal.to_string()}),
        );
        serde_json::json!({"now": now.wall.0, "refused": refused}).to_string()
    };
    let router = axum::Router::new().route("/catalogue", axum::routing::post(take));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(axum::serve(listener, router).into_future());
    (url, catalogue)
}

fn publisher(page: String) -> Publisher {
    let place = Place {
        page,
        trackers: Vec::new(),
        stun: Vec::new(),
    };
    let signer = CardSigner::new(&[1; 32]);
    Publisher::start(place, signer, Arc::new(Program::default())).unwrap()
}

async fn until(wanted: impl Fn() -> bool) {
    let waiting = async {
        while !wanted() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(Duration::from_secs(30), waiting).await.unwrap();
}

#[tokio::test]
async fn a_streamer_whose_clock_is_wrong_goes_by_the_hubs() {
    for behind in [0, 7200] {
        let (url, catalogue) = hub(behind).await;
        let publisher = publisher(url);
        publisher.say(Some(said()));
        until(|| publisher.state() == ListingState::Listed).await;
        assert_eq!(catalogue.lock().unwrap().len(), 1);
        publisher.close().await;
        assert!(catalogue.lock().unwrap().is_empty(), "it is withdrawn");
    }
}

#[tokio::test]
async fn a_hub_that_does_not_list_the_broadcast_is_quoted() {
    let (url, catalogue) = hub(0).await;
    catalogue.lock().unwrap().set_policy(Policy {
        allowed: Some(Default::default()),
        ..Policy::default()
    });
    let publisher = publisher(url);
    publisher.say(Some(said()));
    until(|| publisher.state() != ListingState::NotListed).await;
    let reason = "this hub's operator does not list this channel".into();
    assert_eq!(publisher.state(), ListingState::Failed(reason));
    publisher.say(None);
    until(|| publisher.state() == ListingState::NotListed).await;
    publisher.close().await;
}

#[tokio::test]
async fn what_is_no_hub_is_said_to_be_none() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(axum::serve(listener, axum::Router::new()).into_future());
    let publisher = publisher(url);
    publisher.say(Some(said()));
    until(|| publisher.state() != ListingState::NotListed).await;
    let ListingState::Failed(reason) = publisher.state() else {
        panic!("{:?}", publisher.state());
    };
    assert!(reason.to_string().contains("it is no hub"), "{reason}");
    publisher.close().await;
}
