//! What kind of packet it is, by its first bytes (RFC 7983), and what of STUN (RFC 8489) tells whose it is. Everything here
//! comes from strangers.

/// STUN's header.
const HEADER_LEN: usize = 20;
const MAGIC_COOKIE: [u8; 4] = [0x21, 0x12, 0xA4, 0x42];
const BINDING_REQUEST: u16 = 0x0001;
const BINDING_INDICATION: u16 = 0x0011;
const BINDING_SUCCESS: u16 = 0x0101;
const BINDING_ERROR: u16 = 0x0111;
const USERNAME: u16 = 0x0006;
/// RFC 8445, section 5.3: at most 256 characters.
const MAX_UFRAG_LEN: usize = 256;

/// What a request and its response have in common.
pub(super) type Transaction = [u8; 12];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Packet<'a> {
    /// STUN's binding request: ICE's check of a path, or a question to a STUN server.
    Request {
        transaction: Transaction,
        /// To whom it is: the part of the user name that the receiver has chosen (RFC 8445, section 7.2.2).
        to: Option<&'a str>,
    },
    /// The answer to one.
    Response {
        transaction: Transaction,
        success: bool,
    },
    /// To or from a TURN server: STUN of other methods, or `ChannelData` (RFC 8656).
    Turn,
    /// DTLS, and whatever else belongs to a path that is known already.
    Other,
}

impl<'a> Packet<'a> {
    pub(super) fn read(bytes: &'a [u8]) -> Self {
        match bytes.first() {
            Some(0..=3) => Self::stun(bytes).unwrap_or(Self::Other),
            Some(0x40..=0x4F) => Self::Turn,
            _ => Self::Other,
        }
    }

    fn stun(bytes: &'a [u8]) -> Option<Self> {
        let (header, attributes) = bytes.split_at_checked(HEADER_LEN)?;
        if header[4..8] != MAGIC_COOKIE {
            return None;
        }
        let kind = u16::from_be_bytes([header[0], header[1]]);
        let transaction = header[8..].try_into().ok()?;
        Some(match kind {
            BINDING_REQUEST => Self::Request {
                transaction,
                to: addressee(attributes),
            },
            BINDING_SUCCESS | BINDING_ERROR => Self::Response {
                transaction,
                success: kind == BINDING_SUCCESS,
            },
            // It says that a path is still wanted, and nothing else.
            BINDING_INDICATION => Self::Other,
            _ => Self::Turn,
        })
    }
}

/// The first part of the user name among these attributes.
fn addressee(mut attributes: &[u8]) -> Option<&str> {
    while let Some(([kind, more, len, less], rest)) = attributes
        .split_first_chunk::<4>()
        .map(|(head, rest)| ([head[0], head[1], head[2], head[3]], rest))
    {
        let kind = u16::from_be_bytes([kind, more]);
        let len = usize::from(u16::from_be_bytes([len, less]));
        let value = rest.get(..len)?;
        if kind == USERNAME {
            let (to, _) = std::str::from_utf8(value).ok()?.split_once(':')?;
            return (to.len() <= MAX_UFRAG_LEN).then_some(to);
        }
        // Each is filled up to four bytes.
        attributes = rest.get(len.next_multiple_of(4)..)?;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TRANSACTION: Transaction = [7; 12];

    fn message(kind: u16, attributes: &[(u16, &[u8])]) -> Vec<u8> {
        let mut body = Vec::new();
        for (kind, value) in attributes {
            body.extend(kind.to_be_bytes());
            body.extend((value.len() as u16).to_be_bytes());
            body.extend(*value);
            body.resize(body.len().next_multiple_of(4), 0);
        }
        let mut bytes = kind.to_be_bytes().to_vec();
        bytes.extend((body.len() as u16).to_be_bytes());
        bytes.extend(MAGIC_COOKIE);
        bytes.extend(TRANSACTION);
        bytes.extend(body);
        bytes
    }

    #[test]
    fn a_check_says_to_whom_it_is() {
        let check = message(
            BINDING_REQUEST,
            &[(0x0024, &[1]), (USERNAME, b"ours:theirs")],
        );
        assert_eq!(
            Packet::read(&check),
            Packet::Request {
                transaction: TRANSACTION,
                to: Some("ours")
            }
        );
        let question = message(BINDING_REQUEST, &[]);
        assert_eq!(
            Packet::read(&question),
            Packet::Request {
                transaction: TRANSACTION,
                to: None
            }
        );
    }

    #[test]
    fn answers_and_turn_and_dtls_are_told_apart() {
        for (kind, success) in [(BINDING_SUCCESS, true), (BINDING_ERROR, false)] {
            assert_eq!(
                Packet::read(&message(kind, &[])),
                Packet::Response {
                    transaction: TRANSACTION,
                    success
                }
            );
        }
        // Allocate, Refresh, Send indication, Data indication.
        for kind in [0x0003, 0x0104, 0x0016, 0x0017] {
            assert_eq!(Packet::read(&message(kind, &[])), Packet::Turn);
        }
        assert_eq!(Packet::read(&[0x40, 0, 0, 1, 9]), Packet::Turn);
        assert_eq!(Packet::read(&[22, 254, 253]), Packet::Other);
        assert_eq!(Packet::read(&[]), Packet::Other);
        assert_eq!(Packet::read(&[0, 1, 0, 0]), Packet::Other);
    }

    proptest! {
        #[test]
        fn no_bytes_break_it(bytes: Vec<u8>) {
            Packet::read(&bytes);
        }

        #[test]
        fn no_attributes_break_it(body: Vec<u8>) {
            let mut bytes = message(BINDING_REQUEST, &[]);
            bytes.extend(body);
            Packet::read(&bytes);
        }
    }
}
