//! STUN and TURN servers, as a person writes them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The port of STUN and TURN servers that say none (RFC 8489, section 8; RFC 8656, section 4).
const DEFAULT_PORT: u16 = 3478;
/// The longest user name and password. Chosen; a server's time-limited ones have some 40 characters.
const MAX_CREDENTIAL_LEN: usize = 512;

/// A STUN or TURN server, as the WebRTC library takes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IceServer {
    /// `stun:host:port` or `turn:host:port`.
    pub url: String,
    /// TURN only.
    pub username: String,
    /// TURN only.
    pub password: String,
}

/// A STUN server (RFC 8489): it tells peers their addresses as seen from outside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct StunServer(String);

/// A TURN server (RFC 8656): it carries what two peers cannot send each other directly.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct TurnServer {
    host: String,
    username: String,
    password: String,
}

/// What is wrong with a server's address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IceServerError {
    /// No STUN server.
    #[error("'{0}' is no STUN server; write HOST:PORT, as in stun.example.org:3478")]
    Stun(String),
    /// No TURN server.
    #[error("'{0}' is no TURN server; write turn:HOST:PORT (over UDP)")]
    Turn(String),
    /// No user name or password, or an endless one.
    #[error("a TURN server takes a user name and a password")]
    NoCredentials,
}

/// `HOST:PORT` from what may lack the port or, for an IPv6 address, nothing else.
fn host_and_port(text: &str) -> Option<String> {
    if swarm::is_stun_server(text) {
        return Some(text.to_owned());
    }
    let completed = format!("{text}:{DEFAULT_PORT}");
    swarm::is_stun_server(&completed).then_some(completed)
}

impl FromStr for StunServer {
    type Err = IceServerError;

    fn from_str(text: &str) -> Result<Self, IceServerError> {
        let trimmed = text.trim();
        host_and_port(trimmed.strip_prefix("stun:").unwrap_or(trimmed))
            .map(Self)
            .ok_or_else(|| IceServerError::Stun(text.to_owned()))
    }
}

impl fmt::Display for StunServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for StunServer {
    type Error = IceServerError;

    fn try_from(text: String) -> Result<Self, IceServerError> {
        text.parse()
    }
}

impl From<StunServer> for String {
    fn from(server: StunServer) -> Self {
        server.0
    }
}

impl TurnServer {
    /// A server at `turn:HOST:PORT`, reached over UDP.
    ///
    /// # Errors
    ///
    /// When it is none, or there is no user name or password.
    pub fn new(url: &str, username: &str, password: &str) -> Result<Self, IceServerError> {
        let trimmed = url.trim();
        let rest = trimmed.strip_prefix("turn:");
        let rest = rest.map(|rest| rest.strip_suffix("?transport=udp").unwrap_or(rest));
        let host = rest
            .and_then(host_and_port)
            .ok_or_else(|| IceServerError::Turn(url.to_owned()))?;
        let fits = |text: &str| !text.is_empty() && text.len() <= MAX_CREDENTIAL_LEN;
        if !(fits(username) && fits(password)) {
            return Err(IceServerError::NoCredentials);
        }
        Ok(Self {
            host,
            username: username.to_owned(),
            password: password.to_owned(),
        })
    }

    /// Its address, without the password.
    pub fn url(&self) -> String {
        format!("turn:{}", self.host)
    }
}

impl fmt::Debug for TurnServer {
    /// Without the password, which must not get into logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TurnServer")
            .field("host", &self.host)
            .field("username", &self.username)
            .finish_non_exhaustive()
    }
}

/// How a [`TurnServer`] is stored.
#[derive(Serialize, Deserialize)]
struct Written {
    url: String,
    username: String,
    password: String,
}

impl TryFrom<Written> for TurnServer {
    type Error = IceServerError;

    fn try_from(written: Written) -> Result<Self, IceServerError> {
        Self::new(&written.url, &written.username, &written.password)
    }
}

impl From<TurnServer> for Written {
    fn from(server: TurnServer) -> Self {
        Self {
            url: server.url(),
            username: server.username,
            password: server.password,
        }
    }
}

impl From<&StunServer> for IceServer {
    fn from(server: &StunServer) -> Self {
        Self {
            url: format!("stun:{server}"),
            ..Self::default()
        }
    }
}

impl From<&TurnServer> for IceServer {
    fn from(server: &TurnServer) -> Self {
        Self {
            url: server.url(),
            username: server.username.clone(),
            password: server.password.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_may_be_written_with_or_without_scheme_and_port() {
        for (written, read) in [
            ("stun.example", "stun.example:3478"),
            ("stun:stun.example:19302", "stun.example:19302"),
            (" 192.0.2.1:3478 ", "192.0.2.1:3478"),
            ("[2001:db8::1]", "[2001:db8::1]:3478"),
        ] {
            let server: StunServer = written.parse().unwrap();
            assert_eq!(server.to_string(), read);
        }
        for wrong in [
            "",
            "stun:",
            "turn:host",
            "a b",
            "host:0",
            "2001:db8::1",
            "host/path",
        ] {
            assert!(wrong.parse::<StunServer>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_turn_server_takes_a_password() {
        let server = TurnServer::new("turn:turn.example?transport=udp", "u", "p").unwrap();
        assert_eq!(IceServer::from(&server).url, "turn:turn.example:3478");
        for (url, user, password) in [
            ("turn:turn.example", "", "p"),
            ("turn:turn.example", "u", ""),
            ("turns:turn.example", "u", "p"),
            ("turn:turn.example?transport=tcp", "u", "p"),
            ("turn.example", "u", "p"),
        ] {
            assert!(TurnServer::new(url, user, password).is_err(), "{url}");
        }
    }
}
