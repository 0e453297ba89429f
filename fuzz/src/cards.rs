//! What streamers send to hubs: single cards, and a catalogue to which anybody sends anything.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use bytes::Bytes;
use catalogue::{Card, CardSigner, Catalogue, Limits, Now, Origin, Policy, Query, SignedCard};
use swarm::{BroadcastId, Category, Details, Time, UnixMillis};

const NOON: u64 = 1_700_000_000_000;
const LIMITS: Limits = Limits {
    channels: 4,
    channels_per_address: 2,
    addresses: 3,
};

/// A record that can be read is written and read again, and must be the same.
pub(crate) fn card(input: &[u8]) {
    let _ = SignedCard::open(&Bytes::copy_from_slice(input));
    if let Ok(card) = Card::parse(input) {
        let signer = CardSigner::new(&[7; 32]);
        let opened = SignedCard::open(&signer.sign(&card)).expect("what can be read can be signed");
        assert_eq!(opened.card(), &card);
    }
}

pub(crate) fn card_seeds() -> Vec<Vec<u8>> {
    let card = Card {
        withdrawn: false,
        viewers: 3,
        details: Details {
            author: "Ada".to_owned(),
            description: "Two\nlines".to_owned(),
            category: Some(Category::Music),
            keywords: vec!["jazz".to_owned(), "swing".to_owned()],
            sensitive: true,
            ..Details::titled("A title")
        },
        trackers: vec!["wss://tracker.example/".to_owned()],
        thumbnail: Some(Bytes::from_static(b"picture")),
        ..Card::withdrawal(BroadcastId(1), UnixMillis(NOON))
    };
    let signed = CardSigner::new(&[7; 32]).sign(&card);
    vec![card.to_record(), signed.to_vec()]
}

/// Each five bytes are a card from somewhere and time that goes by.
pub(crate) fn catalogue(input: &[u8]) {
    let signers: Vec<_> = (0..8).map(|key| CardSigner::new(&[key; 32])).collect();
    let mut catalogue = Catalogue::new(LIMITS, Policy::default());
    let mut now = Now {
        time: Time::from_epoch(Duration::from_secs(1)),
        wall: UnixMillis(NOON),
    };
    for step in input.chunks_exact(5).take(40) {
        let &[key, from, later, ago, kind] = step else {
            return;
        };
        let later = Duration::from_secs(later.into());
        now.time = now.time + later;
        now.wall.0 += 1000 * later.as_secs();
        let signer = &signers[usize::from(key) % signers.len()];
        let issued_at = UnixMillis(now.wall.0 - 1000 * u64::from(ago));
        let card = Card {
            withdrawn: kind % 4 == 0,
            viewers: kind.into(),
            ..Card::withdrawal(BroadcastId(1), issued_at)
        };
        let origin = match from % 8 {
            7 => Origin::Mirror,
            last => Origin::Address(IpAddr::V4(Ipv4Addr::new(192, 0, 2, last))),
        };
        let before = catalogue.last_heard(&signer.channel());
        let signed = SignedCard::open(&signer.sign(&card)).expect("it has been signed");
        if catalogue.knock(now, origin).is_ok()
            && let Ok(checked) = catalogue.check(now, origin, signed)
        {
            assert!(before.is_none_or(|before| before < issued_at));
            catalogue.list(now, checked, None);
            let listed = catalogue.get(now.time, &signer.channel());
            assert_eq!(listed.is_none(), card.withdrawn);
        }
        assert!(catalogue.len() <= LIMITS.channels);
        let found = catalogue.find(now.time, &Query::default()).found;
        catalogue.expire(now.time);
        assert_eq!(catalogue.len(), found);
    }
}

pub(crate) fn catalogue_seeds() -> Vec<Vec<u8>> {
    let lists = |key| [key, key, 1, 0, 1];
    vec![
        (0..8).flat_map(lists).collect(),
        [[1, 1, 0, 0, 1], [1, 1, 9, 0, 4], [1, 2, 9, 18, 1]].concat(),
    ]
}
