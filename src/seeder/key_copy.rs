//! A copy of the channel's key in a file, by which a channel moves to another computer: written, checked, taken over.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use swarm::ChannelId;
use zeroize::Zeroizing;

use super::ChannelKey;
use super::channel_key::{FILE_NAME, KeyError, SECRET_LEN};
use crate::whole_file;

/// The first line of a copy.
const HEAD: &str = "Live on Torrent channel, version 1";
/// Longer files are none of ours.
const MAX_LEN: u64 = 4096;
/// So many old keys are kept; nobody moves a channel so often.
const MOST_BACKUPS: u32 = 1000;

/// Why a channel was not copied or taken over.
#[derive(Debug, thiserror::Error)]
pub enum KeyCopyError {
    /// This computer's own key cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The copy cannot be written.
    #[error("{path} cannot be written: {source}; choose another place")]
    Write {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// There is a file already.
    #[error("{0} exists already; choose another name")]
    InTheWay(PathBuf),
    /// The copy cannot be read.
    #[error("{path} cannot be read: {source}")]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It is something else.
    #[error("{0} is no copy of a channel; choose the file that was saved on the other computer")]
    NotACopy(PathBuf),
    /// It was a copy, but its key and its channel do not belong together.
    #[error("{0} is damaged; save the copy again on the other computer")]
    Damaged(PathBuf),
}

/// A channel that was taken over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakenOver {
    /// Which channel this computer has now.
    pub channel: ChannelId,
    /// Where the key of its old one is; `None` where it had none, or the same.
    pub backup: Option<PathBuf>,
}

impl ChannelKey {
    /// Writes a copy of the key in `folder` that [`Self::take_over`] reads, for nobody but this user to read.
    ///
    /// # Errors
    ///
    /// When there is no key, or the copy cannot be written; a file that is there is replaced only on request.
    pub fn save_copy(folder: &Path, to: &Path, replace: bool) -> Result<(), KeyCopyError> {
        let key = Self::load_or_create(folder)?;
        if !replace && to.exists() {
            return Err(KeyCopyError::InTheWay(to.to_owned()));
        }
        let text = Zeroizing::new(format!(
            "{HEAD}\n\
             Whoever has this file can broadcast on the channel. Keep it secret, and delete it when it has been loaded.\n\
             channel: {}\nsecret: {}\n",
            key.id(),
            *hex(key.secret())
        ));
        whole_file::write(to, text.as_bytes()).map_err(|source| KeyCopyError::Write {
            path: to.to_owned(),
            source,
        })
    }

    /// Takes the channel of a copy over: from now on `folder` holds its key. The key that was there is kept under
    /// another name.
    ///
    /// # Errors
    ///
    /// When the file is no sound copy, or the keys cannot be written; then everything is as it was.
    pub fn take_over(folder: &Path, from: &Path) -> Result<TakenOver, KeyCopyError> {
        let bytes = read(from)?;
        let secret = parse(&bytes).map_err(|problem| match problem {
            Problem::Other => KeyCopyError::NotACopy(from.to_owned()),
            Problem::Damaged => KeyCopyError::Damaged(from.to_owned()),
        })?;
        let channel = ChannelId::from_secret_key(&secret);
        let file = folder.join(FILE_NAME);
        let mut backup = None;
        if file.exists() {
            let old = Self::load_or_create(folder)?;
            if old.id() == channel {
                return Ok(TakenOver { channel, backup });
            }
            let path = free_name(folder);
            write_key(&path, old.secret())?;
            backup = Some(path);
        }
        write_key(&file, &secret)?;
        Ok(TakenOver { channel, backup })
    }
}

fn write_key(path: &Path, secret: &[u8; SECRET_LEN]) -> Result<(), KeyCopyError> {
    whole_file::write(path, secret).map_err(|source| KeyCopyError::Write {
        path: path.to_owned(),
        source,
    })
}

fn free_name(folder: &Path) -> PathBuf {
    let name = |number| folder.join(format!("channel-old-{number}.key"));
    (1..MOST_BACKUPS)
        .map(name)
        .find(|path| !path.exists())
        .unwrap_or_else(|| name(MOST_BACKUPS))
}

fn read(from: &Path) -> Result<Zeroizing<Vec<u8>>, KeyCopyError> {
    let mut bytes = Zeroizing::new(Vec::new());
    let mut read = || -> io::Result<u64> {
        let file = fs::File::open(from)?;
        // One more than is taken shows that it is longer.
        file.take(MAX_LEN + 1)
            .read_to_end(&mut bytes)
            .map(|len| len as u64)
    };
    match read() {
        Ok(len) if len <= MAX_LEN => Ok(bytes),
        Ok(_) => Err(KeyCopyError::NotACopy(from.to_owned())),
        Err(source) => Err(KeyCopyError::Read {
            path: from.to_owned(),
            source,
        }),
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Problem {
    /// It is something else.
    Other,
    /// It is a copy that is not whole.
    Damaged,
}

/// The secret in a copy, or in a key file as it is.
fn parse(bytes: &[u8]) -> Result<Zeroizing<[u8; SECRET_LEN]>, Problem> {
    if let Ok(secret) = <[u8; SECRET_LEN]>::try_from(bytes) {
        return Ok(Zeroizing::new(secret));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| Problem::Other)?;
    let mut lines = text.lines().map(str::trim);
    if lines.next() != Some(HEAD) {
        return Err(Problem::Other);
    }
    let (mut channel, mut secret) = (None, None);
    for line in lines {
        match line.split_once(": ") {
            Some(("channel", value)) => channel = Some(value),
            Some(("secret", value)) => secret = unhex(value),
            _ => {}
        }
    }
    let secret = secret.ok_or(Problem::Damaged)?;
    let belongs = channel == Some(ChannelId::from_secret_key(&secret).to_string().as_str());
    if belongs {
        Ok(secret)
    } else {
        Err(Problem::Damaged)
    }
}

fn hex(secret: &[u8; SECRET_LEN]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(2 * SECRET_LEN));
    for byte in secret {
        for half in [byte >> 4, byte & 15] {
            text.push(char::from_digit(half.into(), 16).unwrap_or('0'));
        }
    }
    text
}

fn unhex(text: &str) -> Option<Zeroizing<[u8; SECRET_LEN]>> {
    let mut secret = Zeroizing::new([0; SECRET_LEN]);
    if text.len() != 2 * SECRET_LEN {
        return None;
    }
    for (byte, pair) in secret.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        let digit = |at: usize| char::from(pair[at]).to_digit(16);
        // Both are below 16.
        *byte = (digit(0)? << 4 | digit(1)?) as u8;
    }
    Some(secret)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_channel_moves_to_another_computer_and_the_old_key_is_kept() {
        let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let channel = ChannelKey::load_or_create(here.path()).unwrap().id();
        let old = ChannelKey::load_or_create(there.path()).unwrap().id();
        let copy = here.path().join("copy.txt");
        ChannelKey::save_copy(here.path(), &copy, false).unwrap();
        let taken = ChannelKey::take_over(there.path(), &copy).unwrap();
        assert_eq!(taken.channel, channel);
        assert_eq!(
            ChannelKey::load_or_create(there.path()).unwrap().id(),
            channel
        );
        let back = ChannelKey::take_over(there.path(), &taken.backup.unwrap()).unwrap();
        assert_eq!(back.channel, old);
    }

    #[test]
    fn the_same_channel_again_changes_nothing() {
        let home = tempfile::tempdir().unwrap();
        let copy = home.path().join("copy.txt");
        ChannelKey::save_copy(home.path(), &copy, false).unwrap();
        let taken = ChannelKey::take_over(home.path(), &copy).unwrap();
        assert_eq!(taken.backup, None);
    }

    #[test]
    fn a_computer_without_a_channel_takes_one_over() {
        let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let copy = here.path().join("copy.txt");
        ChannelKey::save_copy(here.path(), &copy, false).unwrap();
        let folder = there.path().join("new");
        let taken = ChannelKey::take_over(&folder, &copy).unwrap();
        let loaded = ChannelKey::load_or_create(&folder).unwrap();
        assert_eq!((loaded.id(), None), (taken.channel, taken.backup));
    }

    #[cfg(unix)]
    #[test]
    fn a_copy_is_for_the_user_only_and_replaces_nothing_unasked() {
        use std::os::unix::fs::PermissionsExt;
        let home = tempfile::tempdir().unwrap();
        let copy = home.path().join("copy.txt");
        ChannelKey::save_copy(home.path(), &copy, false).unwrap();
        let mode = fs::metadata(&copy).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0);
        let again = ChannelKey::save_copy(home.path(), &copy, false).unwrap_err();
        assert!(matches!(again, KeyCopyError::InTheWay(_)), "{again}");
        ChannelKey::save_copy(home.path(), &copy, true).unwrap();
    }

    #[test]
    fn what_is_no_sound_copy_is_refused_and_nothing_is_changed() {
        let home = tempfile::tempdir().unwrap();
        let before = ChannelKey::load_or_create(home.path()).unwrap().id();
        let file = home.path().join("copy.txt");
        ChannelKey::save_copy(home.path(), &file, false).unwrap();
        let sound = fs::read_to_string(&file).unwrap();
        let (start, secret) = sound.trim().split_at(sound.trim().len() - 1);
        let other = if secret == "0" { "1" } else { "0" };
        let large = "a".repeat(10_000);
        for (text, damaged) in [
            (format!("{start}{other}"), true),
            (start.to_owned(), true),
            (HEAD.to_owned(), true),
            ("a film".to_owned(), false),
            (String::new(), false),
            (large, false),
        ] {
            fs::write(&file, &text).unwrap();
            let refused = ChannelKey::take_over(home.path(), &file).unwrap_err();
            assert_eq!(
                matches!(refused, KeyCopyError::Damaged(_)),
                damaged,
                "{text}: {refused}"
            );
            assert_eq!(
                ChannelKey::load_or_create(home.path()).unwrap().id(),
                before
            );
        }
        assert_eq!(
            fs::read_dir(home.path()).unwrap().count(),
            2,
            "no backup was made"
        );
    }

    proptest! {
        #[test]
        fn any_bytes_are_parsed_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = parse(&bytes);
            let mut headed = format!("{HEAD}\nsecret: ").into_bytes();
            headed.extend(&bytes);
            let _ = parse(&headed);
        }
    }
}
