//! Commands on standard input while a broadcast is on, a line each: what the window's buttons do, for scripts.

use std::io::BufRead;
use std::thread;

use swarm::Details;
use tokio::sync::mpsc;

use super::sources;
use crate::broadcast::Command;
use crate::capture::{Corner, Overlay, OverlaySize, VideoSource};
use crate::recording::RecordingOptions;

/// Lines that wait. Whoever writes faster than the engine obeys waits at the pipe.
const QUEUE: usize = 16;

/// What `--control` explains.
pub(super) const HELP: &str = "Commands with --control, a line each on standard input: pause, continue, mute, unmute, \
    sensitive, not-sensitive, title TEXT, overlay on|off|SOURCE|CORNER|SIZE, record FILE, stop-recording, log, stop.";

/// What a line asks for.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Wish {
    /// A command that needs nothing else.
    Plain(Command),
    /// Change what people are told.
    Sensitive(bool),
    /// Change the title.
    Title(String),
    /// Show the overlay, or hide it.
    OverlayShown(bool),
    /// Show this in it.
    OverlaySource(VideoSource),
    /// Put it there.
    OverlayCorner(Corner),
    /// Make it so large.
    OverlaySize(OverlaySize),
    /// Print the log.
    Log,
}

impl Wish {
    fn parse(line: &str) -> Result<Self, String> {
        let line = line.trim();
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        Ok(match (word, rest.trim()) {
            ("pause", "") => Self::Plain(Command::Pause),
            ("continue", "") => Self::Plain(Command::Continue),
            ("mute", "") => Self::Plain(Command::SetMuted(true)),
            ("unmute", "") => Self::Plain(Command::SetMuted(false)),
            ("record", file) if !file.is_empty() => {
                Self::Plain(Command::Record(RecordingOptions::new(file.into())))
            }
            ("stop-recording", "") => Self::Plain(Command::StopRecording),
            ("stop", "") => Self::Plain(Command::Stop),
            ("log", "") => Self::Log,
            ("sensitive", "") => Self::Sensitive(true),
            ("not-sensitive", "") => Self::Sensitive(false),
            ("overlay", overlay) => Self::overlay(overlay)?,
            ("title", title) => Self::Title(title.to_owned()),
            _ => return Err(format!("'{line}' is no command. {HELP}")),
        })
    }

    fn overlay(text: &str) -> Result<Self, String> {
        Ok(match text {
            "on" => Self::OverlayShown(true),
            "off" => Self::OverlayShown(false),
            _ => {
                if let Ok(corner) = sources::corner(text) {
                    Self::OverlayCorner(corner)
                } else if let Ok(size) = sources::overlay_size(text) {
                    Self::OverlaySize(size)
                } else {
                    Self::OverlaySource(sources::video(text)?)
                }
            }
        })
    }

    /// The command, given what people are told and shown now; `None` where the engine has nothing to do.
    pub(super) fn command(self, details: &Details, overlay: &Overlay) -> Option<Command> {
        Some(match self {
            Self::Plain(command) => command,
            Self::Sensitive(sensitive) => Command::SetDetails(Details {
                sensitive,
                ..details.clone()
            }),
            Self::Title(title) => Command::SetDetails(Details {
                title,
                ..details.clone()
            }),
            Self::OverlayShown(shown) => Command::SetOverlay(Overlay {
                shown,
                ..overlay.clone()
            }),
            Self::OverlaySource(source) => Command::SetOverlay(Overlay {
                shown: true,
                source,
                ..overlay.clone()
            }),
            Self::OverlayCorner(corner) => Command::SetOverlay(Overlay {
                corner,
                ..overlay.clone()
            }),
            Self::OverlaySize(size) => Command::SetOverlay(Overlay {
                size,
                ..overlay.clone()
            }),
            Self::Log => return None,
        })
    }
}

/// Reads standard input on a thread of its own. A read cannot be interrupted, so the thread ends with the input, or with
/// the process.
pub(super) fn listen() -> std::io::Result<mpsc::Receiver<Wish>> {
    let (sender, receiver) = mpsc::channel(QUEUE);
    thread::Builder::new()
        .name("control".to_owned())
        .spawn(move || {
            for line in std::io::stdin().lock().lines().map_while(Result::ok) {
                if line.trim().is_empty() {
                    continue;
                }
                match Wish::parse(&line) {
                    Ok(wish) => {
                        if sender.blocking_send(wish).is_err() {
                            return;
                        }
                    }
                    Err(problem) => eprintln!("liveontorrent: {problem}"),
                }
            }
        })?;
    Ok(receiver)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_commands() {
        for (line, wish) in [
            ("pause", Wish::Plain(Command::Pause)),
            (" continue\r", Wish::Plain(Command::Continue)),
            ("unmute", Wish::Plain(Command::SetMuted(false))),
            ("not-sensitive", Wish::Sensitive(false)),
            ("title  A new one ", Wish::Title("A new one".to_owned())),
            ("overlay off", Wish::OverlayShown(false)),
            ("overlay top-left", Wish::OverlayCorner(Corner::TopLeft)),
            ("overlay large", Wish::OverlaySize(OverlaySize::Large)),
            (
                "overlay camera",
                Wish::OverlaySource(VideoSource::Camera(None)),
            ),
        ] {
            assert_eq!(Wish::parse(line), Ok(wish), "{line}");
        }
    }

    #[test]
    fn what_is_no_command_is_answered_with_those_that_are() {
        for line in ["start", "pause now", "Pause", "record"] {
            assert!(Wish::parse(line).unwrap_err().contains("continue"));
        }
    }

    #[test]
    fn a_new_title_leaves_the_rest_as_it_is() {
        let details = Details {
            sensitive: true,
            ..Details::titled("Old")
        };
        let command = Wish::Title("New".to_owned()).command(&details, &Overlay::default());
        let expected = Details {
            title: "New".to_owned(),
            ..details
        };
        assert_eq!(command, Some(Command::SetDetails(expected)));
    }

    #[test]
    fn what_is_named_for_the_overlay_is_shown_in_it_where_it_is() {
        let overlay = Overlay {
            corner: Corner::TopLeft,
            ..Overlay::default()
        };
        let wish = Wish::parse("overlay file:/films/us.mp4").unwrap();
        let expected = Overlay {
            shown: true,
            source: VideoSource::File("/films/us.mp4".into()),
            ..overlay.clone()
        };
        let command = wish.command(&Details::default(), &overlay);
        assert_eq!(command, Some(Command::SetOverlay(expected)));
        assert!(
            Wish::parse("overlay middle")
                .unwrap_err()
                .contains("no source")
        );
    }
}
