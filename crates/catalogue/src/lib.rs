//! Who is live: the signed [`Card`] by which a streamer has a channel listed, and the [`Catalogue`] that a hub keeps of
//! them.
//!
//! It opens no socket, reads no clock and writes nothing: bytes, addresses and [`Now`] go in, what is listed comes out.
//! The hub (`src/hub/` of the program) puts it on the web; a streamer's program signs cards with a [`CardSigner`].
//!
//! # What is believed
//!
//! A card says who signed it. What that key did not sign does not exist, nor does what is older than something that the
//! same key has said already. Everything else in a card (the title, how many watch) is the streamer's own word.
//!
//! # What is not here
//!
//! Pictures: whether a thumbnail is a picture is seen by decoding it, which is the hub's work. And HTTP.

mod allowance;
mod card;
mod catalogue;
mod fields;
mod limits;
mod policy;
mod query;
mod refusal;
mod signed;

pub use card::{Card, MAX_STUN_SERVERS, MAX_THUMBNAIL_LEN, MAX_TRACKER_LEN, MAX_TRACKERS};
pub use catalogue::{Catalogue, Checked, Entry, Now, Origin};
pub use limits::{LIFETIME, Limits};
pub use policy::{Policy, PolicyError, channel_from_text, channel_to_text};
pub use query::{Listing, Query, Sort, UnknownSort};
pub use refusal::Refusal;
pub use signed::{CardError, CardSigner, MAX_CARD_LEN, SignedCard};
