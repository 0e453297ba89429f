//! The WebRTC library's runtime for one connection at a shared port. The library binds a socket for itself before it asks;
//! what it gets back for it here sends from, and receives at, the port that all share.

use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::sync::mpsc;
use webrtc::runtime::{
    AsyncInterval, AsyncTcpListener, AsyncTcpStream, AsyncUdpSocket, JoinHandle, Runtime,
    TokioRuntime,
};

use super::line::Line;
use super::seats::{SeatId, Seats};
use super::socket::{QUEUE, SeatSocket};

#[derive(Debug)]
pub(super) struct SeatRuntime {
    pub(super) seat: SeatId,
    pub(super) seats: Arc<Seats>,
    pub(super) lines: Arc<[Arc<Line>]>,
    /// Whether the connection has a TURN server.
    pub(super) keeps_own: bool,
}

impl Runtime for SeatRuntime {
    fn wrap_udp_socket(&self, socket: UdpSocket) -> io::Result<Arc<dyn AsyncUdpSocket>> {
        let address = socket.local_addr()?;
        let line = self
            .lines
            .iter()
            .find(|line| line.is_ipv4() == address.is_ipv4());
        let Some(line) = line else {
            return TokioRuntime.wrap_udp_socket(socket);
        };
        let own = match self.keeps_own {
            true => Some(TokioRuntime.wrap_udp_socket(socket)?),
            false => None,
        };
        let (queue, inbox) = mpsc::channel(QUEUE);
        self.seats.listen(self.seat, address.ip(), queue);
        Ok(Arc::new(SeatSocket {
            address,
            seat: self.seat,
            seats: Arc::clone(&self.seats),
            line: Arc::clone(line),
            own,
            inbox: Mutex::new(inbox),
            waiting: Mutex::default(),
        }))
    }

    fn spawn(&self, future: Pin<Box<dyn Future<Output = ()> + Send>>) -> Box<dyn JoinHandle> {
        TokioRuntime.spawn(future)
    }

    fn spawn_reactor(
        &self,
        reactor_pool_size: usize,
        future: Pin<Box<dyn Future<Output = ()> + Send>>,
    ) -> Box<dyn JoinHandle> {
        TokioRuntime.spawn_reactor(reactor_pool_size, future)
    }

    fn wrap_tcp_listener(
        &self,
        listener: std::net::TcpListener,
    ) -> io::Result<Arc<dyn AsyncTcpListener>> {
        TokioRuntime.wrap_tcp_listener(listener)
    }

    fn connect_tcp<'a>(
        &'a self,
        remote_addr: SocketAddr,
    ) -> Pin<Box<dyn Future<Output = io::Result<Arc<dyn AsyncTcpStream>>> + Send + 'a>> {
        TokioRuntime.connect_tcp(remote_addr)
    }

    fn resolve_host<'a>(
        &'a self,
        host: &'a str,
    ) -> Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send + 'a>> {
        TokioRuntime.resolve_host(host)
    }

    fn now(&self) -> Instant {
        TokioRuntime.now()
    }

    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + 'static>> {
        TokioRuntime.sleep(duration)
    }

    fn interval(&self, period: Duration) -> Box<dyn AsyncInterval> {
        TokioRuntime.interval(period)
    }

    fn block_on(&self, future: Pin<Box<dyn Future<Output = ()> + '_>>) {
        TokioRuntime.block_on(future);
    }

    fn yield_now(&self) -> Pin<Box<dyn Future<Output = ()> + Send + 'static>> {
        TokioRuntime.yield_now()
    }

    fn name(&self) -> &'static str {
        "tokio, at a shared port"
    }
}
