//! Asks STUN servers (RFC 8489) how this machine is seen from outside, for a person to be told: connections ask for
//! themselves.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use rtc::stun::message::{BINDING_REQUEST, BINDING_SUCCESS, Getter, Message, TransactionId};
use rtc::stun::xoraddr::XorMappedAddress;
use tokio::net::{UdpSocket, lookup_host};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout, timeout_at};

use super::StunServer;

/// Machines move between networks.
const INTERVAL: Duration = Duration::from_secs(60);
/// A request may get lost: it is sent so often, RFC 8489's first time-out apart.
const REQUESTS: usize = 3;
const RESEND: Duration = Duration::from_millis(500);
/// The slowest name server worth waiting for.
const LOOKUP_TIMEOUT: Duration = Duration::from_secs(3);
/// Longer messages are no answers to what is asked here.
const MAX_LEN: usize = 1024;

/// What was found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reachability {
    /// Nobody was asked, or nothing has come back yet.
    #[default]
    Unknown,
    /// No server answers: UDP is blocked, or there is no way out.
    Silent,
    /// This machine's own address is seen: whoever knows it can send there, if no firewall forbids it.
    Open,
    /// A router is in between and shows every destination the same port: two such ends find a path by sending at once.
    BehindRouter,
    /// The router takes another port for each destination: a path is found only to those who are themselves reachable.
    PerDestination,
}

impl Reachability {
    /// One word, for JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Silent => "silent",
            Self::Open => "open",
            Self::BehindRouter => "behind-router",
            Self::PerDestination => "per-destination",
        }
    }

    /// What follows from the addresses that servers see.
    fn of(seen: &BTreeSet<SocketAddr>, port: u16, own: &[IpAddr]) -> Self {
        match seen.len() {
            0 => Self::Silent,
            1 => {
                let is_own = |at: &SocketAddr| at.port() == port && own.contains(&at.ip());
                if seen.iter().any(is_own) {
                    Self::Open
                } else {
                    Self::BehindRouter
                }
            }
            _ => Self::PerDestination,
        }
    }
}

/// Asks again and again, until it is dropped.
#[derive(Debug)]
pub struct ReachabilityWatch {
    found: watch::Receiver<Reachability>,
    task: JoinHandle<()>,
}

impl ReachabilityWatch {
    /// Begins to ask these servers; with none, nothing is sent.
    ///
    /// # Panics
    ///
    /// Outside a Tokio runtime.
    pub fn begin(servers: Vec<StunServer>) -> Self {
        let (sender, found) = watch::channel(Reachability::Unknown);
        let task = tokio::spawn(async move {
            while !servers.is_empty() {
                let found = ask(&servers).await.unwrap_or_else(|error| {
                    tracing::debug!("STUN servers cannot be asked: {error}");
                    Reachability::Silent
                });
                sender.send_replace(found);
                sleep(INTERVAL).await;
            }
        });
        Self { found, task }
    }

    /// What was found last.
    pub fn found(&self) -> Reachability {
        *self.found.borrow()
    }
}

impl Drop for ReachabilityWatch {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Over IPv4: there are no routers that translate IPv6 worth the name, and who has only IPv6 is not behind one.
async fn ask(servers: &[StunServer]) -> std::io::Result<Reachability> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).await?;
    let mut unanswered = Vec::new();
    for server in servers {
        let name = server.to_string();
        let found = timeout(LOOKUP_TIMEOUT, lookup_host(&name)).await;
        let Some(address) = found
            .ok()
            .and_then(Result::ok)
            .and_then(|mut addresses| addresses.find(SocketAddr::is_ipv4))
        else {
            continue;
        };
        let mut request = Message::new();
        if request
            .build(&[Box::new(TransactionId::new()), Box::new(BINDING_REQUEST)])
            .is_ok()
        {
            unanswered.push((address, request));
        }
    }
    let mut seen = BTreeSet::new();
    for _ in 0..REQUESTS {
        for (address, request) in &unanswered {
            // One that cannot be sent to is one that does not answer.
            let _ = socket.send_to(&request.raw, address).await;
        }
        let until = Instant::now() + RESEND;
        while !unanswered.is_empty() {
            let mut bytes = [0; MAX_LEN];
            let Ok(received) = timeout_at(until, socket.recv_from(&mut bytes)).await else {
                break;
            };
            // An ICMP message of one server is no reason not to hear the others.
            let Ok((len, from)) = received else {
                continue;
            };
            let answer = |(address, request): &mut (SocketAddr, Message)| {
                *address == from && mapped_address(&bytes[..len], request).is_some()
            };
            if let Some((_, request)) = unanswered.extract_if(.., answer).next() {
                seen.extend(mapped_address(&bytes[..len], &request));
            }
        }
        if unanswered.is_empty() {
            break;
        }
    }
    let own = if_addrs::get_if_addrs().unwrap_or_default();
    let own: Vec<IpAddr> = own.iter().map(if_addrs::Interface::ip).collect();
    let port = socket.local_addr()?.port();
    Ok(Reachability::of(&seen, port, &own))
}

/// The address that a server's answer to this request tells (untrusted).
fn mapped_address(bytes: &[u8], request: &Message) -> Option<SocketAddr> {
    let mut answer = Message::new();
    answer.raw = bytes.to_vec();
    answer.decode().ok()?;
    if answer.typ != BINDING_SUCCESS || answer.transaction_id != request.transaction_id {
        return None;
    }
    let mut mapped = XorMappedAddress::default();
    mapped.get_from(&answer).ok()?;
    Some(SocketAddr::new(mapped.ip, mapped.port))
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7));

    fn found(seen: &[&str]) -> Reachability {
        let seen = seen.iter().map(|at| at.parse().unwrap()).collect();
        Reachability::of(&seen, 4000, &[OWN])
    }

    #[test]
    fn what_servers_see_tells_what_is_in_between() {
        assert_eq!(found(&[]), Reachability::Silent);
        assert_eq!(found(&["192.0.2.7:4000"]), Reachability::Open);
        assert_eq!(found(&["192.0.2.7:4001"]), Reachability::BehindRouter);
        assert_eq!(found(&["198.51.100.1:4000"]), Reachability::BehindRouter);
        assert_eq!(
            found(&["198.51.100.1:4000", "198.51.100.1:4001"]),
            Reachability::PerDestination
        );
    }

    #[tokio::test]
    async fn a_server_that_sees_us_is_believed_only_about_what_it_was_asked() {
        let server = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let at: StunServer = server.local_addr().unwrap().to_string().parse().unwrap();
        let serving = tokio::spawn(async move {
            let mut bytes = [0; MAX_LEN];
            let (len, from) = server.recv_from(&mut bytes).await.unwrap();
            let mut request = Message::new();
            request.raw = bytes[..len].to_vec();
            request.decode().unwrap();
            // First a lie, whose transaction is another one.
            for id in [TransactionId([9; 12]), request.transaction_id] {
                let ip = if id == request.transaction_id {
                    from.ip()
                } else {
                    OWN
                };
                let mapped = XorMappedAddress {
                    ip,
                    port: from.port(),
                };
                let mut answer = Message::new();
                answer
                    .build(&[Box::new(id), Box::new(BINDING_SUCCESS), Box::new(mapped)])
                    .unwrap();
                server.send_to(&answer.raw, from).await.unwrap();
            }
        });
        assert_eq!(ask(&[at]).await.unwrap(), Reachability::Open);
        serving.await.unwrap();
    }

    #[tokio::test]
    async fn who_asks_nobody_sends_nothing_and_a_server_that_is_not_there_is_silent() {
        let nobody = ReachabilityWatch::begin(Vec::new());
        assert_eq!(nobody.found(), Reachability::Unknown);
        let gone = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let at: StunServer = gone.local_addr().unwrap().to_string().parse().unwrap();
        drop(gone);
        assert_eq!(ask(&[at]).await.unwrap(), Reachability::Silent);
    }
}
