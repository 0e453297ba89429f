//! Takes connections, speaks HTTP/1.1 on them, and ends them.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::{Extension, Router};
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::admission::{Admission, Permit, Refused};
use super::{Limits, tls};

/// How long a request's head may take to arrive, from when the connection is ready for it; so also how long a
/// connection may lie idle between requests. Browsers send theirs at once.
const REQUEST_PATIENCE: Duration = Duration::from_secs(15);
/// How long a connection may ask for pages; a browser opens another when it wants more. The whole page passes in that
/// time on any line that could carry video, and who reads it byte by byte does not keep a connection for ever.
const PAGE_TIME: Duration = Duration::from_secs(60);
/// The longest head of a request. Browsers' have less than 2 KiB here, where no cookie is set.
const MAX_HEAD_LEN: usize = 16 * 1024;
/// How long a page request that is under way may go on when the server stops, or its connection's time is up.
const LAST_REQUESTS: Duration = Duration::from_secs(1);
/// How long one who has come just before the server stops may take to ask for something: a long round trip.
const FIRST_REQUEST: Duration = Duration::from_millis(500);
/// The pause after accepting fails, which is when the process has no file descriptor left. Chosen.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);
/// How long shaking hands for TLS may take: a few round trips, and some arithmetic on a slow phone.
const HANDSHAKE_PATIENCE: Duration = Duration::from_secs(10);
/// How long a refused connection gets to hear why.
const REFUSAL_PATIENCE: Duration = Duration::from_secs(1);
/// How many refused connections hear why at the same time; in a flood the others are just closed.
const REFUSALS_AT_ONCE: usize = 32;

/// Takes connections until told to stop.
pub(super) struct Connections {
    admission: Arc<Admission>,
    tls: Option<TlsAcceptor>,
    sockets: TaskTracker,
    stop: CancellationToken,
}

impl Connections {
    pub(super) fn new(
        limits: Limits,
        tls: Option<Arc<ServerConfig>>,
        stop: CancellationToken,
    ) -> Self {
        Self {
            admission: Admission::new(limits.connections_in_all, limits.connections_per_address),
            tls: tls.map(TlsAcceptor::from),
            sockets: TaskTracker::new(),
            stop,
        }
    }

    /// The same, without TLS: who connects here and there counts once.
    pub(super) fn unencrypted(&self) -> Self {
        Self {
            admission: Arc::clone(&self.admission),
            tls: None,
            sockets: TaskTracker::new(),
            stop: self.stop.clone(),
        }
    }

    /// Where the tasks of connections that have become WebSockets are kept account of.
    pub(super) fn sockets(&self) -> TaskTracker {
        self.sockets.clone()
    }

    /// Serves until told to stop, and returns when the last connection is closed.
    pub(super) async fn run(self, listeners: Vec<TcpListener>, router: Router) {
        let connections = Arc::new(self);
        let refusals = Arc::new(Semaphore::new(REFUSALS_AT_ONCE));
        let mut accepting = JoinSet::new();
        for listener in listeners {
            let connections = Arc::clone(&connections);
            let (router, refusals) = (router.clone(), Arc::clone(&refusals));
            accepting.spawn(async move { connections.accept(listener, router, refusals).await });
        }
        while accepting.join_next().await.is_some() {}
        connections.sockets.close();
        connections.sockets.wait().await;
    }

    /// Serves those who come at one address.
    async fn accept(&self, listener: TcpListener, router: Router, refusals: Arc<Semaphore>) {
        let mut tasks = JoinSet::new();
        loop {
            let accepted = tokio::select! {
                () = self.stop.cancelled() => break,
                Some(_) = tasks.join_next() => continue,
                accepted = listener.accept() => accepted,
            };
            match accepted {
                Ok((stream, from)) => self.take(stream, from, &router, &refusals, &mut tasks),
                Err(error) => {
                    tracing::warn!("cannot take a connection: {error}");
                    sleep(ACCEPT_PAUSE).await;
                }
            }
        }
        drop(listener);
        // They end by themselves now, each within about a second.
        while tasks.join_next().await.is_some() {}
    }

    fn take(
        &self,
        stream: TcpStream,
        from: SocketAddr,
        router: &Router,
        refusals: &Arc<Semaphore>,
        tasks: &mut JoinSet<()>,
    ) {
        // Offers and answers are small and wanted at once.
        let _ = stream.set_nodelay(true);
        match self.admission.enter(from.ip()) {
            Ok(permit) => {
                let (router, stop) = (router.clone(), self.stop.clone());
                match self.tls.clone() {
                    None => tasks.spawn(serve(stream, router, permit, stop)),
                    Some(tls) => tasks.spawn(serve_encrypted(stream, tls, router, permit, stop)),
                };
            }
            // Who has not shaken hands cannot be told anything.
            Err(_) if self.tls.is_some() => {}
            Err(refused) => {
                if let Ok(turn) = Arc::clone(refusals).try_acquire_owned() {
                    tasks.spawn(async move {
                        let _ = timeout(REFUSAL_PATIENCE, refuse(stream, refused)).await;
                        drop(turn);
                    });
                }
            }
        }
    }
}

async fn serve_encrypted(
    stream: TcpStream,
    tls: TlsAcceptor,
    router: Router,
    permit: Permit,
    stop: CancellationToken,
) {
    let handshake = timeout(HANDSHAKE_PATIENCE, tls.accept(stream));
    // Who has come before the server stops still gets an answer.
    let out_of_time = async {
        stop.cancelled().await;
        sleep(LAST_REQUESTS).await;
    };
    let shaken = tokio::select! {
        shaken = handshake => shaken,
        () = out_of_time => return,
    };
    match shaken {
        Ok(Ok(stream)) if tls::was_challenge(stream.get_ref().1) => {}
        Ok(Ok(stream)) => serve(stream, router, permit, stop).await,
        Ok(Err(error)) => tracing::debug!("a handshake failed: {error}"),
        Err(_) => {}
    }
}

async fn serve<S>(stream: S, router: Router, permit: Permit, stop: CancellationToken)
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let service = TowerToHyperService::new(router.layer(Extension(Arc::new(permit))));
    let asked = CancellationToken::new();
    let service = service_fn(|request| {
        asked.cancel();
        service.call(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(REQUEST_PATIENCE)
        .max_buf_size(MAX_HEAD_LEN)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let mut connection = std::pin::pin!(connection);
    let time_to_go = async {
        if timeout(PAGE_TIME, stop.cancelled()).await.is_ok() {
            // Who has just come gets an answer: the connection would be closed before the request was read.
            let _ = timeout(FIRST_REQUEST, asked.cancelled()).await;
        }
    };
    let ended = tokio::select! {
        ended = connection.as_mut() => Ok(ended),
        () = time_to_go => {
            connection.as_mut().graceful_shutdown();
            timeout(LAST_REQUESTS, connection).await
        }
    };
    match ended {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::debug!("a connection broke: {error}"),
        Err(_) => tracing::debug!("a connection did not end in time"),
    }
}

/// Says why a connection is not taken. Some of the request is read first: closing before would reset the connection
/// and lose the reply.
async fn refuse(mut stream: TcpStream, refused: Refused) -> std::io::Result<()> {
    let mut request = [0; 4096];
    let _some = stream.read(&mut request).await?;
    let reply = format!(
        "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain; charset=utf-8\r\n\
         Content-Length: {}\r\nConnection: close\r\nRetry-After: 10\r\n\r\n{refused}\n",
        refused.to_string().len() + 1,
    );
    stream.write_all(reply.as_bytes()).await?;
    stream.shutdown().await
}
