//! Seeds by str0m, in one thread over one blocking socket, as its examples do.

use std::collections::VecDeque;
use std::net::UdpSocket;
use std::time::{Duration, Instant};

use bytes::Bytes;
use seeding::signalling::{Answer, NO_INFO_HASH, Offer, address, read, say};
use seeding::wire::Seed;
use str0m::change::SdpOffer;
use str0m::channel::ChannelId;
use str0m::net::{Protocol, Receive};
use str0m::{Candidate, Event, IceConnectionState, Input, Output, Rtc, RtcConfig};

/// The longest packet.
const PACKET: usize = 2000;

fn main() -> anyhow::Result<()> {
    str0m::crypto::from_feature_flags().install_process_default();
    let mut rtc = RtcConfig::new().build(Instant::now());
    let socket = UdpSocket::bind((address(), 0))?;
    rtc.add_local_candidate(Candidate::host(socket.local_addr()?, "udp")?);
    let Offer { offer } = read()?;
    let answer = rtc
        .sdp_api()
        .accept_offer(SdpOffer::from_sdp_string(&offer)?)?;
    say(&Answer {
        answer: answer.to_sdp_string(),
        info_hash: NO_INFO_HASH.to_owned(),
    })?;
    let mut seeding = Seeding::default();
    let mut packet = vec![0; PACKET];
    while let Some(until) = seeding.drain(&mut rtc, &socket)? {
        let wait = until.saturating_duration_since(Instant::now());
        // A timeout of nothing would be none.
        socket.set_read_timeout(Some(wait.max(Duration::from_micros(100))))?;
        let input = match socket.recv_from(&mut packet) {
            Ok((len, source)) => Input::Receive(
                Instant::now(),
                Receive {
                    proto: Protocol::Udp,
                    source,
                    destination: socket.local_addr()?,
                    contents: packet[..len].try_into()?,
                },
            ),
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {
                Input::Timeout(Instant::now())
            }
            Err(error) => return Err(error.into()),
        };
        rtc.handle_input(input)?;
    }
    Ok(())
}

#[derive(Default)]
struct Seeding {
    seed: Seed,
    /// What does not fit into the library's buffer yet.
    queue: VecDeque<Bytes>,
    channel: Option<ChannelId>,
}

impl Seeding {
    /// Sends what there is, and returns until when nothing is to be done; `None` when the peer is gone.
    fn drain(&mut self, rtc: &mut Rtc, socket: &UdpSocket) -> anyhow::Result<Option<Instant>> {
        loop {
            match rtc.poll_output()? {
                Output::Transmit(packet) => {
                    socket.send_to(&packet.contents, packet.destination)?;
                }
                Output::Event(Event::ChannelOpen(id, _)) => self.channel = Some(id),
                Output::Event(Event::ChannelData(data)) => {
                    let queue = &mut self.queue;
                    self.seed
                        .receive(&data.data, |bytes| queue.push_back(bytes));
                }
                Output::Event(Event::IceConnectionStateChange(
                    IceConnectionState::Disconnected,
                )) => return Ok(None),
                Output::Event(_) => {}
                Output::Timeout(until) => {
                    if !self.write(rtc)? {
                        return Ok(Some(until));
                    }
                }
            }
        }
    }

    /// Whether anything could be written.
    fn write(&mut self, rtc: &mut Rtc) -> anyhow::Result<bool> {
        let mut wrote = false;
        if let Some(mut channel) = self.channel.and_then(|id| rtc.channel(id)) {
            while let Some(bytes) = self.queue.front() {
                if !channel.write(true, bytes)? {
                    break;
                }
                self.queue.pop_front();
                wrote = true;
            }
        }
        Ok(wrote)
    }
}
