//! Viewers that harm others. They run the same swarm; what it sends is changed on its way out.

use bytes::{Bytes, BytesMut};
use rand::RngExt;
use rand::rngs::SmallRng;
use swarm::wire::{LiveMessage, Message, Standing};

use crate::scenario::Scenario;

/// What a viewer does to others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Nature {
    /// It does as it should.
    Honest,
    /// It changes pieces.
    Forger,
    /// It takes subscriptions and pushes nothing.
    Silent,
    /// It says that it has the best place of all, and pushes nothing.
    Boaster,
}

impl Nature {
    pub(crate) fn draw(rng: &mut SmallRng, scenario: &Scenario) -> Self {
        let mut drawn = rng.random_range(0.0..1.0);
        for (nature, share) in [
            (Self::Forger, scenario.forgers),
            (Self::Silent, scenario.silent),
            (Self::Boaster, scenario.boasters),
        ] {
            drawn -= share;
            if drawn < 0.0 {
                return nature;
            }
        }
        Self::Honest
    }

    /// What it sends in place of a message of its swarm; nothing to keep it to itself.
    pub(crate) fn twist(self, message: Bytes, is_piece: bool) -> Option<Bytes> {
        match self {
            Self::Honest => Some(message),
            Self::Silent if is_piece => None,
            Self::Silent => Some(message),
            Self::Forger if is_piece => {
                let mut forged = BytesMut::from(&message[..]);
                if let Some(last) = forged.last_mut() {
                    *last ^= 1;
                }
                Some(forged.freeze())
            }
            Self::Forger => Some(message),
            Self::Boaster if is_piece => None,
            // The first message on a connection is the handshake, and long; what follows may be added to.
            Self::Boaster if message.len() < 68 => {
                let mut boast = BytesMut::from(&message[..]);
                boast_in(&mut boast);
                Some(boast.freeze())
            }
            Self::Boaster => Some(message),
        }
    }
}

fn boast_in(out: &mut BytesMut) {
    let mut standing = Standing::default();
    (standing.slots, standing.spare) = (u8::MAX, u8::MAX);
    for place in 0..swarm::wire::Stripes::COUNT as usize {
        standing.set_delay(place, Some(std::time::Duration::from_millis(16)));
    }
    let payload = LiveMessage::Standing(standing).to_bytes();
    Message::Extended { id: 1, payload }.write(out);
}
