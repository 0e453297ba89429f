//! Where the stream is written: a task of its own, so that a player that has paused holds up nothing else.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::OutputTarget;

/// Segments that wait for a slow reader, beside what the driver keeps.
const QUEUE_LEN: usize = 4;
/// How long a reader may take for what is left at the end.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(1);

/// Why the stream cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// The file cannot be begun.
    #[error("cannot write to {path}: {source}; choose another file with --output")]
    Open {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Writing failed half-way.
    #[error("writing the stream to {to} failed: {source}; it is complete up to there")]
    Write {
        /// A file, or standard output.
        to: String,
        /// Why, such as a full disk.
        source: io::Error,
    },
}

/// How the output's task ended.
type Ending = Result<(), OutputError>;

/// The writing end.
pub(super) struct Output {
    queue: mpsc::Sender<Bytes>,
    writing: JoinHandle<Ending>,
}

impl Output {
    pub(super) async fn open(target: &OutputTarget) -> Result<Self, OutputError> {
        let (queue, receiver) = mpsc::channel(QUEUE_LEN);
        let writing = match target {
            OutputTarget::Nowhere => write(tokio::io::sink(), String::new(), receiver),
            OutputTarget::StandardOutput => {
                let name = "standard output".to_owned();
                write(tokio::io::stdout(), name, receiver)
            }
            OutputTarget::File(path) => {
                let opened = tokio::fs::File::create(path).await;
                let file = opened.map_err(|source| OutputError::Open {
                    path: path.clone(),
                    source,
                })?;
                write(file, path.display().to_string(), receiver)
            }
        };
        Ok(Self { queue, writing })
    }

    /// Waits for room in the queue. `None` once nobody reads any more, or writing has failed: then [`Self::close`]
    /// says which.
    pub(super) async fn room(&self) -> Option<mpsc::Permit<'_, Bytes>> {
        self.queue.reserve().await.ok()
    }

    /// Writes what is queued, as far as the reader takes it.
    pub(super) async fn close(self) -> Ending {
        drop(self.queue);
        let stop = self.writing.abort_handle();
        match timeout(FLUSH_TIMEOUT, self.writing).await {
            Ok(Ok(ending)) => ending,
            // A panic has been shown by its hook.
            Ok(Err(_)) => Ok(()),
            Err(_) => {
                stop.abort();
                Ok(())
            }
        }
    }
}

fn write(
    mut to: impl AsyncWrite + Unpin + Send + 'static,
    name: String,
    mut queue: mpsc::Receiver<Bytes>,
) -> JoinHandle<Ending> {
    tokio::spawn(async move {
        while let Some(bytes) = queue.recv().await {
            let written = match to.write_all(&bytes).await {
                // So that a player gets each segment at once, and a full disk is noticed here.
                Ok(()) => to.flush().await,
                failed => failed,
            };
            match written {
                Ok(()) => {}
                // A player that was closed has seen enough.
                Err(source) if source.kind() == io::ErrorKind::BrokenPipe => return Ok(()),
                Err(source) => return Err(OutputError::Write { to: name, source }),
            }
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_written_is_what_was_queued() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("stream.mp4");
        let output = Output::open(&OutputTarget::File(path.clone()))
            .await
            .unwrap();
        for part in ["ftyp", "moov", "moof", "mdat", "moof", "mdat"] {
            output
                .room()
                .await
                .unwrap()
                .send(Bytes::from_static(part.as_bytes()));
        }
        output.close().await.unwrap();
        assert_eq!(std::fs::read(path).unwrap(), b"ftypmoovmoofmdatmoofmdat");
    }

    #[tokio::test]
    async fn a_file_that_cannot_be_made_is_named() {
        let path = PathBuf::from("/nowhere/stream.mp4");
        let Err(error) = Output::open(&OutputTarget::File(path)).await else {
            panic!("opened");
        };
        assert!(error.to_string().contains("/nowhere/stream.mp4"), "{error}");
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn a_full_disk_is_said() {
        let path = PathBuf::from("/dev/full");
        let output = Output::open(&OutputTarget::File(path)).await.unwrap();
        while let Some(room) = output.room().await {
            room.send(Bytes::from_static(&[0; 100_000]));
        }
        let error = output.close().await.unwrap_err();
        assert!(error.to_string().contains("No space left"), "{error}");
    }

    #[tokio::test]
    async fn a_reader_that_goes_away_is_no_error() {
        let (reader, writer) = tokio::io::duplex(16);
        let (queue, receiver) = mpsc::channel(QUEUE_LEN);
        let writing = write(writer, "a pipe".to_owned(), receiver);
        let output = Output { queue, writing };
        drop(reader);
        while let Some(room) = output.room().await {
            room.send(Bytes::from_static(b"segment"));
        }
        output.close().await.unwrap();
    }

    #[tokio::test]
    async fn a_reader_that_has_paused_cannot_hold_up_the_end() {
        let (_reader, writer) = tokio::io::duplex(16);
        let (queue, receiver) = mpsc::channel(QUEUE_LEN);
        let writing = write(writer, "a pipe".to_owned(), receiver);
        let output = Output { queue, writing };
        output
            .room()
            .await
            .unwrap()
            .send(Bytes::from_static(&[0; 100]));
        timeout(FLUSH_TIMEOUT * 2, output.close())
            .await
            .unwrap()
            .unwrap();
    }
}
