use super::*;
use std::net::Ipv4Addr;

use swarm::{BroadcastId, Category, Details};

use crate::{CardError, CardSigner, Sort};

/// A wall clock's time at which the tests begin.
const NOON: u64 = 1_700_000_000_000;

fn at(seconds: u64) -> Now {
    Now {
        time: Time::from_epoch(Duration::from_secs(1000 + seconds)),
        wall: UnixMillis(NOON + 1000 * seconds),
    }
}

fn home(last: u8) -> Origin {
    Origin::Address(IpAddr::V4(Ipv4Addr::new(192, 0, 2, last)))
}

/// A card of the channel with this key, made so many seconds after noon.
fn card(key: u8, seconds: u64) -> (CardSigner, Card) {
    let signer = CardSigner::new(&[key; 32]);
    let card = Card {
        withdrawn: false,
        started_at: UnixMillis(NOON + 1000 * u64::from(key)),
        viewers: key.into(),
        details: Details::titled(format!("Channel {key}")),
        ..Card::withdrawal(BroadcastId(1), UnixMillis(NOON + 1000 * seconds))
    };
    (signer, card)
}

fn send(catalogue: &mut Catalogue, now: Now, from: Origin, bytes: &Bytes) -> Result<(), Refusal> {
    catalogue.knock(now, from)?;
    let checked = catalogue.check(now, from, SignedCard::open(bytes)?)?;
    let picture = checked.thumbnail().cloned();
    catalogue.list(now, checked, picture);
    Ok(())
}

fn signed(key: u8, seconds: u64) -> Bytes {
    let (signer, card) = card(key, seconds);
    signer.sign(&card)
}

fn withdrawal(key: u8, seconds: u64) -> Bytes {
    let (signer, card) = card(key, seconds);
    signer.sign(&Card::withdrawal(card.broadcast, card.issued_at))
}

fn catalogue() -> Catalogue {
    Catalogue::new(Limits::default(), Policy::default())
}

fn with_limits(change: impl FnOnce(&mut Limits)) -> Catalogue {
    let mut limits = Limits::default();
    change(&mut limits);
    Catalogue::new(limits, Policy::default())
}

fn id(key: u8) -> ChannelId {
    ChannelId::from_secret_key(&[key; 32])
}

/// The keys of the channels that are found, in order.
fn found(catalogue: &Catalogue, now: Now, query: &Query) -> Vec<u32> {
    let entries = catalogue.find(now.time, query).entries;
    entries.iter().map(|entry| entry.card.viewers).collect()
}

fn all() -> Query {
    Query {
        most: 1000,
        ..Query::default()
    }
}

#[test]
fn a_channel_is_listed_until_a_minute_after_its_last_card() {
    let mut catalogue = catalogue();
    send(&mut catalogue, at(0), home(1), &signed(1, 0)).unwrap();
    send(&mut catalogue, at(30), home(1), &signed(1, 30)).unwrap();
    assert!(catalogue.get(at(89).time, &id(1)).is_some());
    assert!(catalogue.get(at(90).time, &id(1)).is_none());
    assert!(found(&catalogue, at(90), &all()).is_empty());
    catalogue.expire(at(90).time);
    assert!(catalogue.is_empty());
}

#[test]
fn a_channel_that_withdraws_is_gone_at_once() {
    let mut catalogue = catalogue();
    send(&mut catalogue, at(0), home(1), &signed(1, 0)).unwrap();
    send(&mut catalogue, at(5), home(1), &withdrawal(1, 5)).unwrap();
    assert!(catalogue.is_empty());
}

#[test]
fn an_old_card_shown_again_brings_nothing_back() {
    let mut catalogue = catalogue();
    let old = signed(1, 0);
    send(&mut catalogue, at(0), home(1), &old).unwrap();
    let again = send(&mut catalogue, at(1), home(9), &old);
    assert_eq!(again, Err(Refusal::Replayed));
    send(&mut catalogue, at(5), home(1), &withdrawal(1, 5)).unwrap();
    for seconds in 6..200 {
        catalogue.expire(at(seconds).time);
        let refused = send(&mut catalogue, at(seconds), home(9), &old).unwrap_err();
        assert!(matches!(refused, Refusal::Replayed | Refusal::Stale(_)));
    }
}

#[test]
fn clocks_that_are_wrong_by_more_than_a_minute_are_told() {
    let mut catalogue = catalogue();
    let late = Duration::from_secs(60);
    assert_eq!(
        send(&mut catalogue, at(100), home(1), &signed(1, 40)),
        Err(Refusal::Stale(late))
    );
    assert_eq!(
        send(&mut catalogue, at(100), home(1), &signed(1, 161)),
        Err(Refusal::Ahead(Duration::from_secs(61)))
    );
    assert_eq!(
        send(&mut catalogue, at(100), home(1), &signed(1, 160)),
        Ok(())
    );
}

#[test]
fn a_card_that_came_over_another_hub_is_not_listed_longer_for_it() {
    let mut catalogue = catalogue();
    send(&mut catalogue, at(50), Origin::Mirror, &signed(1, 0)).unwrap();
    assert!(catalogue.get(at(59).time, &id(1)).is_some());
    assert!(catalogue.get(at(60).time, &id(1)).is_none());
}

#[test]
fn what_another_key_signed_changes_nothing() {
    let mut catalogue = catalogue();
    send(&mut catalogue, at(0), home(1), &signed(1, 0)).unwrap();
    let mut forged = signed(2, 1).to_vec();
    forged[..32].copy_from_slice(&id(1).0);
    let refused = send(&mut catalogue, at(1), home(9), &forged.into());
    assert_eq!(refused, Err(Refusal::Card(CardError::Signature)));
    assert_eq!(found(&catalogue, at(1), &all()), [1]);
}

#[test]
fn a_channel_that_sends_too_often_is_refused_and_stays_listed() {
    let mut catalogue = catalogue();
    let mut refused = 0;
    for millis in 0..20u64 {
        let (signer, card) = card(1, 0);
        let card = Card {
            issued_at: UnixMillis(NOON + millis),
            ..card
        };
        match send(&mut catalogue, at(0), home(1), &signer.sign(&card)) {
            Err(Refusal::ChannelTooOften(_)) => refused += 1,
            other => assert_eq!(other, Ok(())),
        }
    }
    assert_eq!(refused, 12);
    assert_eq!(found(&catalogue, at(0), &all()), [1]);
    // Stopping works all the same.
    send(&mut catalogue, at(1), home(1), &withdrawal(1, 1)).unwrap();
    assert!(catalogue.is_empty());
}

#[test]
fn an_address_that_sends_too_often_is_refused_and_others_are_not() {
    let mut catalogue = catalogue();
    let rubbish = Bytes::from_static(b"rubbish");
    for _ in 0..60 {
        let refused = send(&mut catalogue, at(0), home(9), &rubbish);
        assert_eq!(refused, Err(Refusal::Card(CardError::Signature)));
    }
    let refused = send(&mut catalogue, at(0), home(9), &rubbish).unwrap_err();
    assert_eq!(refused.code(), "address-too-often");
    assert_eq!(send(&mut catalogue, at(0), home(1), &signed(1, 0)), Ok(()));
    assert_eq!(send(&mut catalogue, at(1), home(9), &signed(2, 0)), Ok(()));
}

#[test]
fn the_operator_says_which_channels_are_listed() {
    let mut catalogue = catalogue();
    send(&mut catalogue, at(0), home(1), &signed(1, 0)).unwrap();
    send(&mut catalogue, at(0), home(2), &signed(2, 0)).unwrap();
    let denied = Policy {
        denied: [id(1)].into(),
        ..Policy::default()
    };
    catalogue.set_policy(denied);
    assert_eq!(found(&catalogue, at(0), &all()), [2]);
    assert_eq!(
        send(&mut catalogue, at(5), home(1), &signed(1, 5)),
        Err(Refusal::NotAdmitted)
    );
}

#[test]
fn what_the_operator_forbids_while_its_picture_is_looked_at_is_not_listed() {
    let mut catalogue = catalogue();
    let card = SignedCard::open(&signed(1, 0)).unwrap();
    let checked = catalogue.check(at(0), home(1), card).unwrap();
    catalogue.set_policy(Policy {
        allowed: Some([id(2)].into()),
        ..Policy::default()
    });
    catalogue.list(at(0), checked, None);
    assert!(catalogue.is_empty());
}

#[test]
fn the_later_of_two_cards_holds_whichever_picture_is_ready_first() {
    let mut catalogue = catalogue();
    let mut check = |bytes| {
        let card = SignedCard::open(&bytes).unwrap();
        catalogue.check(at(1), home(1), card).unwrap()
    };
    let (first, second) = (check(signed(1, 0)), check(withdrawal(1, 1)));
    catalogue.list(at(1), second, None);
    catalogue.list(at(1), first, None);
    assert!(catalogue.is_empty());
}

#[test]
fn a_full_list_takes_those_who_come_themselves_before_those_on_other_lists() {
    let mut catalogue = with_limits(|limits| limits.channels = 2);
    send(&mut catalogue, at(0), Origin::Mirror, &signed(1, 0)).unwrap();
    send(&mut catalogue, at(0), home(2), &signed(2, 0)).unwrap();
    assert_eq!(
        send(&mut catalogue, at(0), Origin::Mirror, &signed(3, 0)),
        Err(Refusal::Full)
    );
    send(&mut catalogue, at(0), home(4), &signed(4, 0)).unwrap();
    assert_eq!(found(&catalogue, at(0), &all()), [4, 2]);
    assert_eq!(
        send(&mut catalogue, at(0), home(5), &signed(5, 0)),
        Err(Refusal::Full)
    );
    // Who is on it stays.
    send(&mut catalogue, at(9), home(2), &signed(2, 9)).unwrap();
}

#[test]
fn one_address_does_not_fill_the_list() {
    let mut catalogue = with_limits(|limits| limits.channels_per_address = 2);
    for key in 1..=2 {
        send(&mut catalogue, at(0), home(1), &signed(key, 0)).unwrap();
    }
    assert_eq!(
        send(&mut catalogue, at(0), home(1), &signed(3, 0)),
        Err(Refusal::AddressFull(2))
    );
    send(&mut catalogue, at(1), home(1), &signed(2, 1)).unwrap();
    send(&mut catalogue, at(1), home(2), &signed(3, 0)).unwrap();
}

#[test]
fn nothing_that_strangers_send_has_it_remember_without_end() {
    let mut catalogue = with_limits(|limits| {
        limits.channels = 2;
        limits.addresses = 5;
    });
    for last in 0..200 {
        let _ = send(&mut catalogue, at(0), home(last), &withdrawal(last, 0));
    }
    assert_eq!(catalogue.addresses.len(), 5);
    for key in 0..200 {
        let _ = send(&mut catalogue, at(1), Origin::Mirror, &withdrawal(key, 1));
    }
    assert_eq!(catalogue.memories.len(), 16);
    catalogue.expire(at(300).time);
    assert!(catalogue.memories.is_empty() && catalogue.addresses.is_empty());
}

#[test]
fn channels_are_found_by_category_and_by_words() {
    let mut catalogue = catalogue();
    let details = [
        ("Jazz am Abend", "Die Band", Some(Category::Music), "Swing"),
        ("Schach", "Ada", Some(Category::Gaming), "JAZZ"),
        ("Nachrichten", "", None, "heute"),
    ];
    for (key, (title, author, category, keyword)) in (1..).zip(details) {
        let (signer, card) = card(key, 0);
        let card = Card {
            details: Details {
                author: author.to_owned(),
                category,
                keywords: vec![keyword.to_owned()],
                ..Details::titled(title)
            },
            ..card
        };
        send(&mut catalogue, at(0), home(key), &signer.sign(&card)).unwrap();
    }
    let words = |words: &str| Query {
        words: words.to_owned(),
        ..all()
    };
    assert_eq!(found(&catalogue, at(0), &words("jazz")), [2, 1]);
    assert_eq!(found(&catalogue, at(0), &words(" JAZZ band ")), [1]);
    assert!(found(&catalogue, at(0), &words("jazz heute")).is_empty());
    let music = Query {
        category: Some(Category::Music),
        ..words("jazz")
    };
    assert_eq!(found(&catalogue, at(0), &music), [1]);
}

#[test]
fn pages_of_a_list_fit_together_in_either_order() {
    let mut catalogue = catalogue();
    for key in 1..=5 {
        send(&mut catalogue, at(0), home(key), &signed(key, 0)).unwrap();
    }
    for sort in [Sort::Viewers, Sort::Started] {
        let page = |skip| Query {
            sort,
            skip,
            most: 2,
            ..Query::default()
        };
        let pages: Vec<_> = [0, 2, 4, 6]
            .into_iter()
            .flat_map(|skip| found(&catalogue, at(0), &page(skip)))
            .collect();
        assert_eq!(pages, [5, 4, 3, 2, 1]);
        assert_eq!(catalogue.find(at(0).time, &page(4)).found, 5);
    }
}
