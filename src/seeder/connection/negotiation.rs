//! From nothing to an open data channel: descriptions, candidates, ICE, DTLS.

use std::sync::Arc;
use std::time::Duration;

use rtc::ice::mdns::MulticastDnsMode;
use rtc::peer_connection::configuration::setting_engine::SctpMaxMessageSize;
use rtc::peer_connection::transport::RTCDtlsRole;
use tokio::sync::{mpsc, watch};
use tokio::time::{interval, timeout};
use webrtc::data_channel::{DataChannel, DataChannelEvent, RTCDataChannelInit};
use webrtc::peer_connection::{
    PeerConnection, PeerConnectionBuilder, PeerConnectionEventHandler, RTCConfigurationBuilder,
    RTCIceGatheringState, RTCIceServer, RTCPeerConnectionState, RTCSessionDescription,
    SettingEngineBuilder,
};

use super::{ConnectionError, OPEN_TIMEOUT};
use crate::seeder::NetworkOptions;
use crate::seeder::shared_port::Seat;

/// The data channel's label, as every peer of the live swarm names it.
const LABEL: &str = "lt";
/// Bytes that may be on their way and not acknowledged, so that a peer that reads nothing costs no more. It fills a
/// path of 100 ms at 20 Mbit/s. The library's own default is no limit.
const SEND_BUFFER: usize = 256 * 1024;
/// The longest message taken, as Chromium takes it. Each peer may cut its bytes into messages as it likes.
const MAX_MESSAGE_LEN: u32 = 256 * 1024;
/// Host candidates come at once; this is how long STUN and TURN servers are waited for.
const GATHERING_TIMEOUT: Duration = Duration::from_secs(2);
/// Between rounds of connectivity checks: RFC 8445's pace (section 14.2). Each end needs three rounds to connect, so the
/// library's 200 ms would cost every viewer 0.6 s.
const CHECK_INTERVAL: Duration = Duration::from_millis(50);
/// Checks of each pair of addresses before it is given up: as many as fit into the time for opening. The library gives
/// up after 1.4 s, in which an answer may not have reached the offerer yet.
const MAX_CHECKS: u16 = (OPEN_TIMEOUT.as_millis() / CHECK_INTERVAL.as_millis()) as u16;
/// The library sends the first packet of DTLS, of SCTP and of the data channel only when it next wakes up, which is up to
/// 200 ms later each time. So it is woken while a channel of ours opens.
const NUDGE_INTERVAL: Duration = Duration::from_millis(10);
/// Each step here is local work, most of it making a key; on a machine that is busy for longer nothing will play.
const STEP_TIMEOUT: Duration = Duration::from_secs(5);

/// A peer connection with its data channel in the making.
pub(super) struct Negotiation {
    connection: Arc<dyn PeerConnection>,
    progress: Progress,
    /// The channel that we made with our offer.
    own_channel: Option<Arc<dyn DataChannel>>,
    /// Stock clients label their channel as they like.
    any_label: bool,
    /// Its place at a port that is shared.
    seat: Option<Seat>,
}

/// What the library's callbacks have told.
struct Progress {
    gathered: watch::Receiver<bool>,
    failed: watch::Receiver<bool>,
    /// Channels that the peer has opened.
    channels: mpsc::Receiver<Arc<dyn DataChannel>>,
}

/// The library's callbacks. They run on the connection's own task and must not wait.
struct Callbacks {
    gathered: watch::Sender<bool>,
    failed: watch::Sender<bool>,
    channels: mpsc::Sender<Arc<dyn DataChannel>>,
}

#[async_trait::async_trait]
impl PeerConnectionEventHandler for Callbacks {
    async fn on_ice_gathering_state_change(&self, state: RTCIceGatheringState) {
        self.gathered
            .send_if_modified(|gathered| set(gathered, state == RTCIceGatheringState::Complete));
    }

    async fn on_connection_state_change(&self, state: RTCPeerConnectionState) {
        let over = matches!(
            state,
            RTCPeerConnectionState::Failed | RTCPeerConnectionState::Closed
        );
        self.failed.send_if_modified(|failed| set(failed, over));
    }

    async fn on_data_channel(&self, channel: Arc<dyn DataChannel>) {
        // There is room for the one that counts; a peer that opens more is not one of ours.
        if self.channels.try_send(channel).is_err() {
            self.failed.send_if_modified(|failed| set(failed, true));
        }
    }
}

/// Sets a flag that is never taken back. Returns whether that changed it.
fn set(flag: &mut bool, on: bool) -> bool {
    let changes = on && !*flag;
    *flag |= on;
    changes
}

impl Negotiation {
    /// Binds sockets at the addresses that this machine has now.
    pub(super) async fn start(network: &NetworkOptions) -> Result<Self, ConnectionError> {
        let addresses = network.socket_addresses();
        if addresses.is_empty() {
            return Err(ConnectionError::NoAddress);
        }
        let (gathered_sender, gathered) = watch::channel(false);
        let (failed_sender, failed) = watch::channel(false);
        let (channel_sender, channels) = mpsc::channel(1);
        let settings = SettingEngineBuilder::new()
            .with_include_loopback_candidate(true)
            // A browser that hides its addresses behind `.local` names is met by its own checks to our addresses,
            // and asking for the names would cost each connection a socket on port 5353.
            .with_multicast_dns_mode(MulticastDnsMode::Disabled)
            // …and is not kept waiting for an address of a better kind, as there will be none.
            .with_prflx_acceptance_min_wait(Some(Duration::ZERO))
            .with_ice_connection_attempts(Some(CHECK_INTERVAL), Some(MAX_CHECKS))
            // The offerer then sends all first packets, and it has a channel to be woken by (`NUDGE_INTERVAL`).
            .with_answering_dtls_role(RTCDtlsRole::Server)
            .with_sctp_max_message_size(SctpMaxMessageSize::Bounded(MAX_MESSAGE_LEN))
            .build();
        let configuration = RTCConfigurationBuilder::new()
            .with_ice_servers(ice_servers(network))
            .build();
        let has_turn = network
            .ice_servers
            .iter()
            .any(|server| server.url.starts_with("turn"));
        let seat = network.shared_port.as_ref().map(|port| port.seat(has_turn));
        let mut builder = PeerConnectionBuilder::new();
        if let Some(seat) = &seat {
            builder = builder.with_runtime(seat.runtime());
        }
        let building = builder
            .with_configuration(configuration)
            .with_setting_engine(settings)
            .with_handler(Arc::new(Callbacks {
                gathered: gathered_sender,
                failed: failed_sender,
                channels: channel_sender,
            }))
            .with_udp_addrs(addresses)
            .with_data_channel_send_buffer_limit(SEND_BUFFER)
            .build();
        Ok(Self {
            connection: Arc::new(in_time(building).await?),
            progress: Progress {
                gathered,
                failed,
                channels,
            },
            own_channel: None,
            any_label: false,
            seat,
        })
    }

    /// Takes the peer's data channel whatever its label is.
    pub(super) fn take_any_label(&mut self) {
        self.any_label = true;
    }

    /// Makes our offer.
    pub(super) async fn offer(&mut self) -> Result<String, ConnectionError> {
        // Ordered and reliable, which is the default.
        let options = Some(RTCDataChannelInit::default());
        let channel = in_time(self.connection.create_data_channel(LABEL, options)).await?;
        self.own_channel = Some(channel);
        let offer = in_time(self.connection.create_offer(None)).await?;
        self.describe(offer).await
    }

    /// Answers another's offer.
    pub(super) async fn answer(&mut self, offer: String) -> Result<String, ConnectionError> {
        let offer = RTCSessionDescription::offer(offer)?;
        in_time(self.connection.set_remote_description(offer)).await?;
        let answer = in_time(self.connection.create_answer(None)).await?;
        self.describe(answer).await
    }

    /// Takes the answer to our offer.
    pub(super) async fn accept_answer(&mut self, answer: String) -> Result<(), ConnectionError> {
        let answer = RTCSessionDescription::answer(answer)?;
        in_time(self.connection.set_remote_description(answer)).await
    }

    /// Applies our description and returns it with the candidates that were found in time.
    async fn describe(
        &mut self,
        description: RTCSessionDescription,
    ) -> Result<String, ConnectionError> {
        in_time(self.connection.set_local_description(description)).await?;
        let gathered = self.progress.gathered.wait_for(|gathered| *gathered);
        // Late candidates are done without.
        let _ = timeout(GATHERING_TIMEOUT, gathered).await;
        let description = self.connection.local_description().await;
        let sdp = description.ok_or(ConnectionError::Failed)?.sdp;
        Ok(match &self.seat {
            Some(seat) => seat.told(&sdp),
            None => sdp,
        })
    }

    /// Waits for the open data channel.
    pub(super) async fn opened(&mut self) -> Result<Arc<dyn DataChannel>, ConnectionError> {
        let channel = match self.own_channel.take() {
            Some(channel) => channel,
            None => self.peers_channel().await?,
        };
        let mut nudges = interval(NUDGE_INTERVAL);
        loop {
            let event = tokio::select! {
                event = channel.poll() => event,
                () = failed(&mut self.progress.failed) => None,
                _ = nudges.tick() => {
                    // Sets what is set already; what counts is that the library's task wakes up.
                    channel.set_buffered_amount_low_threshold(0).await?;
                    continue;
                }
            };
            match event {
                Some(DataChannelEvent::OnOpen) => return Ok(channel),
                Some(DataChannelEvent::OnClose) | None => return Err(ConnectionError::Failed),
                Some(_) => {}
            }
        }
    }

    async fn peers_channel(&mut self) -> Result<Arc<dyn DataChannel>, ConnectionError> {
        let channel = tokio::select! {
            channel = self.progress.channels.recv() => channel,
            () = failed(&mut self.progress.failed) => None,
        };
        let channel = channel.ok_or(ConnectionError::Failed)?;
        if !self.any_label && channel.label().await? != LABEL {
            return Err(ConnectionError::StrangeChannel);
        }
        Ok(channel)
    }

    /// Waits until the connection has failed.
    pub(super) async fn failed(&mut self) {
        failed(&mut self.progress.failed).await;
    }

    /// Closes sockets and ends the library's task.
    pub(super) async fn close(self) {
        if let Err(error) = self.connection.close().await {
            tracing::debug!("closing a connection: {error}");
        }
    }
}

async fn failed(failed: &mut watch::Receiver<bool>) {
    // A library that has dropped its callbacks has ended too.
    let _ = failed.wait_for(|failed| *failed).await;
}

/// A step of the library's that has to be over soon.
async fn in_time<T>(
    step: impl Future<Output = webrtc::error::Result<T>>,
) -> Result<T, ConnectionError> {
    let done = timeout(STEP_TIMEOUT, step).await;
    Ok(done.map_err(|_| ConnectionError::Slow)??)
}

fn ice_servers(network: &NetworkOptions) -> Vec<RTCIceServer> {
    let server = |server: &crate::seeder::IceServer| RTCIceServer {
        urls: vec![server.url.clone()],
        username: server.username.clone(),
        credential: server.password.clone(),
    };
    network.ice_servers.iter().map(server).collect()
}
