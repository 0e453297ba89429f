//! What the WebRTC library takes for a socket of its own: one connection's part of a shared port.

use std::fmt;
use std::io::{self, IoSliceMut};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use tokio::sync::mpsc;
use webrtc::runtime::{AsyncUdpSocket, RecvMeta, Transmit};

use super::line::Line;
use super::packet::Packet;
use super::seats::{Datagram, SeatId, Seats};

/// Packets of one connection that wait for it: some hundredths of a second at 100 Mbit/s.
pub(super) const QUEUE: usize = 512;

type Waiting = Pin<Box<dyn Future<Output = io::Result<()>> + Send>>;

pub(super) struct SeatSocket {
    /// As the library knows it: a port that nobody else hears of.
    pub(super) address: SocketAddr,
    pub(super) seat: SeatId,
    pub(super) seats: Arc<Seats>,
    pub(super) line: Arc<Line>,
    /// For TURN: a server gives one relay to each socket, so that one cannot be shared.
    pub(super) own: Option<Arc<dyn AsyncUdpSocket>>,
    pub(super) inbox: Mutex<mpsc::Receiver<Datagram>>,
    /// For room in the line, where there was none.
    pub(super) waiting: Mutex<Option<Waiting>>,
}

impl fmt::Debug for SeatSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SeatSocket")
            .field("address", &self.address)
            .field("seat", &self.seat)
            .finish_non_exhaustive()
    }
}

impl SeatSocket {
    fn poll_line(&self, cx: &mut Context<'_>, transmit: &Transmit<'_>) -> Poll<io::Result<usize>> {
        let from_here = Transmit {
            destination: transmit.destination,
            ecn: transmit.ecn,
            contents: transmit.contents,
            segment_size: transmit.segment_size,
            src_ip: Some(self.address.ip()),
        };
        loop {
            match self.line.try_send(&from_here) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
                    let line = &self.line;
                    let room = waiting.get_or_insert_with(|| Box::pin(Arc::clone(line).writable()));
                    let free = ready!(room.as_mut().poll(cx));
                    *waiting = None;
                    free?;
                }
                sent => return Poll::Ready(sent),
            }
        }
    }
}

impl AsyncUdpSocket for SeatSocket {
    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }

    fn poll_send(&self, cx: &mut Context<'_>, transmit: &Transmit<'_>) -> Poll<io::Result<usize>> {
        let segment = transmit.segment_size.unwrap_or(transmit.contents.len());
        for bytes in transmit.contents.chunks(segment.max(1)) {
            match (Packet::read(bytes), &self.own) {
                // What goes to a TURN server is never joined with anything else.
                (Packet::Turn, Some(own)) => return own.poll_send(cx, transmit),
                (packet, _) => self.seats.sent(self.seat, transmit.destination, packet),
            }
        }
        self.poll_line(cx, transmit)
    }

    fn poll_recv(
        &self,
        cx: &mut Context<'_>,
        bufs: &mut [IoSliceMut<'_>],
        meta: &mut [RecvMeta],
    ) -> Poll<io::Result<usize>> {
        let (Some(buf), Some(about)) = (bufs.first_mut(), meta.first_mut()) else {
            return Poll::Ready(Ok(0));
        };
        let next = self
            .inbox
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .poll_recv(cx);
        // The queue's other end goes with the seat, when the connection has ended.
        if let Poll::Ready(Some(datagram)) = next {
            let len = datagram.bytes.len().min(buf.len());
            buf[..len].copy_from_slice(&datagram.bytes[..len]);
            *about = RecvMeta::default();
            about.addr = datagram.from;
            about.len = len;
            about.stride = len.max(1);
            return Poll::Ready(Ok(1));
        }
        match &self.own {
            Some(own) => own.poll_recv(cx, bufs, meta),
            None => Poll::Pending,
        }
    }

    fn max_gso_segments(&self) -> usize {
        self.line.max_gso_segments()
    }

    fn max_gro_segments(&self) -> usize {
        self.own.as_ref().map_or(1, |own| own.max_gro_segments())
    }
}
