//! What lasts from the first Start to the end of the program: the embedded server, and this channel's place in the
//! swarm. Viewers who stay on the page meet the next broadcast without doing anything.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

use catalogue::CardSigner;
use swarm::{BroadcastId, ChannelId, Config, Description, Segment, Swarm};
use tokio::sync::{mpsc, watch};

use super::listing::{Place, Publisher, Said};
use super::program::Program;
use super::{ListingState, PagePlace, Reach};
use crate::http_client::HttpError;
use crate::seeder::{
    ChannelKey, Driver, DriverStats, KeyError, NetworkOptions, Reachability, ReachabilityWatch,
    StockSeeder, TrackerPart, fresh_identity,
};
use crate::segmenter::Bitrate;
use crate::server::{Server, ServerError, ServerOptions};

/// Why a broadcast cannot be reached by anyone.
#[derive(Debug, thiserror::Error)]
pub enum StationError {
    /// There is no channel key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The server cannot listen.
    #[error(transparent)]
    Server(#[from] ServerError),
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
    reachability: ReachabilityWatch,
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
        let mut trackers = vec![own_tracker(server.address())];
        trackers.extend(reach.announced_at());
        network.ice_servers.extend(reach.ice_servers());
        network.tracker_part = Some(TrackerPart::of(&key.id()));
        network.udp_ports = reach.udp_ports.clone().or(network.udp_ports);
        let stock = match reach.announce_segments {
            true => {
                let (stock_id, _) = fresh_identity()?;
                let (trackers, network) = (trackers.clone(), network.clone());
                Some(StockSeeder::spawn(stock_id, trackers, network))
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
        // A streamer plays nothing.
        let (playback, _) = mpsc::channel(1);
        let mut station = Self {
            server,
            driver: Driver::spawn(swarm, network, playback),
            channel: key.id(),
            reach: reach.clone(),
            stock,
            reachability: ReachabilityWatch::begin(reach.stun_servers()),
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
        if self.reach.page != PagePlace::Here {
            let local = Reach::default().link(here.clone(), self.channel);
            self.local_link = Some(local.to_string());
        }
        self.link = self.reach.link(here, self.channel).to_string();
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

    /// The most to send from now on; `None` for what the path carries.
    pub(super) async fn set_upload_limit(&self, limit: Option<Bitrate>) {
        let limit = limit.map(Bitrate::bytes_per_second);
        self.driver.set_upload_limit(limit).await;
    }

    /// Sends what is queued and closes everything, within about three seconds.
    pub(super) async fn close(self) {
        let withdrawing = async {
            if let Some(publisher) = self.publisher {
                publisher.close().await;
            }
        };
        tokio::join!(withdrawing, async {
            self.driver.shutdown().await;
            if let Some(stock) = self.stock {
                stock.shutdown().await;
            }
            self.server.shutdown().await;
        });
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
    fn a_server_on_all_addresses_is_met_on_loopback() {
        let tracker = |at: &str| own_tracker(at.parse().unwrap());
        assert_eq!(tracker("[::]:8080"), "ws://127.0.0.1:8080/announce");
        assert_eq!(tracker("0.0.0.0:8081"), "ws://127.0.0.1:8081/announce");
        assert_eq!(tracker("[::1]:80"), "ws://[::1]:80/announce");
    }
}
