//! What errors are called in hints. Their own texts are for the command line, which has other remedies: options, where the
//! window has settings.
//!
//! What a streamer meets in ordinary use is a text of ours, in each language. The rest, such as a system without random
//! numbers, is said in the error's own words.

use std::path::Path;

use super::choices::SettingsError;
use super::moving::MovingError;
use super::reach::AddressError;
use super::station::StationError;
use crate::recording::RecordingError;
use crate::router::RouterError;
use crate::seeder::{IceServerError, KeyCopyError, KeyError, PortRangeError, SharedPortError};
use crate::segmenter::SegmenterError;
use crate::server::ServerError;
use crate::texts::Message;

fn of_file(id: &'static str, path: &Path) -> Message {
    Message::new(id).with("path", path.display().to_string())
}

impl From<&SegmenterError> for Message {
    fn from(error: &SegmenterError) -> Self {
        match error {
            SegmenterError::Resolution(size) => {
                Self::new("why-resolution").with("size", size.to_string())
            }
            SegmenterError::FramesPerSecond(rate) => {
                Self::new("why-frame-rate").with("rate", u64::from(*rate))
            }
            SegmenterError::EncoderUnavailable(encoder) => {
                Self::new("why-encoder").with("encoder", encoder.to_string())
            }
            SegmenterError::NoVideoEncoder => Self::new("why-no-video-encoder"),
            SegmenterError::NoSoundEncoder => Self::new("why-no-sound-encoder"),
            SegmenterError::Missing { element, package } => Self::new("why-part-missing")
                .with("element", *element)
                .with("package", *package),
            SegmenterError::Failed { element, reason } => Self::new("why-encoder-failed")
                .with("element", element.as_str())
                .with("reason", reason.as_str()),
            SegmenterError::Stuck(encoder) => {
                Self::new("why-encoder-stuck").with("encoder", *encoder)
            }
            // The window offers no such values.
            SegmenterError::VideoBitrate(_)
            | SegmenterError::SegmentDuration(_)
            | SegmenterError::KeyFrameInterval(_)
            | SegmenterError::GStreamer(_)
            | SegmenterError::Unreadable(_) => Self::verbatim(error),
        }
    }
}

impl From<&StationError> for Message {
    fn from(error: &StationError) -> Self {
        match error {
            StationError::Key(error) => error.into(),
            StationError::Server(error) => error.into(),
            StationError::Port(error) => error.into(),
            StationError::Hub(_) | StationError::Random(_) => Self::verbatim(error),
        }
    }
}

impl From<&SharedPortError> for Message {
    fn from(error: &SharedPortError) -> Self {
        match error {
            SharedPortError::Range(ports, why) => Self::new("why-no-udp-port")
                .with("ports", ports.to_string())
                .with("why", why.to_string()),
            SharedPortError::Any(_) => Self::verbatim(error),
        }
    }
}

impl From<&RouterError> for Message {
    fn from(error: &RouterError) -> Self {
        match error {
            RouterError::NoRouter => Self::new("router-missing"),
            RouterError::NoAnswer => Self::new("router-silent"),
            RouterError::Refused(why) => Self::new("router-refuses").with("why", why.as_str()),
            RouterError::BehindAnother(address) => {
                Self::new("router-behind").with("address", address.to_string())
            }
        }
    }
}

impl From<&ServerError> for Message {
    fn from(error: &ServerError) -> Self {
        match error {
            ServerError::Taken(address) => {
                Self::new("why-port-taken").with("address", address.to_string())
            }
            ServerError::Forbidden(address) => {
                Self::new("why-port-forbidden").with("address", address.to_string())
            }
            ServerError::NoFreePort { first, last } => Self::new("why-no-free-port")
                .with("first", first.to_string())
                .with("last", last.to_string()),
            ServerError::NotOurs(_)
            | ServerError::Listen { .. }
            | ServerError::Listener(_)
            | ServerError::Random(_)
            | ServerError::Page { .. } => Self::verbatim(error),
        }
    }
}

impl From<&KeyError> for Message {
    fn from(error: &KeyError) -> Self {
        let because =
            |id, path: &Path, why: &std::io::Error| of_file(id, path).with("why", why.to_string());
        match error {
            KeyError::NoFolder => Self::new("why-no-home"),
            KeyError::Folder { path, source } => because("why-not-written", path, source),
            KeyError::Read { path, source } => because("why-not-read", path, source),
            KeyError::Write { path, source } => because("why-not-written", path, source),
            KeyError::NotAKey { path } => of_file("why-not-a-key", path),
            KeyError::Random(_) => Self::verbatim(error),
        }
    }
}

impl From<&MovingError> for Message {
    fn from(error: &MovingError) -> Self {
        match error {
            MovingError::OnAir(_) => Self::new("why-live"),
            MovingError::Copy(KeyCopyError::Key(error)) => error.into(),
            MovingError::Copy(KeyCopyError::Write { path, source }) => {
                of_file("why-not-written", path).with("why", source.to_string())
            }
            MovingError::Copy(KeyCopyError::Read { path, source }) => {
                of_file("why-not-read", path).with("why", source.to_string())
            }
            MovingError::Copy(KeyCopyError::InTheWay(path)) => of_file("why-in-the-way", path),
            MovingError::Copy(KeyCopyError::NotACopy(path)) => of_file("why-not-a-copy", path),
            MovingError::Copy(KeyCopyError::Damaged(path)) => of_file("why-copy-damaged", path),
        }
    }
}

impl From<&RecordingError> for Message {
    fn from(error: &RecordingError) -> Self {
        match error {
            RecordingError::Exists(path) => of_file("why-in-the-way", path),
            RecordingError::Write { path, source } => {
                of_file("why-recording-not-written", path).with("why", source.to_string())
            }
            RecordingError::Full { path, free } => {
                of_file("why-disk-full", path).with("free", (free / 1_000_000).to_string())
            }
            RecordingError::TooSlow(path) => of_file("why-disk-slow", path),
            RecordingError::Segment(_) | RecordingError::Thread(_) => Self::verbatim(error),
        }
    }
}

impl From<&SettingsError> for Message {
    fn from(error: &SettingsError) -> Self {
        of_file("why-not-written", &error.path).with("why", error.source.to_string())
    }
}

impl From<AddressError> for Message {
    fn from(error: AddressError) -> Self {
        match error {
            AddressError::Tracker(typed) => Self::new("why-no-tracker").with("typed", typed),
            AddressError::Page(typed) => Self::new("why-no-page").with("typed", typed),
        }
    }
}

impl From<IceServerError> for Message {
    fn from(error: IceServerError) -> Self {
        match error {
            IceServerError::Stun(typed) => Self::new("why-no-stun").with("typed", typed),
            IceServerError::Turn(typed) => Self::new("why-no-turn").with("typed", typed),
            IceServerError::NoCredentials => Self::new("why-no-turn-password"),
        }
    }
}

impl From<PortRangeError> for Message {
    fn from(PortRangeError(typed): PortRangeError) -> Self {
        Self::new("why-no-ports").with("typed", typed)
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::texts::{Language, within};

    #[test]
    fn the_reason_within_a_hint_is_in_the_persons_language() {
        let full = RecordingError::Full {
            path: PathBuf::from("/home/me/show.mp4"),
            free: 12_300_000,
        };
        let message = Message::new("hint-recording").with("why", Message::from(&full));
        let spanish = within(Language::Spanish, || message.spoken());
        assert!(
            spanish.contains("12 MB") && spanish.contains("disco"),
            "{spanish}"
        );
        let english = message.to_string();
        assert!(
            english.contains("12 MB are free on the disk of /home/me/show.mp4"),
            "{english}"
        );
    }
}
