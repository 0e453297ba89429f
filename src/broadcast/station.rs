//! What lasts from the first Start to the end of the program: the embedded server, and this channel's place in the
//! swarm. Viewers who stay on the page meet the next broadcast without doing anything.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, SocketAddrV4};
use std::num::NonZeroU16;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use catalogue::CardSigner;
use swarm::{BroadcastId, ChannelId, Config, Description, Segment, Swarm};
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

use super::listing::{Place, Publisher, Said};
use super::program::Program;
use super::{ListingState, PagePlace, Reach};
use crate::http_client::HttpError;
use crate::router::{OpenPort, RouterPort, Transport};
use crate::seeder::{
    ChannelKey, Driver, DriverStats, KeyError, NetworkOptions, Reachability, ReachabilityWatch,
    SharedPort, SharedPortError, StockSeeder, TrackerPart, fresh_identity,
};
use crate::segmenter::Bitrate;
use crate::server::{Server, ServerError, ServerOptions};

/// How long going live waits for the router, so that the link is the right one from the start. A router that answers does
/// so in a second; one that does not has had all its time.
const ROUTER_PATIENCE: Duration = Duration::from_secs(5);

/// Of the upload limit, stock clients get one part in so many while they download. Chosen: some tenths of a segment's rate
/// are enough for an archive, and viewers hardly miss them.
const STOCK_PART: u64 = 10;

/// Why a broadcast cannot be reached by anyone.
#[derive(Debug, thiserror::Error)]
pub enum StationError {
    /// There is no channel key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The server cannot listen.
    #[error(transparent)]
    Server(#[from] ServerError),
    /// There is no UDP port.
    #[error(transparent)]
    Port(#[from] SharedPortError),
    /// Hubs cannot be asked.
    #[error("hubs cannot be asked: {0}")]
    Hub(#[from] HttpError),
    /// The operating system gives no random numbers.
    #[error("the operating system gives no random numbers: {0}")]
    Random(#[from] getrandom::Error),
}

/// The server and the swarm.
pub(super) struct Station {
    server: Server,
    driver: Driver,
    channel: ChannelId,
    reach: Reach,
    stock: Option<StockSeeder>,
    upload_limit: Option<Bitrate>,
    /// Whether stock clients had a part of it when it was last divided.
    stock_has_a_part: bool,
    reachability: ReachabilityWatch,
    /// Where the router is asked for it and the page is the embedded server's.
    page_port: Option<OpenPort>,
    /// Where it is asked for it.
    stream_port: Option<OpenPort>,
    /// Where one is let through by a router or firewall.
    shared_port: Option<Arc<SharedPort>>,
    link: String,
    local_link: Option<String>,
    /// Where the page is a hub's.
    publisher: Option<Publisher>,
}

impl Station {
    pub(super) async fn open(
        key_folder: &Path,
        server: ServerOptions,
        mut network: NetworkOptions,
        reach: &Reach,
        upload_limit: Option<Bitrate>,
        program: &Arc<Program>,
    ) -> Result<Self, StationError> {
        let key = ChannelKey::load_or_create(key_folder)?;
        let (peer_id, seed) = fresh_identity()?;
        let server = Server::start(server).await?;
        let mut page_port = page_port(&server, reach);
        let mut trackers = vec![own_tracker(server.address())];
        trackers.extend(reach.announced_at());
        network.ice_servers.extend(reach.ice_servers());
        network.tracker_part = Some(TrackerPart::of(&key.id()));
        if reach.udp_ports.is_some() || reach.map_port {
            let port = SharedPort::bind(reach.udp_ports.as_ref())?;
            network.shared_port = Some(Arc::new(port));
        }
        let shared_port = network.shared_port.clone();
        let mut stream_port = stream_port(shared_port.as_deref(), reach);
        let stock = match reach.announce_segments {
            true => {
                let (stock_id, _) = fresh_identity()?;
                let (trackers, network) = (trackers.clone(), network.clone());
                let allowance = divided(upload_limit, false).1;
                Some(StockSeeder::spawn(stock_id, trackers, network, allowance))
            }
            false => None,
        };
        let config = Config {
            trackers,
            upload_limit: upload_limit.map(Bitrate::bytes_per_second),
            ..Config::default()
        };
        let publisher = match &reach.page {
            PagePlace::Hub(page) => {
                let place = Place {
                    page: page.to_string(),
                    trackers: reach.announced_at(),
                    stun: reach
                        .stun_servers()
                        .iter()
                        .map(ToString::to_string)
                        .collect(),
                };
                let signer = CardSigner::new(key.secret());
                Some(Publisher::start(place, signer, Arc::clone(program))?)
            }
            PagePlace::Here | PagePlace::Files(_) => None,
        };
        let swarm = Swarm::streamer(*key.secret(), peer_id, config, seed);
        let deadline = Instant::now() + ROUTER_PATIENCE;
        for port in [&mut page_port, &mut stream_port].into_iter().flatten() {
            port.settled(deadline).await;
        }
        // A streamer plays nothing.
        let (playback, _) = mpsc::channel(1);
        let mut station = Self {
            server,
            driver: Driver::spawn(swarm, network, playback),
            channel: key.id(),
            reach: reach.clone(),
            stock,
            upload_limit,
            stock_has_a_part: false,
            reachability: ReachabilityWatch::begin(reach.stun_servers()),
            page_port,
            stream_port,
            shared_port,
            link: String::new(),
            local_link: None,
            publisher,
        };
        station.look_where_we_are();
        Ok(station)
    }

    /// Makes the link anew, because machines move between networks. Looking up addresses is too slow for each frame of
    /// a preview.
    pub(super) fn look_where_we_are(&mut self) {
        let here = self.server.page_url();
        if let Some(shared) = &self.shared_port {
            shared.set_outside(self.stream_port.as_ref().and_then(outside));
        }
        let outside = self.page_port.as_ref().and_then(outside);
        let outside = outside.map(|at| format!("http://{at}/"));
        self.local_link = (outside.is_some() || self.reach.page != PagePlace::Here).then(|| {
            let local = Reach::default().link(here.clone(), self.channel);
            local.to_string()
        });
        let page = outside.unwrap_or(here);
        self.link = self.reach.link(page, self.channel).to_string();
    }

    /// How viewers beyond this network are reached.
    pub(super) fn reach(&self) -> &Reach {
        &self.reach
    }

    /// The share link.
    pub(super) fn link(&self) -> &str {
        &self.link
    }

    /// The link for this network only, where the share link leads elsewhere.
    pub(super) fn local_link(&self) -> Option<&str> {
        self.local_link.as_deref()
    }

    /// What the hub's list says from now on; `None` to be taken off it.
    pub(super) fn list(&self, said: Option<Said>) {
        if let Some(publisher) = &self.publisher {
            publisher.say(said);
        }
    }

    /// How it stands with the hub's list.
    pub(super) fn listing(&self) -> ListingState {
        let state = self.publisher.as_ref().map(Publisher::state);
        state.unwrap_or_default()
    }

    /// The ports wanted and had, where another program has the wanted one.
    pub(super) fn moved_port(&self) -> Option<(u16, u16)> {
        let wanted = self.server.port_was_taken()?;
        Some((wanted, self.server.address().port()))
    }

    pub(super) fn stats(&self) -> watch::Receiver<Arc<DriverStats>> {
        self.driver.stats()
    }

    pub(super) async fn describe(&self, description: Description) {
        self.driver.describe(description).await;
    }

    pub(super) async fn publish(&self, broadcast: BroadcastId, segment: Segment) {
        if let Some(stock) = &self.stock {
            stock.publish(broadcast, segment.clone());
        }
        self.driver.publish(segment).await;
    }

    /// How this machine is seen from outside.
    pub(super) fn reachability(&self) -> Reachability {
        self.reachability.found()
    }

    /// How it stands with ports on the router, where that is asked for any.
    pub(super) fn router_ports(&self) -> Vec<RouterPort> {
        let ports = [&self.page_port, &self.stream_port].into_iter().flatten();
        ports.map(OpenPort::state).collect()
    }

    /// The most to send from now on; `None` for what the path carries.
    pub(super) async fn set_upload_limit(&mut self, limit: Option<Bitrate>) {
        self.upload_limit = limit;
        self.divide_upload().await;
    }

    /// Gives stock clients a part of the upload limit when they come, and viewers all of it when they are gone.
    pub(super) async fn look_who_downloads(&mut self) {
        let has_clients = self.stock.as_ref().is_some_and(StockSeeder::has_clients);
        if has_clients != self.stock_has_a_part {
            self.stock_has_a_part = has_clients;
            self.divide_upload().await;
        }
    }

    async fn divide_upload(&self) {
        let (viewers, stock) = divided(self.upload_limit, self.stock_has_a_part);
        let allow_stock = || {
            if let Some(seeder) = &self.stock {
                seeder.allow(stock);
            }
        };
        // Who gets less is told first.
        if self.stock_has_a_part {
            self.driver.set_upload_limit(viewers).await;
            allow_stock();
        } else {
            allow_stock();
            self.driver.set_upload_limit(viewers).await;
        }
    }

    /// Sends what is queued and closes everything, within about three seconds.
    pub(super) async fn close(self) {
        let withdrawing = async {
            if let Some(publisher) = self.publisher {
                publisher.close().await;
            }
        };
        let closing = async {
            let close = async |port: Option<OpenPort>| {
                if let Some(port) = port {
                    port.close().await;
                }
            };
            tokio::join!(close(self.page_port), close(self.stream_port));
        };
        tokio::join!(withdrawing, closing, async {
            self.driver.shutdown().await;
            if let Some(stock) = self.stock {
                stock.shutdown().await;
            }
            self.server.shutdown().await;
        });
    }
}

/// What viewers and stock clients get of the upload limit, in bytes a second: viewers come first.
fn divided(limit: Option<Bitrate>, has_stock_clients: bool) -> (Option<u64>, Option<u64>) {
    let Some(limit) = limit.map(Bitrate::bytes_per_second) else {
        return (None, None);
    };
    let stock = if has_stock_clients {
        limit / STOCK_PART
    } else {
        0
    };
    (Some(limit - stock), Some(stock))
}

/// The embedded server's port on the router, where viewers get the page from it. A server that only this machine reaches
/// is none that others are to be let in to.
fn page_port(server: &Server, reach: &Reach) -> Option<OpenPort> {
    let at = server.address();
    let wanted = reach.map_port && reach.page == PagePlace::Here && !at.ip().is_loopback();
    let port = NonZeroU16::new(at.port()).filter(|_| wanted)?;
    Some(OpenPort::keep(Transport::Tcp, port))
}

/// The port that connections share, on the router.
fn stream_port(shared: Option<&SharedPort>, reach: &Reach) -> Option<OpenPort> {
    let port = shared.filter(|_| reach.map_port).map(SharedPort::port)?;
    Some(OpenPort::keep(Transport::Udp, NonZeroU16::new(port)?))
}

/// Where a port is open on the router.
fn outside(port: &OpenPort) -> Option<SocketAddrV4> {
    match port.state() {
        RouterPort::Open { outside, .. } => Some(outside),
        RouterPort::Asking | RouterPort::Closed { .. } => None,
    }
}

/// Where the streamer itself meets the embedded tracker.
fn own_tracker(listening: SocketAddr) -> String {
    let ip = match listening.ip() {
        ip if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        ip => ip,
    };
    let at = SocketAddr::new(ip, listening.port());
    format!("ws://{at}/announce")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stock_clients_take_is_part_of_the_upload_limit() {
        let limit = Bitrate::from_kilobits_per_second(8_000);
        assert_eq!(divided(Some(limit), false), (Some(1_000_000), Some(0)));
        assert_eq!(divided(Some(limit), true), (Some(900_000), Some(100_000)));
        assert_eq!(divided(None, true), (None, None));
    }

    #[test]
    fn a_server_on_all_addresses_is_met_on_loopback() {
        let tracker = |at: &str| own_tracker(at.parse().unwrap());
        assert_eq!(tracker("[::]:8080"), "ws://127.0.0.1:8080/announce");
        assert_eq!(tracker("0.0.0.0:8081"), "ws://127.0.0.1:8081/announce");
        assert_eq!(tracker("[::1]:80"), "ws://[::1]:80/announce");
    }
}
