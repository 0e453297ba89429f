//! Twenty bytes as the protocol writes them: a *binary string*, in which each character from U+0000 to U+00FF is a byte.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::ProtocolError;

fn decode(text: &str) -> Option<[u8; 20]> {
    let mut bytes = [0; 20];
    let mut chars = text.chars();
    for byte in &mut bytes {
        *byte = u8::try_from(u32::from(chars.next()?)).ok()?;
    }
    chars.next().is_none().then_some(bytes)
}

fn encode(bytes: &[u8; 20]) -> String {
    bytes.iter().copied().map(char::from).collect()
}

macro_rules! binary_string {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; 20]);

        impl $name {
            pub(crate) fn read(text: &str, field: &'static str) -> Result<Self, ProtocolError> {
                decode(text).map(Self).ok_or(ProtocolError::NotBinary { field })
            }

            pub(crate) fn need(
                text: Option<impl AsRef<str>>,
                field: &'static str,
            ) -> Result<Self, ProtocolError> {
                let text = text.ok_or(ProtocolError::Missing { field })?;
                Self::read(text.as_ref(), field)
            }
        }

        impl From<[u8; 20]> for $name {
            fn from(bytes: [u8; 20]) -> Self {
                Self(bytes)
            }
        }

        impl From<$name> for [u8; 20] {
            fn from(name: $name) -> Self {
                name.0
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&encode(&self.0))
            }
        }

        impl fmt::Display for $name {
            /// Lower-case hexadecimal, as in magnet links.
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }
    };
}

binary_string! {
    /// What a swarm is about: the name under which its peers meet.
    InfoHash
}
binary_string! {
    /// A peer's name for one session, chosen by itself.
    PeerId
}
binary_string! {
    /// An offer's name, chosen by the peer that makes it; the answer repeats it.
    OfferId
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_byte_is_one_character() {
        let bytes: [u8; 20] = std::array::from_fn(|i| (i * 13) as u8);
        let text = encode(&bytes);
        assert_eq!(text.chars().count(), 20);
        assert_eq!(decode(&text), Some(bytes));
    }

    #[test]
    fn other_lengths_and_characters_past_a_byte_are_refused() {
        for text in ["", &"x".repeat(19), &"x".repeat(21), &"\u{100}".repeat(20)] {
            assert_eq!(decode(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_name_is_shown_in_hexadecimal() {
        assert_eq!(InfoHash([0xAB; 20]).to_string(), "ab".repeat(20));
    }
}
