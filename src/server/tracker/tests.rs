//! What the tracker does with what peers say, under a clock and a chance of the tests' own.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use rand::SeedableRng;
use rand::rngs::StdRng;
use tracker_protocol::{Offer, OfferId};

use super::*;

const SWARM: InfoHash = InfoHash([1; 20]);

struct Fixture {
    tracker: Tracker,
    rng: StdRng,
    now: Instant,
}

fn peer(n: u8) -> PeerId {
    PeerId([n; 20])
}

fn offers(n: usize) -> Vec<Offer> {
    let offer = |i| Offer {
        offer_id: OfferId([i as u8; 20]),
        sdp: "v=0".to_owned(),
    };
    (0..n).map(offer).collect()
}

fn announce(id: PeerId, left: Option<u64>, offers: Vec<Offer>) -> Announce {
    Announce {
        info_hash: SWARM,
        peer_id: id,
        event: AnnounceEvent::Update,
        uploaded: 0,
        downloaded: 0,
        left,
        numwant: None,
        offers,
        tracker_id: None,
    }
}

impl Fixture {
    fn new() -> Self {
        Self::with(Limits::default())
    }

    fn with(limits: Limits) -> Self {
        Self {
            tracker: Tracker::new(limits),
            rng: StdRng::seed_from_u64(7),
            now: Instant::now(),
        }
    }

    fn open(&mut self) -> ConnectionId {
        self.tracker.open(self.now)
    }

    fn say(&mut self, from: ConnectionId, message: ClientMessage) -> Vec<Outgoing> {
        self.tracker
            .receive(self.now, &mut self.rng, from, Ok(message))
            .unwrap()
    }

    fn announce(&mut self, from: ConnectionId, announce: Announce) -> Vec<Outgoing> {
        self.say(from, ClientMessage::Announce(announce))
    }

    /// A peer on a connection of its own.
    fn join(&mut self, n: u8, left: u64) -> ConnectionId {
        let connection = self.open();
        self.announce(connection, announce(peer(n), Some(left), vec![]));
        connection
    }

    fn counts(&self) -> (u64, u64) {
        let counts = self.tracker.swarms.counts(SWARM);
        (counts.complete, counts.incomplete)
    }
}

/// Who gets offers.
fn takers(outgoing: &[Outgoing]) -> Vec<ConnectionId> {
    outgoing
        .iter()
        .filter(|outgoing| matches!(outgoing.message, ServerMessage::Offer { .. }))
        .map(|outgoing| outgoing.to)
        .collect()
}

#[track_caller]
fn assert_refused(outgoing: &[Outgoing], expected: &Refusal) {
    let [
        Outgoing {
            message: ServerMessage::Failure { reason, .. },
            ..
        },
    ] = outgoing
    else {
        panic!("not refused: {outgoing:?}");
    };
    assert_eq!(*reason, expected.to_string());
}

#[test]
fn a_reply_counts_the_peer_that_it_is_for() {
    let mut fixture = Fixture::new();
    fixture.join(1, 0);
    let viewer = fixture.open();
    let outgoing = fixture.announce(viewer, announce(peer(2), Some(1), vec![]));
    assert_eq!(
        outgoing,
        [Outgoing {
            to: viewer,
            message: ServerMessage::AnnounceReply(AnnounceReply {
                info_hash: SWARM,
                interval: INTERVAL,
                complete: 1,
                incomplete: 1,
                tracker_id: None,
            }),
        }]
    );
}

#[test]
fn the_streamer_gets_a_viewers_first_offer() {
    for seed in 0..20 {
        let mut fixture = Fixture::new();
        fixture.rng = StdRng::seed_from_u64(seed);
        for viewer in 10..30 {
            fixture.join(viewer, 1);
        }
        let streamer = fixture.join(1, 0);
        let viewer = fixture.open();
        let outgoing = fixture.announce(viewer, announce(peer(2), Some(1), offers(4)));
        let takers = takers(&outgoing);
        assert_eq!(takers.len(), 4);
        assert_eq!(takers[0], streamer);
    }
}

#[test]
fn a_streamers_offers_go_to_viewers_first() {
    let mut fixture = Fixture::new();
    fixture.join(1, 0);
    let viewer = fixture.join(2, 1);
    let streamer = fixture.open();
    let outgoing = fixture.announce(streamer, announce(peer(3), Some(0), offers(1)));
    assert_eq!(takers(&outgoing), [viewer]);
}

#[test]
fn each_of_a_peers_offers_goes_to_another_peer_and_none_to_itself() {
    let mut fixture = Fixture::new();
    let others: BTreeSet<_> = (1..=5).map(|n| fixture.join(n, u64::from(n % 2))).collect();
    let own = fixture.join(9, 1);
    for _ in 0..20 {
        fixture.now += INTERVAL;
        let outgoing = fixture.announce(own, announce(peer(9), Some(1), offers(10)));
        let takers = takers(&outgoing);
        assert_eq!(takers.len(), 5);
        assert_eq!(BTreeSet::from_iter(takers), others);
    }
}

#[test]
fn every_viewer_is_drawn_about_as_often() {
    let mut fixture = Fixture::with(Limits {
        messages_per_second: 1000,
        offers_per_second: 1000,
        ..Limits::default()
    });
    for viewer in 10..20 {
        fixture.join(viewer, 1);
    }
    let own = fixture.join(9, 1);
    let mut drawn = BTreeMap::<_, u32>::new();
    for _ in 0..1000 {
        for taker in takers(&fixture.announce(own, announce(peer(9), Some(1), offers(3)))) {
            *drawn.entry(taker).or_default() += 1;
        }
    }
    assert_eq!(drawn.len(), 10);
    // 300 each is expected; six standard deviations are 87.
    assert!(drawn.values().all(|n| (213..387).contains(n)), "{drawn:?}");
}

#[test]
fn an_answer_goes_to_the_peer_that_offered() {
    let mut fixture = Fixture::new();
    let streamer = fixture.join(1, 0);
    let viewer = fixture.join(2, 1);
    let answer = Answer {
        info_hash: SWARM,
        peer_id: peer(1),
        to_peer_id: peer(2),
        offer_id: OfferId([3; 20]),
        sdp: "v=0".to_owned(),
    };
    let outgoing = fixture.say(streamer, ClientMessage::Answer(answer.clone()));
    assert_eq!(
        outgoing,
        [Outgoing {
            to: viewer,
            message: ServerMessage::Answer {
                info_hash: SWARM,
                peer_id: peer(1),
                offer_id: OfferId([3; 20]),
                sdp: "v=0".to_owned(),
            },
        }]
    );
    fixture.tracker.close(viewer);
    assert_eq!(fixture.say(streamer, ClientMessage::Answer(answer)), []);
}

#[test]
fn nobody_answers_in_anothers_name() {
    let mut fixture = Fixture::new();
    fixture.join(1, 0);
    fixture.join(2, 1);
    let liar = fixture.join(3, 1);
    let outgoing = fixture.say(
        liar,
        ClientMessage::Answer(Answer {
            info_hash: SWARM,
            peer_id: peer(1),
            to_peer_id: peer(2),
            offer_id: OfferId([3; 20]),
            sdp: "v=0".to_owned(),
        }),
    );
    assert_refused(&outgoing, &Refusal::Stranger);
}

#[test]
fn peers_leave_when_they_say_so_or_their_connection_closes() {
    let mut fixture = Fixture::new();
    let streamer = fixture.join(1, 0);
    let viewer = fixture.join(2, 1);
    assert_eq!(fixture.counts(), (1, 1));
    fixture.announce(
        viewer,
        Announce {
            event: AnnounceEvent::Stopped,
            ..announce(peer(2), Some(1), vec![])
        },
    );
    assert_eq!(fixture.counts(), (1, 0));
    fixture.tracker.close(streamer);
    let left = Census {
        connections: 1,
        ..Census::default()
    };
    assert_eq!(fixture.tracker.census(), left);
}

#[test]
fn nobody_can_stop_another_peer() {
    let mut fixture = Fixture::new();
    fixture.join(1, 0);
    let liar = fixture.join(2, 1);
    fixture.announce(
        liar,
        Announce {
            event: AnnounceEvent::Stopped,
            ..announce(peer(1), Some(0), vec![])
        },
    );
    assert_eq!(fixture.counts(), (1, 1));
}

#[test]
fn a_peer_leaves_after_two_intervals_without_an_announce() {
    let mut fixture = Fixture::new();
    let silent = fixture.join(1, 1);
    let lively = fixture.join(2, 1);
    fixture.now += INTERVAL;
    fixture.announce(lively, announce(peer(2), Some(1), vec![]));
    fixture.now += INTERVAL;
    fixture.tracker.expire(fixture.now);
    assert_eq!(fixture.counts(), (0, 2), "two intervals are not over yet");
    fixture.now += Duration::from_secs(1);
    fixture.tracker.expire(fixture.now);
    assert_eq!(fixture.counts(), (0, 1));
    fixture.announce(silent, announce(peer(1), Some(1), vec![]));
    assert_eq!(fixture.counts(), (0, 2), "and may come back");
}

#[test]
fn of_two_connections_with_one_name_the_newer_wins() {
    let mut fixture = Fixture::new();
    let older = fixture.join(1, 0);
    let newer = fixture.join(1, 0);
    assert_eq!(fixture.counts(), (1, 0));
    fixture.tracker.close(older);
    assert_eq!(
        fixture.counts(),
        (1, 0),
        "the older one's end is not the newer one's"
    );
    let viewer = fixture.open();
    let outgoing = fixture.announce(viewer, announce(peer(2), Some(1), offers(1)));
    assert_eq!(takers(&outgoing), [newer]);
}

#[test]
fn a_peer_that_has_completed_stays_complete_until_it_says_otherwise() {
    let mut fixture = Fixture::new();
    let viewer = fixture.join(1, 1);
    fixture.announce(
        viewer,
        Announce {
            event: AnnounceEvent::Completed,
            ..announce(peer(1), None, vec![])
        },
    );
    assert_eq!(fixture.counts(), (1, 0));
    fixture.announce(viewer, announce(peer(1), None, vec![]));
    assert_eq!(fixture.counts(), (1, 0));
    fixture.announce(viewer, announce(peer(1), Some(1), vec![]));
    assert_eq!(fixture.counts(), (0, 1));
    assert_eq!(fixture.tracker.swarms.counts(SWARM).downloaded, 1);
}

#[test]
fn offers_past_the_rate_are_refused_until_time_passes() {
    let mut fixture = Fixture::new();
    let viewer = fixture.open();
    for _ in 0..10 {
        let outgoing = fixture.announce(viewer, announce(peer(1), Some(1), offers(10)));
        assert!(matches!(
            outgoing[0].message,
            ServerMessage::AnnounceReply(_)
        ));
    }
    let outgoing = fixture.announce(viewer, announce(peer(1), Some(1), offers(1)));
    assert_refused(&outgoing, &Refusal::Offers(10));
    fixture.now += Duration::from_secs(1);
    let outgoing = fixture.announce(viewer, announce(peer(1), Some(1), offers(1)));
    assert!(matches!(
        outgoing[0].message,
        ServerMessage::AnnounceReply(_)
    ));
}

#[test]
fn a_connection_that_floods_is_given_up() {
    let mut fixture = Fixture::new();
    let flooder = fixture.open();
    let scrape = || {
        Ok(ClientMessage::Scrape {
            info_hashes: vec![SWARM],
        })
    };
    for _ in 0..500 {
        let now = fixture.now;
        let outgoing = fixture
            .tracker
            .receive(now, &mut fixture.rng, flooder, scrape());
        assert!(outgoing.is_ok());
    }
    let outgoing = fixture
        .tracker
        .receive(fixture.now, &mut fixture.rng, flooder, scrape());
    assert_eq!(outgoing, Err(Flood { per_second: 50 }));
}

#[test]
fn a_connection_and_the_whole_tracker_hold_only_so_many_peers() {
    let mut fixture = Fixture::with(Limits {
        swarms_per_connection: 2,
        peers_in_all: 3,
        ..Limits::default()
    });
    let connection = fixture.join(1, 1);
    fixture.announce(connection, announce(peer(2), Some(1), vec![]));
    let outgoing = fixture.announce(connection, announce(peer(3), Some(1), vec![]));
    assert_refused(&outgoing, &Refusal::Swarms(2));

    fixture.join(3, 1);
    let late = fixture.open();
    let outgoing = fixture.announce(late, announce(peer(4), Some(1), vec![]));
    assert_refused(&outgoing, &Refusal::Full);
    let outgoing = fixture.announce(connection, announce(peer(1), Some(1), vec![]));
    assert!(
        matches!(outgoing[0].message, ServerMessage::AnnounceReply(_)),
        "who is in stays in"
    );
}

#[test]
fn a_scrape_of_an_unknown_swarm_says_zero_and_does_not_make_it_known() {
    let mut fixture = Fixture::new();
    let connection = fixture.open();
    let outgoing = fixture.say(
        connection,
        ClientMessage::Scrape {
            info_hashes: vec![SWARM],
        },
    );
    let files = BTreeMap::from([(SWARM, ScrapeCounts::default())]);
    assert_eq!(
        outgoing,
        [Outgoing {
            to: connection,
            message: ServerMessage::ScrapeReply { files },
        }]
    );
    assert_eq!(fixture.tracker.census().swarms, 0);
}

/// Something that happens to the tracker.
#[derive(Clone, Debug)]
enum Step {
    Open,
    Close(usize),
    Announce(usize, u8, u8, Option<u64>, AnnounceEvent),
    Wait(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let event = prop_oneof![
        Just(AnnounceEvent::Update),
        Just(AnnounceEvent::Started),
        Just(AnnounceEvent::Stopped),
        Just(AnnounceEvent::Completed),
    ];
    prop_oneof![
        1 => Just(Step::Open),
        1 => any::<usize>().prop_map(Step::Close),
        8 => (any::<usize>(), 0..3u8, 0..6u8, prop::option::of(0..2u64), event)
            .prop_map(|(c, swarm, id, left, event)| Step::Announce(c, swarm, id, left, event)),
        1 => (0..200u64).prop_map(Step::Wait),
    ]
}

/// The state that a plain list of peers gives, against which the tracker's own is held.
type Model = BTreeMap<(InfoHash, PeerId), (ConnectionId, bool, Instant)>;

proptest! {
    #[test]
    fn counts_are_exact_whatever_happens(steps in prop::collection::vec(step(), 0..200)) {
        let mut fixture = Fixture::with(Limits {
            messages_per_second: 1000,
            ..Limits::default()
        });
        let mut open = Vec::new();
        let mut model = Model::new();
        for step in steps {
            match step {
                Step::Open => open.push(fixture.open()),
                Step::Close(which) if !open.is_empty() => {
                    let closed = open.swap_remove(which % open.len());
                    fixture.tracker.close(closed);
                    model.retain(|_, (connection, ..)| *connection != closed);
                }
                Step::Announce(which, swarm, id, left, event) if !open.is_empty() => {
                    let from = open[which % open.len()];
                    let place = (InfoHash([swarm; 20]), peer(id));
                    fixture.announce(from, Announce {
                        info_hash: place.0,
                        event,
                        ..announce(place.1, left, offers(2))
                    });
                    let before = model.get(&place).copied();
                    if event == AnnounceEvent::Stopped {
                        model.retain(|at, (connection, ..)| *at != place || *connection != from);
                    } else {
                        let was_complete = before.is_some_and(|(_, complete, _)| complete);
                        let complete = event == AnnounceEvent::Completed
                            || left.map_or(was_complete, |left| left == 0);
                        model.insert(place, (from, complete, fixture.now));
                    }
                    // Offers are no subject here; without this their allowance would be used up.
                    fixture.now += Duration::from_millis(200);
                }
                Step::Wait(seconds) => {
                    fixture.now += Duration::from_secs(seconds);
                    fixture.tracker.expire(fixture.now);
                    model.retain(|_, (_, _, announced)| *announced + EXPIRY >= fixture.now);
                }
                Step::Close(_) | Step::Announce(..) => {}
            }
            for swarm in 0..3 {
                let info_hash = InfoHash([swarm; 20]);
                let of = |wanted| {
                    let peers = model.iter().filter(|((hash, _), _)| *hash == info_hash);
                    peers.filter(|(_, (_, complete, _))| *complete == wanted).count() as u64
                };
                let counts = fixture.tracker.swarms.counts(info_hash);
                prop_assert_eq!((counts.complete, counts.incomplete), (of(true), of(false)));
            }
            let swarms: BTreeSet<_> = model.keys().map(|(info_hash, _)| *info_hash).collect();
            prop_assert_eq!(fixture.tracker.census(), Census {
                swarms: swarms.len(),
                peers: model.len(),
                connections: open.len(),
            });
        }
    }
}
