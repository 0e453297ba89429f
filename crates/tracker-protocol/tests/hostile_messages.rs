//! What is wrong with a message is said, and nothing large gets in.

use serde_json::{Value, json};
use tracker_protocol::{
    ClientMessage, DEFAULT_INTERVAL, MAX_INTERVAL, MAX_MESSAGE_LEN, MAX_OFFERS, MAX_SCRAPE_HASHES,
    MAX_SDP_LEN, MAX_TEXT_LEN, ProtocolError, ServerMessage,
};

const NAME: &str = "abcdefghijklmnopqrst";

fn client(message: Value) -> Result<ClientMessage, ProtocolError> {
    ClientMessage::parse(&message.to_string())
}

fn server(message: Value) -> Result<ServerMessage, ProtocolError> {
    ServerMessage::parse(&message.to_string())
}

fn announce_with(field: &str, value: Value) -> Result<ClientMessage, ProtocolError> {
    let mut message = json!({"action": "announce", "info_hash": NAME, "peer_id": NAME});
    message[field] = value;
    client(message)
}

fn offer(sdp: &str) -> Value {
    json!({"offer": {"type": "offer", "sdp": sdp}, "offer_id": NAME})
}

#[test]
fn a_message_past_the_limit_is_not_even_looked_at() {
    let text = " ".repeat(MAX_MESSAGE_LEN + 1);
    let too_long = ProtocolError::TooLong { len: text.len() };
    assert_eq!(ClientMessage::parse(&text), Err(too_long.clone()));
    assert_eq!(ServerMessage::parse(&text), Err(too_long));
}

#[test]
fn what_is_not_json_is_refused() {
    for text in ["", "{", "[]", "null", "7", "\"announce\"", "{\"action\":"] {
        assert!(
            matches!(ClientMessage::parse(text), Err(ProtocolError::Json(_))),
            "{text}"
        );
    }
}

#[test]
fn deep_nesting_is_refused_and_does_not_overflow_the_stack() {
    let nested = "[".repeat(MAX_MESSAGE_LEN / 2);
    for text in [nested.clone(), format!("{{\"other\":{nested}")] {
        assert!(matches!(
            ClientMessage::parse(&text),
            Err(ProtocolError::Json(_))
        ));
        assert!(matches!(
            ServerMessage::parse(&text),
            Err(ProtocolError::Json(_))
        ));
    }
}

#[test]
fn a_field_said_twice_is_refused() {
    let text = format!(
        r#"{{"action":"announce","info_hash":"{NAME}","info_hash":"{NAME}","peer_id":"{NAME}"}}"#
    );
    assert!(matches!(
        ClientMessage::parse(&text),
        Err(ProtocolError::Json(_))
    ));
}

#[test]
fn names_of_a_wrong_length_are_refused() {
    for name in ["", "short", "abcdefghijklmnopqrstu", &"\u{100}".repeat(20)] {
        for field in ["info_hash", "peer_id"] {
            assert!(
                matches!(
                    announce_with(field, json!(name)),
                    Err(ProtocolError::NotBinary { field: wrong }) if wrong == field
                ),
                "{field} = {name:?}"
            );
        }
    }
}

#[test]
fn an_announce_names_one_swarm() {
    assert_eq!(
        announce_with("info_hash", json!([NAME, NAME])),
        Err(ProtocolError::NotBinary { field: "info_hash" })
    );
}

#[test]
fn missing_fields_are_named() {
    assert_eq!(
        client(json!({"action": "announce", "peer_id": NAME})),
        Err(ProtocolError::Missing { field: "info_hash" })
    );
    assert_eq!(
        client(json!({"action": "announce", "info_hash": NAME})),
        Err(ProtocolError::Missing { field: "peer_id" })
    );
    assert_eq!(
        announce_with("answer", json!({"type": "answer", "sdp": ""})),
        Err(ProtocolError::Missing {
            field: "to_peer_id"
        })
    );
}

#[test]
fn actions_and_events_of_no_specification_are_refused() {
    assert_eq!(
        client(json!({"action": "shout"})),
        Err(ProtocolError::UnknownAction)
    );
    assert_eq!(
        announce_with("event", json!("exploded")),
        Err(ProtocolError::UnknownEvent)
    );
}

#[test]
fn a_flood_of_offers_is_refused() {
    assert!(announce_with("offers", json!(vec![offer("x"); MAX_OFFERS])).is_ok());
    assert_eq!(
        announce_with("offers", json!(vec![offer("x"); MAX_OFFERS + 1])),
        Err(ProtocolError::TooManyOffers)
    );
}

#[test]
fn a_session_description_past_the_limit_is_refused() {
    assert!(announce_with("offers", json!([offer(&"x".repeat(MAX_SDP_LEN))])).is_ok());
    assert_eq!(
        announce_with("offers", json!([offer(&"x".repeat(MAX_SDP_LEN + 1))])),
        Err(ProtocolError::DescriptionTooLong)
    );
}

#[test]
fn an_answer_in_an_offers_place_is_refused() {
    let offers = json!([{"offer": {"type": "answer", "sdp": "x"}, "offer_id": NAME}]);
    assert_eq!(
        announce_with("offers", offers),
        Err(ProtocolError::WrongDescription { expected: "offer" })
    );
}

#[test]
fn a_scrape_of_everything_or_of_too_much_is_refused() {
    let missing = ProtocolError::Missing { field: "info_hash" };
    assert_eq!(client(json!({"action": "scrape"})), Err(missing.clone()));
    assert_eq!(
        client(json!({"action": "scrape", "info_hash": []})),
        Err(missing)
    );
    assert_eq!(
        client(json!({"action": "scrape", "info_hash": vec![NAME; MAX_SCRAPE_HASHES + 1]})),
        Err(ProtocolError::TooManyHashes)
    );
}

#[test]
fn texts_for_people_stay_short() {
    let long = "x".repeat(MAX_TEXT_LEN + 1);
    assert_eq!(
        announce_with("trackerid", json!(long)),
        Err(ProtocolError::TextTooLong { field: "trackerid" })
    );
    assert_eq!(
        server(json!({"failure reason": long})),
        Err(ProtocolError::TextTooLong {
            field: "failure reason"
        })
    );
}

#[test]
fn a_tracker_cannot_silence_a_peer_or_make_it_shout_by_its_interval() {
    let reply = |interval: Value| match server(
        json!({"action": "announce", "info_hash": NAME, "interval": interval}),
    ) {
        Ok(ServerMessage::AnnounceReply(reply)) => reply.interval,
        other => panic!("not read as a reply: {other:?}"),
    };
    assert_eq!(reply(json!(0)), DEFAULT_INTERVAL);
    assert_eq!(reply(json!(-5)), DEFAULT_INTERVAL);
    assert_eq!(reply(json!(null)), DEFAULT_INTERVAL);
    assert_eq!(reply(json!(u64::MAX)), MAX_INTERVAL);
    assert_eq!(reply(json!(1e300)), MAX_INTERVAL);
}

#[test]
fn a_warning_beside_figures_does_not_hide_them() {
    let with_figures = json!({
        "action": "announce", "info_hash": NAME, "interval": 60, "warning message": "be brief",
    });
    assert!(matches!(
        server(with_figures),
        Ok(ServerMessage::AnnounceReply(_))
    ));
    let alone = json!({"action": "announce", "info_hash": NAME, "warning message": "be brief"});
    assert!(matches!(server(alone), Ok(ServerMessage::Warning { .. })));
}
