//! Screens of a Wayland desktop: its own dialog asks the person which (xdg-desktop-portal's ScreenCast), and what was
//! chosen comes through PipeWire.

use std::os::fd::{AsRawFd, OwnedFd};
use std::sync::{Arc, Mutex, PoisonError};

use ashpd::desktop::screencast::{
    CursorMode, OpenPipeWireRemoteOptions, Screencast, SelectSourcesOptions, SourceType,
    StartCastOptions,
};
use ashpd::desktop::{CreateSessionOptions, PersistMode, ResponseError, Session};
use async_trait::async_trait;
use futures_util::StreamExt;
use gst::prelude::*;

use super::super::PictureFormat;
use super::super::error::SourceError;
use super::super::naming;
use super::super::outlet::PictureOutlet;
use super::super::pipeline::{
    SourcePipeline, Stopped, Timing, add_chain, add_picture_branch, element, link,
};
use super::super::source::{Expects, Source};

/// A screen that does not move sends nothing; this often, in milliseconds, the last picture is sent again.
const KEEP_ALIVE: i32 = 500;

/// What lets the same be captured again without another dialog, until the program ends.
static RESTORE_TOKEN: Mutex<Option<String>> = Mutex::new(None);

/// A screen that the person chose. Fields end in this order.
struct Shared {
    pipeline: SourcePipeline,
    /// The pipeline reads from it by its number.
    _remote: OwnedFd,
    /// When its connection to the desktop is dropped, the desktop ends the capture.
    session: Session<Screencast>,
}

/// Asks the person, and opens what they choose.
pub(super) async fn open(
    format: PictureFormat,
    outlet: Arc<PictureOutlet>,
) -> Result<Box<dyn Source>, SourceError> {
    let source = element("pipewiresrc", "gstreamer1.0-pipewire")?;
    let (session, stream, remote) = ask().await.map_err(explain)?;
    source.set_property("fd", remote.as_raw_fd());
    source.set_property("path", stream.to_string());
    source.set_property("do-timestamp", true);
    source.set_property("keepalive-time", KEEP_ALIVE);
    let pipeline = SourcePipeline::new();
    let branch = add_picture_branch(pipeline.inner(), format, Timing::Live, &outlet)?;
    add_chain(pipeline.inner(), &[&source])?;
    link(&source, &branch)?;
    let pipeline = pipeline.play(&naming::whole_screen()).await?;
    Ok(Box::new(Shared {
        pipeline,
        _remote: remote,
        session,
    }))
}

#[async_trait]
impl Source for Shared {
    async fn failure(&mut self) -> SourceError {
        let closed = async {
            match self.session.receive_closed().await {
                Ok(mut closed) => drop(closed.next().await),
                Err(error) => tracing::debug!(%error, "the desktop's portal is lost"),
            }
        };
        tokio::select! {
            () = closed => {}
            stopped = self.pipeline.stopped() => {
                if let Stopped::Failed(failure) = stopped {
                    tracing::debug!(error = %failure.error, detail = failure.detail, "the stream ended");
                }
            }
        }
        // Whoever ended it on the desktop would not like it to begin again by itself.
        remember(None);
        SourceError::PortalEnded
    }

    fn expects(&self) -> Expects {
        // Some desktops send only what changes.
        Expects::First
    }
}

/// Goes through the dialog: the session, the number of the stream, and PipeWire's socket.
async fn ask() -> ashpd::Result<(Session<Screencast>, u32, OwnedFd)> {
    // A connection of its own: a shared one would end together with the thread that first made it.
    let connection = ashpd::zbus::Connection::session().await?;
    let portal = Screencast::with_connection(connection).await?;
    let session = portal
        .create_session(CreateSessionOptions::default())
        .await?;
    let token = RESTORE_TOKEN
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone();
    let options = SelectSourcesOptions::default()
        .set_cursor_mode(CursorMode::Embedded)
        .set_sources(SourceType::Monitor | SourceType::Window)
        .set_multiple(false)
        .set_restore_token(token.as_deref())
        .set_persist_mode(PersistMode::Application);
    portal.select_sources(&session, options).await?.response()?;
    let started = portal
        .start(&session, None, StartCastOptions::default())
        .await?;
    let chosen = started.response()?;
    remember(chosen.restore_token());
    let stream = chosen.streams().first();
    let stream = stream.ok_or(ashpd::Error::Response(ResponseError::Cancelled))?;
    let remote = portal
        .open_pipe_wire_remote(&session, OpenPipeWireRemoteOptions::default())
        .await?;
    Ok((session, stream.pipe_wire_node_id(), remote))
}

fn remember(token: Option<&str>) {
    *RESTORE_TOKEN.lock().unwrap_or_else(PoisonError::into_inner) = token.map(str::to_owned);
}

fn explain(error: ashpd::Error) -> SourceError {
    match error {
        ashpd::Error::Response(_) => SourceError::PortalRefused,
        error => SourceError::NoPortal(error.to_string()),
    }
}
