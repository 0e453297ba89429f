//! Why a card is not listed.

use std::time::Duration;

use crate::limits::{LIFETIME, MAX_AHEAD};
use crate::{CardError, Limits};

/// Why a card is not listed. The message is for whoever sent it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It is none.
    #[error(transparent)]
    Card(#[from] CardError),
    /// It says that it is older than cards are listed.
    #[error(
        "the card is {0:?} old, and cards older than {LIFETIME:?} are not listed; set the clock"
    )]
    Stale(Duration),
    /// It says that it comes from the future.
    #[error("the card is {0:?} ahead of this hub's clock, of at most {MAX_AHEAD:?}; set the clock")]
    Ahead(Duration),
    /// The channel has said something later, or this already.
    #[error("the channel has sent a later card, or this one already")]
    Replayed,
    /// The channel sends too many.
    #[error("the channel sends cards too often; wait {0:?}")]
    ChannelTooOften(Duration),
    /// The address sends too many.
    #[error("your address sends cards too often; wait {0:?}")]
    AddressTooOften(Duration),
    /// The operator does not list it.
    #[error("this hub's operator does not list this channel")]
    NotAdmitted,
    /// As many channels are listed as may be.
    #[error("this hub lists as many channels as it can; try another, or later")]
    Full,
    /// As many are listed from one address as may be.
    #[error("{0} channels from your address are listed, as many as may be; withdraw one first")]
    AddressFull(usize),
    /// Its thumbnail is no picture that a hub shows.
    #[error("the thumbnail is not shown: {0}")]
    Thumbnail(String),
}

impl Refusal {
    /// One word for it, for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Card(CardError::TooLong(_)) => "too-long",
            Self::Card(CardError::Signature) => "signature",
            Self::Card(CardError::Record(_)) => "malformed",
            Self::Stale(_) => "stale",
            Self::Ahead(_) => "ahead",
            Self::Replayed => "replayed",
            Self::ChannelTooOften(_) => "channel-too-often",
            Self::AddressTooOften(_) => "address-too-often",
            Self::NotAdmitted => "not-admitted",
            Self::Full => "full",
            Self::AddressFull(_) => "address-full",
            Self::Thumbnail(_) => "thumbnail",
        }
    }

    pub(crate) fn address_full(limits: &Limits) -> Self {
        Self::AddressFull(limits.channels_per_address)
    }
}
