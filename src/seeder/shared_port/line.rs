//! A socket that many connections send from and receive at.

use std::io::{self, IoSliceMut};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use socket2::{Domain, Protocol, Socket, Type};
use tokio::io::Interest;
use tokio::time::sleep;
use webrtc::runtime::{RecvMeta, Transmit, UdpSockRef, UdpSocketState};

use super::seats::{Datagram, Seats};

/// Messages that are read at once.
const BATCH: usize = 8;
/// What a path carries in a packet, as far as the system joins packets of one sender.
const MTU: usize = 1500;
/// What the system keeps while this program is busy, for all connections together: a tenth of a second at 80 Mbit/s.
const RECEIVE_BUFFER: usize = 1024 * 1024;
/// After an error that is none of a single peer's.
const PAUSE: Duration = Duration::from_millis(10);

#[derive(Debug)]
pub(super) struct Line {
    io: tokio::net::UdpSocket,
    state: State,
}

/// [`UdpSocketState`] tells nothing of itself.
struct State(UdpSocketState);

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("UdpSocketState")
    }
}

impl Line {
    /// At all of this machine's addresses of a kind: machines move between networks.
    pub(super) fn bind(domain: Domain, port: u16) -> io::Result<Self> {
        let socket = Socket::new(domain, Type::DGRAM, Some(Protocol::UDP))?;
        let ip = if domain == Domain::IPV6 {
            socket.set_only_v6(true)?;
            IpAddr::V6(Ipv6Addr::UNSPECIFIED)
        } else {
            IpAddr::V4(Ipv4Addr::UNSPECIFIED)
        };
        socket.set_nonblocking(true)?;
        // A system that gives less gives less.
        let _ = socket.set_recv_buffer_size(RECEIVE_BUFFER);
        socket.bind(&SocketAddr::new(ip, port).into())?;
        let io = tokio::net::UdpSocket::from_std(UdpSocket::from(socket))?;
        let state = State(UdpSocketState::new(UdpSockRef::from(&io))?);
        Ok(Self { io, state })
    }

    pub(super) fn port(&self) -> io::Result<u16> {
        Ok(self.io.local_addr()?.port())
    }

    pub(super) fn is_ipv4(&self) -> bool {
        self.io.local_addr().is_ok_and(|at| at.is_ipv4())
    }

    pub(super) fn max_gso_segments(&self) -> usize {
        self.state.0.max_gso_segments()
    }

    /// Sends at once, or says that it would have to wait.
    pub(super) fn try_send(&self, transmit: &Transmit<'_>) -> io::Result<usize> {
        self.io.try_io(Interest::WRITABLE, || {
            self.state
                .0
                .try_send(UdpSockRef::from(&self.io), transmit)
                .map(|()| transmit.contents.len())
        })
    }

    /// Any number may wait for it.
    pub(super) async fn writable(self: Arc<Self>) -> io::Result<()> {
        self.io.writable().await
    }

    /// Hands what arrives to whom it is for. What a connection has no room for is lost, as packets are.
    pub(super) async fn deliver(self: Arc<Self>, seats: Arc<Seats>) {
        let len = MTU * self.state.0.gro_segments().max(1);
        let mut buffers = vec![vec![0; len]; BATCH];
        let mut metas = [RecvMeta::default(); BATCH];
        loop {
            match self.receive(&mut buffers, &mut metas).await {
                Ok(count) => {
                    for (buffer, meta) in buffers.iter().zip(&metas).take(count) {
                        pass_on(&seats, &buffer[..meta.len.min(len)], meta);
                    }
                }
                // How a peer that is gone is told of (ICMP) is no reason to stop listening to the others.
                Err(error) => {
                    tracing::trace!("at a shared port: {error}");
                    sleep(PAUSE).await;
                }
            }
        }
    }

    async fn receive(
        &self,
        buffers: &mut [Vec<u8>],
        metas: &mut [RecvMeta; BATCH],
    ) -> io::Result<usize> {
        let read = || {
            let mut slices: Vec<IoSliceMut<'_>> = buffers
                .iter_mut()
                .map(|buffer| IoSliceMut::new(buffer))
                .collect();
            self.state
                .0
                .recv(UdpSockRef::from(&self.io), &mut slices, metas)
        };
        self.io.async_io(Interest::READABLE, read).await
    }
}

/// What the system has joined is taken apart.
fn pass_on(seats: &Seats, bytes: &[u8], meta: &RecvMeta) {
    for packet in bytes.chunks(meta.stride.max(1)) {
        if let Some(queue) = seats.route(meta.addr, meta.dst_ip, packet) {
            let _ = queue.try_send(Datagram {
                from: meta.addr,
                bytes: Bytes::copy_from_slice(packet),
            });
        }
    }
}
