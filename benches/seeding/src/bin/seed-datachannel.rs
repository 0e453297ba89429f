//! Seeds by libdatachannel, through the `datachannel` crate.

use std::sync::{Arc, Mutex, mpsc};

use bytes::Bytes;
use datachannel::{
    DataChannelHandler, DataChannelInfo, GatheringState, PeerConnectionHandler, RtcConfig,
    RtcDataChannel, RtcPeerConnection, SdpType, SessionDescription,
};
use seeding::signalling::{Answer, NO_INFO_HASH, Offer, address, read, say, until_told_to_end};
use seeding::wire::Seed;

/// The channel, once there is one: its callbacks and its sending end are handed out apart.
type Channel = Arc<Mutex<Option<Box<RtcDataChannel<Receiving>>>>>;

#[derive(Clone)]
struct Receiving {
    bytes: mpsc::Sender<Bytes>,
}

impl DataChannelHandler for Receiving {
    fn on_message(&mut self, message: &[u8]) {
        let _ = self.bytes.send(Bytes::copy_from_slice(message));
    }
}

struct Connecting {
    receiving: Receiving,
    channel: Channel,
    gathered: mpsc::Sender<()>,
}

impl PeerConnectionHandler for Connecting {
    type DCH = Receiving;

    fn data_channel_handler(&mut self, _: DataChannelInfo) -> Receiving {
        self.receiving.clone()
    }

    fn on_gathering_state_change(&mut self, state: GatheringState) {
        if state == GatheringState::Complete {
            let _ = self.gathered.send(());
        }
    }

    fn on_data_channel(&mut self, channel: Box<RtcDataChannel<Receiving>>) {
        if let Ok(mut slot) = self.channel.lock() {
            *slot = Some(channel);
        }
    }
}

fn main() -> anyhow::Result<()> {
    let Offer { offer } = read()?;
    let (bytes, received) = mpsc::channel();
    let (gathered, gathering) = mpsc::channel();
    let channel = Channel::default();
    let connecting = Connecting {
        receiving: Receiving { bytes },
        channel: channel.clone(),
        gathered,
    };
    let config = RtcConfig::new::<&str>(&[]).bind_address(&address().to_string());
    let mut connection = RtcPeerConnection::new(&config, connecting)?;
    let sdp = serde_json::from_value(serde_json::json!({ "type": "offer", "sdp": offer }))?;
    connection.set_remote_description(&sdp)?;
    gathering.recv()?;
    let description: SessionDescription = connection
        .local_description()
        .ok_or_else(|| anyhow::anyhow!("no answer"))?;
    assert_eq!(description.sdp_type, SdpType::Answer);
    say(&Answer {
        answer: description.sdp.to_string(),
        info_hash: NO_INFO_HASH.to_owned(),
    })?;
    std::thread::spawn(move || seed(&received, &channel));
    until_told_to_end();
    Ok(())
}

fn seed(received: &mpsc::Receiver<Bytes>, channel: &Channel) {
    let mut seed = Seed::default();
    while let Ok(bytes) = received.recv() {
        let mut messages = Vec::new();
        seed.receive(&bytes, |message| messages.push(message));
        let Ok(mut channel) = channel.lock() else {
            return;
        };
        for message in messages {
            if let Some(channel) = channel.as_mut() {
                let _ = channel.send(&message);
            }
        }
    }
}
