//! Asks the home's router to let viewers in: to pass on what arrives at one of its ports to one of this machine's.
//!
//! Three protocols do that, and routers speak some or none: PCP (RFC 6887), NAT-PMP (RFC 6886), and UPnP
//! (`WANIPConnection` of an Internet Gateway Device). [`OpenPort`] asks in all of them, renews what it was given before it
//! ends, asks anew when this machine has moved to another network, and has the port closed in the end.
//!
//! Not here: what listens at the port; IPv6, where a router translates no addresses, so there is nothing to map.

mod place;
mod pmp;
mod upnp;

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddrV4};
use std::num::NonZeroU16;
use std::pin::pin;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout, timeout_at};
use tokio_util::sync::CancellationToken;

use self::place::Place;
use self::pmp::PmpMapping;
use self::upnp::{UpnpMapping, UpnpRouter};

/// For how long a router is asked to keep the port open. Should this program be killed, the port is closed by then.
const LEASE: Duration = Duration::from_secs(15 * 60);
/// A lease is renewed so often: a router that was restarted has forgotten it, and viewers wait for it to be told.
const RENEWAL: Duration = Duration::from_secs(60);
/// How often it is looked whether this machine has moved to another network; that asks nobody.
const LOOK: Duration = Duration::from_secs(10);
/// A router that refuses is asked again after so long: somebody may be changing its settings.
const RETRY: Duration = Duration::from_secs(60);
/// The longest that a router is waited for, all its steps together.
const ASKING_TIMEOUT: Duration = Duration::from_secs(15);
/// The longest that it is waited for at the end. What it has not closed by then, it closes when the lease ends.
const CLOSING_TIMEOUT: Duration = Duration::from_secs(2);
/// What a router's own page shows the port as.
const NAME: &str = "Live on Torrent";

/// What travels to a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// The page and its tracker.
    Tcp,
    /// The stream.
    Udp,
}

impl Transport {
    /// One word, for JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
        }
    }
}

/// In which protocol a router has agreed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RouterProtocol {
    /// Port Control Protocol, RFC 6887.
    Pcp,
    /// NAT Port Mapping Protocol, RFC 6886.
    NatPmp,
    /// UPnP's Internet Gateway Device, version 1 or 2.
    Upnp,
}

impl fmt::Display for RouterProtocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pcp => "PCP",
            Self::NatPmp => "NAT-PMP",
            Self::Upnp => "UPnP",
        })
    }
}

/// How it stands with a port on the router.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RouterPort {
    /// The router is being asked.
    Asking,
    /// It is open.
    Open {
        /// For what.
        transport: Transport,
        /// Where it is reached from outside.
        outside: SocketAddrV4,
        /// In which protocol the router has agreed.
        by: RouterProtocol,
    },
    /// It is not. It is tried again every minute.
    Closed {
        /// For what.
        transport: Transport,
        /// This machine's port that it was asked for.
        inside: NonZeroU16,
        /// Why.
        why: RouterError,
    },
}

/// Why a port is not open on the router. The words say what to do next.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RouterError {
    /// There is no way to other networks.
    #[error("this computer is connected to no router; connect it to one")]
    NoRouter,
    /// Nobody answers.
    #[error(
        "the router answers neither UPnP nor NAT-PMP; allow one of them in its settings, or forward the port to this \
         computer there"
    )]
    NoAnswer,
    /// It says no, or something that is no answer.
    #[error(
        "the router does not open it ({0}); look for UPnP or NAT-PMP in its settings, or forward the port to this computer \
         there"
    )]
    Refused(String),
    /// What it opens cannot be reached from the internet.
    #[error(
        "the router's own address, {0}, is not reached from the internet, because your provider or another router is in \
         between; share a hub's page instead"
    )]
    BehindAnother(Ipv4Addr),
}

/// A port of this machine's that is to be open on the router. Dropping it, or [`OpenPort::close`], has it closed.
#[derive(Debug)]
pub struct OpenPort {
    state: watch::Receiver<RouterPort>,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl OpenPort {
    /// Begins to ask for this port, and keeps it open.
    ///
    /// # Panics
    ///
    /// Outside a Tokio runtime.
    pub fn keep(transport: Transport, port: NonZeroU16) -> Self {
        let (sender, state) = watch::channel(RouterPort::Asking);
        let stop = CancellationToken::new();
        let task = tokio::spawn(keep(transport, port, sender, stop.clone()));
        Self { state, stop, task }
    }

    /// How it stands now.
    pub fn state(&self) -> RouterPort {
        self.state.borrow().clone()
    }

    /// Waits until the router has answered, or the time is over.
    pub async fn settled(&mut self, deadline: Instant) {
        let answered = self.state.wait_for(|state| *state != RouterPort::Asking);
        // Who asks next sees it, as soon as it is known.
        let _ = timeout_at(deadline, answered).await;
    }

    /// Has the port closed; two seconds at most.
    pub async fn close(mut self) {
        self.stop.cancel();
        // A panic has been shown by its hook.
        let _ = (&mut self.task).await;
    }
}

impl Drop for OpenPort {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// A port that the router has opened.
#[derive(Debug)]
struct Mapping {
    by: Protocol,
    place: Place,
    renew_at: Instant,
}

#[derive(Debug)]
enum Protocol {
    Pmp(PmpMapping),
    Upnp(UpnpMapping),
}

async fn keep(
    transport: Transport,
    port: NonZeroU16,
    state: watch::Sender<RouterPort>,
    stop: CancellationToken,
) {
    let mut mapping: Option<Mapping> = None;
    loop {
        let place = Place::now();
        // The router that knew of it is out of reach.
        mapping = mapping.filter(|mapping| Some(mapping.place) == place);
        let asking = async {
            let asked = match (mapping.take(), place) {
                (Some(mapping), _) if Instant::now() < mapping.renew_at => Ok(mapping),
                (Some(mapping), _) => mapping.renew().await,
                (None, Some(place)) => Mapping::open(transport, port, place).await,
                (None, None) => Err(RouterError::NoRouter),
            };
            // A port that leads nowhere is closed again.
            match asked {
                Ok(mapping) if !is_public(*mapping.outside().ip()) => {
                    let outside = *mapping.outside().ip();
                    mapping.close().await;
                    Err(RouterError::BehindAnother(outside))
                }
                asked => asked,
            }
        };
        // Who stops while the router is being asked leaves it a port that it closes by itself.
        let Some(asked) = stop.run_until_cancelled(asking).await else {
            return;
        };
        let told = match &asked {
            Ok(mapping) => RouterPort::Open {
                transport,
                outside: mapping.outside(),
                by: mapping.protocol(),
            },
            Err(error) => RouterPort::Closed {
                transport,
                inside: port,
                why: error.clone(),
            },
        };
        state.send_if_modified(|state| {
            let changes = *state != told;
            *state = told;
            changes
        });
        mapping = asked.ok();
        let pause = if mapping.is_some() { LOOK } else { RETRY };
        if stop.run_until_cancelled(sleep(pause)).await.is_none() {
            break;
        }
    }
    if let Some(mapping) = mapping {
        mapping.close().await;
    }
}

impl Mapping {
    /// Asks in PCP and NAT-PMP, which take a packet each way, and meanwhile looks for who speaks UPnP.
    async fn open(
        transport: Transport,
        port: NonZeroU16,
        place: Place,
    ) -> Result<Self, RouterError> {
        let asking = async {
            let mut searching = pin!(UpnpRouter::search(place.own));
            let mut pmp = pin!(PmpMapping::open(transport, port, place));
            let mut found = None;
            let refused = loop {
                tokio::select! {
                    opened = &mut pmp => match opened {
                        Ok(mapping) => return Ok(Protocol::Pmp(mapping)),
                        Err(error) => break error,
                    },
                    router = &mut searching, if found.is_none() => found = Some(router),
                }
            };
            let router = match found {
                Some(router) => router,
                None => searching.await,
            };
            // What was said in one protocol tells more than silence in the other.
            let Ok(router) = router else {
                return Err(refused);
            };
            let opened = router.open(transport, SocketAddrV4::new(place.own, port.get()));
            opened.await.map(Protocol::Upnp)
        };
        let by = timeout(ASKING_TIMEOUT, asking).await;
        Ok(Self {
            by: by.map_err(|_| RouterError::NoAnswer)??,
            place,
            renew_at: Instant::now() + RENEWAL,
        })
    }

    async fn renew(mut self) -> Result<Self, RouterError> {
        let renewing = async {
            match &mut self.by {
                Protocol::Pmp(mapping) => mapping.renew().await,
                Protocol::Upnp(mapping) => mapping.renew().await,
            }
        };
        let renewed = timeout(ASKING_TIMEOUT, renewing).await;
        renewed.map_err(|_| RouterError::NoAnswer)??;
        self.renew_at = Instant::now() + RENEWAL;
        Ok(self)
    }

    fn outside(&self) -> SocketAddrV4 {
        match &self.by {
            Protocol::Pmp(mapping) => mapping.outside(),
            Protocol::Upnp(mapping) => mapping.outside(),
        }
    }

    fn protocol(&self) -> RouterProtocol {
        match &self.by {
            Protocol::Pmp(mapping) => mapping.protocol(),
            Protocol::Upnp(_) => RouterProtocol::Upnp,
        }
    }

    async fn close(self) {
        let closing = async {
            match self.by {
                Protocol::Pmp(mapping) => mapping.close().await,
                Protocol::Upnp(mapping) => mapping.close().await,
            }
        };
        match timeout(CLOSING_TIMEOUT, closing).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::debug!("a port stays open on the router: {error}"),
            Err(_) => tracing::debug!("a port stays open on the router, which does not answer"),
        }
    }
}

/// Whether the internet reaches an address: no private one (RFC 1918), and none of those that providers put many homes
/// behind (RFC 6598).
fn is_public(address: Ipv4Addr) -> bool {
    let [first, second, ..] = address.octets();
    let is_shared = first == 100 && (64..128).contains(&second);
    !(is_shared
        || address.is_unspecified()
        || address.is_loopback()
        || address.is_private()
        || address.is_link_local()
        || address.is_broadcast()
        || address.is_multicast())
}

/// A lease in seconds, as all three protocols have it.
fn lease_seconds() -> u32 {
    // A quarter of an hour.
    LEASE.as_secs() as u32
}

fn refused(reason: impl fmt::Display) -> RouterError {
    RouterError::Refused(reason.to_string())
}

/// An external address, which routers tell as either kind.
fn v4(address: IpAddr) -> Result<Ipv4Addr, RouterError> {
    match address {
        IpAddr::V4(address) => Ok(address),
        IpAddr::V6(address) => address
            .to_ipv4_mapped()
            .ok_or_else(|| refused("it tells no IPv4 address")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_the_internet_does_not_reach_are_told_from_those_it_does() {
        let public = |text: &str| is_public(text.parse().unwrap());
        for inside in [
            "10.0.0.1",
            "192.168.178.1",
            "172.16.0.1",
            "100.64.0.1",
            "100.127.255.254",
            "169.254.1.1",
            "127.0.0.1",
            "0.0.0.0",
        ] {
            assert!(!public(inside), "{inside}");
        }
        for outside in ["100.63.0.1", "100.128.0.1", "9.9.9.9", "172.32.0.1"] {
            assert!(public(outside), "{outside}");
        }
    }

    #[test]
    fn a_lease_outlives_renewals_that_fail() {
        assert!((RENEWAL + RETRY + ASKING_TIMEOUT) * 3 < LEASE);
    }

    #[test]
    fn an_address_in_either_kind_is_the_same() {
        let plain = v4("192.0.2.1".parse().unwrap());
        assert_eq!(plain, v4("::ffff:192.0.2.1".parse().unwrap()));
        assert!(v4("2001:db8::1".parse().unwrap()).is_err());
    }
}
