//! Ctrl-C, and a service manager's wish to stop.

use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

/// Listens for the signals as long as it is kept.
pub(super) struct Interrupt {
    token: CancellationToken,
    _listening: AbortOnDropHandle<()>,
}

impl Interrupt {
    /// From now on a first signal cancels the token instead of ending the process; a second one ends it.
    pub(super) fn listen() -> std::io::Result<Self> {
        let mut signals = Signals::new()?;
        let token = CancellationToken::new();
        let cancel = token.clone();
        let listening = tokio::spawn(async move {
            signals.next().await;
            cancel.cancel();
            signals.next().await;
            // Asked twice, somebody does not want to wait for an orderly end.
            std::process::exit(1);
        });
        Ok(Self {
            token,
            _listening: AbortOnDropHandle::new(listening),
        })
    }

    pub(super) fn token(&self) -> CancellationToken {
        self.token.clone()
    }
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) {
        // A console that cannot be listened to ends the process by itself.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
