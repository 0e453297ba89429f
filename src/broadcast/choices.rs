//! The streamer's choices, remembered from one start to the next in the user's configuration folder, in a file that only
//! this user reads: a TURN server's password may be in it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use swarm::Details;

use super::{Listed, Reach};
use crate::capture::{Input, Overlay, SoundSource, VideoSource};
use crate::segmenter::{Bitrate, Encoding};
use crate::whole_file;

/// The file's name in the configuration folder.
const FILE_NAME: &str = "choices.json";
/// Longer files are none of ours: choices take about half a kilobyte, and a long description 16 more.
const MAX_FILE_LEN: u64 = 64 * 1024;

/// What is picked when the program starts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Choices {
    /// Picture and sound.
    pub input: Input,
    /// The second picture over a corner of the first.
    pub overlay: Overlay,
    /// How it is encoded.
    pub encoding: Encoding,
    /// What people are told of the broadcast.
    #[serde(flatten)]
    pub details: Details,
    /// The most to send, all viewers together; `None` for what the connection is found to carry.
    pub upload_limit: Option<Bitrate>,
    /// How viewers beyond this network are reached.
    pub reach: Reach,
    /// Whether the hub, if the page is one's, lists the broadcast.
    #[serde(rename = "listing")]
    pub listed: Listed,
    /// The port at which viewers get the page, or the first that is tried; `None` for the usual one.
    pub port: Option<u16>,
}

impl Default for Choices {
    /// The test picture: nothing private is shown before somebody picks it.
    fn default() -> Self {
        Self {
            input: Input {
                video: VideoSource::Test,
                sound: SoundSource::Own,
            },
            overlay: Overlay::default(),
            encoding: Encoding::default(),
            details: Details::default(),
            upload_limit: None,
            reach: Reach::default(),
            listed: Listed::default(),
            port: None,
        }
    }
}

/// Choices that cannot be stored.
#[derive(Debug, thiserror::Error)]
#[error("your choices cannot be kept in {path}: {source}")]
pub struct SettingsError {
    pub(super) path: PathBuf,
    pub(super) source: io::Error,
}

impl Choices {
    /// What was stored in `folder`, or the defaults where nothing readable is there.
    pub fn load(folder: &Path) -> Self {
        let file = folder.join(FILE_NAME);
        let readable = fs::metadata(&file).is_ok_and(|file| file.len() <= MAX_FILE_LEN);
        if !readable {
            return Self::default();
        }
        let read = fs::read(&file).and_then(|bytes| Ok(serde_json::from_slice(&bytes)?));
        read.unwrap_or_else(|error| {
            tracing::warn!(
                "{} cannot be read, so the choices are the defaults: {error}",
                file.display()
            );
            Self::default()
        })
    }

    /// Stores them whole or not at all.
    ///
    /// # Errors
    ///
    /// When the folder or the file cannot be written.
    pub fn store(&self, folder: &Path) -> Result<(), SettingsError> {
        let path = folder.join(FILE_NAME);
        let stored = serde_json::to_vec_pretty(self)
            .map_err(io::Error::from)
            .and_then(|bytes| whole_file::write(&path, &bytes));
        stored.map_err(|source| SettingsError { path, source })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::{Corner, OverlaySize};
    use swarm::{Category, DonationLink};

    #[test]
    fn choices_are_those_of_the_last_time() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("liveontorrent");
        assert_eq!(Choices::load(&folder), Choices::default());
        let choices = Choices {
            input: Input {
                video: VideoSource::Camera(Some("usb-1".to_owned())),
                sound: SoundSource::Microphone(None),
            },
            overlay: Overlay {
                shown: true,
                source: VideoSource::File("us.mp4".into()),
                corner: Corner::TopLeft,
                size: OverlaySize::Large,
            },
            details: Details {
                author: "Wir".to_owned(),
                category: Some(Category::Music),
                keywords: vec!["Jazz".to_owned()],
                sensitive: true,
                donation: DonationLink::parse("https://example.org/us").ok(),
                ..Details::titled("Ein Konzert")
            },
            upload_limit: Some(Bitrate::from_kilobits_per_second(8000)),
            port: Some(9000),
            ..Choices::default()
        };
        choices.store(&folder).unwrap();
        assert_eq!(Choices::load(&folder), choices);
    }

    #[test]
    fn what_an_older_version_did_not_store_is_the_default() {
        let home = tempfile::tempdir().unwrap();
        fs::write(home.path().join(FILE_NAME), r#"{"title":"Hallo"}"#).unwrap();
        let choices = Choices::load(home.path());
        assert_eq!(choices.details.title, "Hallo");
        assert_eq!(choices.encoding, Encoding::default());
    }

    #[test]
    fn what_cannot_be_read_is_no_reason_not_to_start() {
        let home = tempfile::tempdir().unwrap();
        for damaged in ["", "{", "[1]", r#"{"title":7}"#, r#"{"category":"?"}"#] {
            fs::write(home.path().join(FILE_NAME), damaged).unwrap();
            assert_eq!(Choices::load(home.path()), Choices::default());
        }
    }
}
