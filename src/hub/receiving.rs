//! `POST /catalogue`: a streamer brings a card. The answer says what came of it, and what time it is here.

use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONNECTION, CONTENT_LENGTH, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use catalogue::{CardError, LIFETIME, MAX_CARD_LEN, Origin, Refusal};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::Serialize;
use tokio::time::{sleep, timeout};

use super::desk::{Desk, Outcome};
use crate::server::Permit;

/// How long a card may take to arrive.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long what is too long is read to no purpose: closing before would reset the connection, and the reason would be
/// lost.
const FAREWELL: Duration = Duration::from_secs(2);

#[derive(Serialize)]
struct Answer {
    /// By the hub's wall clock, in milliseconds since 1970: whoever's is wrong can put it right.
    now: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    listed: Option<bool>,
    /// After how long the card has to be renewed.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_seconds: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<Refused>,
}

#[derive(Serialize)]
struct Refused {
    code: &'static str,
    reason: String,
}

pub(super) async fn card(
    State(desk): State<Arc<Desk>>,
    Extension(permit): Extension<Arc<Permit>>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let origin = Origin::Address(permit.origin());
    let outcome = match desk.knock(origin) {
        Ok(()) => match read(&headers, body).await {
            Ok(bytes) => desk.take(origin, bytes).await,
            Err(Unread::TooLong(len)) => {
                let refusal = Refusal::Card(CardError::TooLong(len));
                desk.counters().refused(&refusal);
                Err(refusal)
            }
            Err(Unread::Lost) => return StatusCode::REQUEST_TIMEOUT.into_response(),
        },
        Err(refusal) => Err(refusal),
    };
    answer(&desk, outcome)
}

/// Why there is no card.
enum Unread {
    /// Longer than any card, in bytes as far as known.
    TooLong(usize),
    /// It did not arrive.
    Lost,
}

async fn read(headers: &HeaderMap, mut body: Body) -> Result<Bytes, Unread> {
    let told = headers.get(CONTENT_LENGTH);
    let told = told.and_then(|len| len.to_str().ok()?.parse::<usize>().ok());
    if let Some(len) = told.filter(|len| *len > MAX_CARD_LEN) {
        pass_over(body).await;
        return Err(Unread::TooLong(len));
    }
    let reading = Limited::new(&mut body, MAX_CARD_LEN).collect();
    match timeout(PATIENCE, reading).await {
        Ok(Ok(read)) => Ok(read.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            pass_over(body).await;
            Err(Unread::TooLong(MAX_CARD_LEN + 1))
        }
        Ok(Err(_)) | Err(_) => Err(Unread::Lost),
    }
}

/// Reads on for a moment, and keeps nothing.
async fn pass_over(mut body: Body) {
    let reading = async { while let Some(Ok(_)) = body.frame().await {} };
    tokio::select! {
        () = reading => {}
        () = sleep(FAREWELL) => {}
    }
}

fn answer(desk: &Desk, outcome: Result<Outcome, Refusal>) -> Response {
    let mut headers = HeaderMap::new();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let mut answer = Answer {
        now: desk.now().wall.0,
        listed: None,
        expires_seconds: None,
        refused: None,
    };
    let refusal = match outcome {
        Ok(outcome) => {
            let listed = outcome == Outcome::Listed;
            answer.listed = Some(listed);
            answer.expires_seconds = listed.then_some(LIFETIME.as_secs());
            return (headers, Json(answer)).into_response();
        }
        Err(refusal) => refusal,
    };
    answer.refused = Some(Refused {
        code: refusal.code(),
        reason: refusal.to_string(),
    });
    if let Refusal::ChannelTooOften(wait) | Refusal::AddressTooOften(wait) = refusal {
        headers.insert(RETRY_AFTER, HeaderValue::from(wait.as_secs() + 1));
    }
    if let Refusal::Card(CardError::TooLong(_)) = refusal {
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
    }
    (status(&refusal), headers, Json(answer)).into_response()
}

fn status(refusal: &Refusal) -> StatusCode {
    match refusal {
        Refusal::Card(CardError::TooLong(_)) => StatusCode::PAYLOAD_TOO_LARGE,
        Refusal::Card(CardError::Signature) | Refusal::NotAdmitted => StatusCode::FORBIDDEN,
        Refusal::Card(CardError::Record(_)) => StatusCode::BAD_REQUEST,
        Refusal::Stale(_) | Refusal::Ahead(_) | Refusal::Replayed => StatusCode::CONFLICT,
        Refusal::Thumbnail(_) => StatusCode::UNPROCESSABLE_ENTITY,
        Refusal::ChannelTooOften(_) | Refusal::AddressTooOften(_) | Refusal::AddressFull(_) => {
            StatusCode::TOO_MANY_REQUESTS
        }
        Refusal::Full => StatusCode::SERVICE_UNAVAILABLE,
    }
}
