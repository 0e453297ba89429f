//! What happens beside the window: it is woken when the engine's state changes, and file dialogs are waited for.
//!
//! Both live on one thread that ends with the window.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;

use crate::broadcast::Snapshot;
use crate::texts::{self, Language, t};

/// The shortest time from one wake-up to the next. Ten preview frames a second are enough to judge a picture by.
const SHORTEST_PAUSE: Duration = Duration::from_millis(100);
/// The same without a graphics card, where each frame costs 14 ms of a processor that the encoder needs too: the preview
/// is to take no more than a tenth of one.
const SHORTEST_PAUSE_IN_SOFTWARE: Duration = Duration::from_millis(170);
/// How the threads are named with which Mesa draws in software.
#[cfg(target_os = "linux")]
const SOFTWARE_THREADS: &str = "llvmpipe";

/// Practically at once. Without a delay egui draws twice, to let things settle that a person's input moved; a picture's
/// next frame moves nothing, and twice cost twice.
const AT_ONCE: Duration = Duration::from_millis(1);

/// What a file dialog offers first.
const VIDEO_EXTENSIONS: &[&str] = &[
    "mp4", "m4v", "mkv", "webm", "mov", "avi", "ts", "mts", "mpg", "mpeg", "ogv", "flv", "wmv",
];

/// The thread; it ends when this is dropped.
pub struct Background {
    ending: CancellationToken,
    thread: Option<JoinHandle<()>>,
    dialogs: FileDialogs,
}

impl Background {
    /// Starts it for the window that draws with `context`.
    pub fn start(
        context: egui::Context,
        snapshots: watch::Receiver<Arc<Snapshot>>,
    ) -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()?;
        let ending = CancellationToken::new();
        // One waits while one is answered: more dialogs would only hide each other.
        let (questions, asked) = mpsc::channel(1);
        let until = ending.clone();
        let thread = thread::Builder::new()
            .name("window".into())
            .spawn(move || {
                let work = async {
                    tokio::join!(
                        wake_at_changes(&context, snapshots),
                        answer_questions(&context, asked)
                    )
                };
                runtime.block_on(until.run_until_cancelled(work));
            })?;
        Ok(Self {
            ending,
            thread: Some(thread),
            dialogs: FileDialogs(questions),
        })
    }

    /// The way to ask for a file.
    pub fn dialogs(&self) -> &FileDialogs {
        &self.dialogs
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        self.ending.cancel();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::warn!("the window's background thread panicked");
        }
    }
}

/// Asks the desktop for a file, without holding up the window.
pub struct FileDialogs(mpsc::Sender<Question>);

/// A file that is asked for.
struct Question {
    of: Wanted,
    language: Language,
    answer: oneshot::Sender<Option<PathBuf>>,
}

/// What a file is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// A video that is there.
    Video,
    /// A recording that will be.
    Recording,
    /// A picture of the link that will be.
    Code,
    /// A copy of the channel's key that will be.
    KeyCopy,
    /// Such a copy that is there.
    Key,
}

impl FileDialogs {
    /// Opens the desktop's dialog. The answer comes when the person has chosen; there is none (`None`) when they did
    /// not, or when the desktop has no such dialog. `None` at once: two others wait already.
    pub fn ask(&self, of: Wanted) -> Option<oneshot::Receiver<Option<PathBuf>>> {
        let (answer, answered) = oneshot::channel();
        let question = Question {
            of,
            language: texts::language(),
            answer,
        };
        self.0.try_send(question).ok().map(|()| answered)
    }
}

/// Whether there is no graphics card to draw with, told by Mesa's threads in this process.
#[cfg(target_os = "linux")]
fn draws_in_software() -> bool {
    let tasks = procfs::process::Process::myself().and_then(|process| process.tasks());
    tasks.is_ok_and(|tasks| {
        tasks
            .flatten()
            .filter_map(|task| task.stat().ok())
            .any(|thread| thread.comm.starts_with(SOFTWARE_THREADS))
    })
}

#[cfg(not(target_os = "linux"))]
fn draws_in_software() -> bool {
    false
}

async fn wake_at_changes(context: &egui::Context, mut snapshots: watch::Receiver<Arc<Snapshot>>) {
    let pause = if draws_in_software() {
        SHORTEST_PAUSE_IN_SOFTWARE
    } else {
        SHORTEST_PAUSE
    };
    while snapshots.changed().await.is_ok() {
        context.request_repaint_after(AT_ONCE);
        tokio::time::sleep(pause).await;
    }
    // The engine is gone, which the window shows.
    context.request_repaint();
}

async fn answer_questions(context: &egui::Context, mut asked: mpsc::Receiver<Question>) {
    while let Some(question) = asked.recv().await {
        let Question {
            of,
            language,
            answer,
        } = question;
        let dialog = texts::within(language, || dialog(of));
        let file = match of {
            Wanted::Video | Wanted::Key => dialog.pick_file().await,
            Wanted::Recording | Wanted::Code | Wanted::KeyCopy => dialog.save_file().await,
        };
        // The window may have stopped waiting, for example because a path was typed meanwhile.
        let _ = answer.send(file.map(|file| file.path().to_owned()));
        context.request_repaint();
    }
}

fn dialog(of: Wanted) -> rfd::AsyncFileDialog {
    let dialog = rfd::AsyncFileDialog::new();
    match of {
        Wanted::Video => dialog
            .set_title(t("dialog-video"))
            .add_filter(t("dialog-videos"), VIDEO_EXTENSIONS)
            .add_filter(t("dialog-all"), &["*"]),
        Wanted::Recording => dialog
            .set_title(t("dialog-record"))
            .add_filter("MP4", &["mp4"])
            .set_file_name("broadcast.mp4"),
        Wanted::Code => dialog
            .set_title(t("dialog-code"))
            .add_filter(t("dialog-pictures"), &["png", "svg"])
            .set_file_name("live-on-torrent.png"),
        Wanted::KeyCopy => dialog
            .set_title(t("dialog-copy"))
            .set_file_name("live-on-torrent-channel.txt"),
        Wanted::Key => dialog.set_title(t("dialog-key")),
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn mesas_threads_tell_that_it_draws_in_software() {
        assert!(!draws_in_software());
        let (ended, end) = std::sync::mpsc::channel::<()>();
        let (began, begun) = std::sync::mpsc::channel();
        let thread = thread::Builder::new().name(format!("{SOFTWARE_THREADS}-0"));
        let drawing = thread
            .spawn(move || {
                began.send(()).unwrap();
                // Until the other end is dropped.
                let _ = end.recv();
            })
            .unwrap();
        begun.recv().unwrap();
        assert!(draws_in_software());
        drop(ended);
        drawing.join().unwrap();
    }
}
