//! The channel's secret key: made at first start, kept in the user's configuration folder, seen by nobody else.
//!
//! Not here: signing. [`swarm::Swarm::streamer`] takes the secret and signs with it.

use std::fmt;
use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use swarm::ChannelId;
use zeroize::Zeroizing;

/// Ed25519 secret keys have 32 bytes (RFC 8032, section 5.1.5).
pub(super) const SECRET_LEN: usize = 32;
/// The file's name in the configuration folder. It holds the secret's bytes and nothing else.
pub(super) const FILE_NAME: &str = "channel.key";

/// The key that names a channel and signs what is broadcast on it. It is wiped from memory when dropped.
pub struct ChannelKey {
    secret: Zeroizing<[u8; SECRET_LEN]>,
    file: PathBuf,
}

/// Why there is no channel key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The system does not say where the user's files are.
    #[error("this user has no home folder to keep the channel's key in; set HOME")]
    NoFolder,
    /// The configuration folder cannot be made.
    #[error("cannot make the folder {path} for the channel's key: {source}")]
    Folder {
        /// Which folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The key is there but cannot be read.
    #[error("cannot read the channel's key {path}: {source}")]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A new key cannot be stored.
    #[error("cannot keep the channel's key in {path}: {source}")]
    Write {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Something else has the key's name.
    #[error(
        "{path} is not a channel key: it has to be a file of 32 bytes; restore it from a backup, or move it away to \
         get a new channel with a new link"
    )]
    NotAKey {
        /// Which file.
        path: PathBuf,
    },
    /// The operating system gives no random numbers.
    #[error("the operating system gives no random numbers: {0}")]
    Random(getrandom::Error),
}

impl ChannelKey {
    /// The folder in which this user's key is kept, such as `~/.config/liveontorrent`.
    ///
    /// # Errors
    ///
    /// When the user has no home folder.
    pub fn default_folder() -> Result<PathBuf, KeyError> {
        directories::ProjectDirs::from("", "", "liveontorrent")
            .map(|dirs| dirs.config_dir().to_owned())
            .ok_or(KeyError::NoFolder)
    }

    /// The key kept in `folder`, or a new one that is kept there from now on. A key that others could read is made
    /// private again, and a warning is logged: whoever has read it can broadcast on this channel.
    ///
    /// # Errors
    ///
    /// When the folder or the file cannot be used; the message says which and what to do.
    pub fn load_or_create(folder: &Path) -> Result<Self, KeyError> {
        let file = folder.join(FILE_NAME);
        match Self::load(&file) {
            Err(KeyError::Read { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                make_private_folder(folder)?;
                Self::create(folder, &file)?;
                // Read back, because another start of the program may have been the one to store its key.
                Self::load(&file)
            }
            loaded => loaded,
        }
    }

    fn load(file: &Path) -> Result<Self, KeyError> {
        let read_error = |source| KeyError::Read {
            path: file.to_owned(),
            source,
        };
        let not_a_key = || KeyError::NotAKey {
            path: file.to_owned(),
        };
        let mut opened = fs::File::open(file).map_err(read_error)?;
        let metadata = opened.metadata().map_err(read_error)?;
        if !metadata.is_file() || metadata.len() != SECRET_LEN as u64 {
            return Err(not_a_key());
        }
        if make_private(&opened, &metadata).map_err(read_error)? {
            tracing::warn!(
                "{} could be read by other users and has been made private; if one of them may have copied it, move \
                 it away to get a new channel",
                file.display()
            );
        }
        let mut secret = Zeroizing::new([0; SECRET_LEN]);
        opened.read_exact(&mut *secret).map_err(read_error)?;
        Ok(Self {
            secret,
            file: file.to_owned(),
        })
    }

    /// Stores a new key whole or not at all, and never over one that is there.
    fn create(folder: &Path, file: &Path) -> Result<(), KeyError> {
        let mut secret = Zeroizing::new([0; SECRET_LEN]);
        getrandom::fill(&mut *secret).map_err(KeyError::Random)?;
        let store = || -> io::Result<()> {
            // Temporary files are made with mode 0600.
            let mut temporary = tempfile::NamedTempFile::new_in(folder)?;
            temporary.write_all(&*secret)?;
            temporary.as_file().sync_all()?;
            match temporary.persist_noclobber(file) {
                Err(failed) if failed.error.kind() != io::ErrorKind::AlreadyExists => {
                    Err(failed.error)
                }
                _ => Ok(()),
            }
        };
        store().map_err(|source| KeyError::Write {
            path: file.to_owned(),
            source,
        })
    }

    /// The public key, which names the channel.
    pub fn id(&self) -> ChannelId {
        ChannelId::from_secret_key(&self.secret)
    }

    /// The secret, for [`swarm::Swarm::streamer`] and [`catalogue::CardSigner`] only.
    pub fn secret(&self) -> &[u8; SECRET_LEN] {
        &self.secret
    }
}

impl fmt::Debug for ChannelKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ChannelKey({} of {})", self.file.display(), self.id())
    }
}

#[cfg(unix)]
fn make_private_folder(folder: &Path) -> Result<(), KeyError> {
    use std::os::unix::fs::DirBuilderExt;
    // A folder that is there already is the user's own business; the file in it is private all the same.
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(|source| KeyError::Folder {
            path: folder.to_owned(),
            source,
        })
}

#[cfg(not(unix))]
fn make_private_folder(folder: &Path) -> Result<(), KeyError> {
    fs::create_dir_all(folder).map_err(|source| KeyError::Folder {
        path: folder.to_owned(),
        source,
    })
}

/// Takes others' rights to the file away. Returns whether they had any.
#[cfg(unix)]
fn make_private(file: &fs::File, metadata: &fs::Metadata) -> io::Result<bool> {
    use std::os::unix::fs::PermissionsExt;
    let was_open = metadata.permissions().mode() & 0o077 != 0;
    if was_open {
        file.set_permissions(fs::Permissions::from_mode(0o600))?;
    }
    Ok(was_open)
}

/// Elsewhere a user's own folder is private by default.
#[cfg(not(unix))]
fn make_private(_file: &fs::File, _metadata: &fs::Metadata) -> io::Result<bool> {
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().unwrap()
    }

    #[test]
    fn the_key_of_the_first_start_is_the_key_of_the_next() {
        let home = folder();
        let config = home.path().join("config/liveontorrent");
        let first = ChannelKey::load_or_create(&config).unwrap();
        let second = ChannelKey::load_or_create(&config).unwrap();
        assert_eq!(first.id(), second.id());
        let other = ChannelKey::load_or_create(home.path()).unwrap();
        assert_ne!(first.id(), other.id());
    }

    #[test]
    fn starts_at_the_same_time_agree_on_one_key() {
        let home = folder();
        let ids: Vec<ChannelId> = std::thread::scope(|scope| {
            let starts: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| ChannelKey::load_or_create(home.path()).unwrap().id()))
                .collect();
            starts.into_iter().map(|id| id.join().unwrap()).collect()
        });
        assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    }

    #[test]
    fn what_is_not_a_key_is_refused_and_left_alone() {
        let home = folder();
        let file = home.path().join(FILE_NAME);
        fs::write(&file, "a note").unwrap();
        let refused = ChannelKey::load_or_create(home.path()).unwrap_err();
        assert!(refused.to_string().contains("move it away"), "{refused}");
        assert_eq!(fs::read(&file).unwrap(), b"a note");
        fs::remove_file(&file).unwrap();
        fs::create_dir(&file).unwrap();
        let refused = ChannelKey::load_or_create(home.path()).unwrap_err();
        assert!(matches!(refused, KeyError::NotAKey { .. }), "{refused}");
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_named() {
        let home = folder();
        let file = home.path().join("file");
        fs::write(&file, "").unwrap();
        let refused = ChannelKey::load_or_create(&file.join("config")).unwrap_err();
        assert!(
            refused.to_string().contains(&file.display().to_string()),
            "{refused}"
        );
    }

    #[test]
    fn the_secret_is_not_printed() {
        let home = folder();
        let key = ChannelKey::load_or_create(home.path()).unwrap();
        let secret = format!("{:?}", &key.secret()[..4]);
        let inner = secret.trim_matches(['[', ']']);
        assert!(!format!("{key:?}").contains(inner));
    }

    #[cfg(unix)]
    mod private {
        use super::*;
        use std::os::unix::fs::PermissionsExt;

        fn mode(path: &Path) -> u32 {
            fs::metadata(path).unwrap().permissions().mode() & 0o777
        }

        #[test]
        fn only_the_user_may_read_a_new_key() {
            let home = folder();
            let config = home.path().join("config");
            ChannelKey::load_or_create(&config).unwrap();
            assert_eq!(mode(&config), 0o700);
            assert_eq!(mode(&config.join(FILE_NAME)), 0o600);
            let files = fs::read_dir(&config).unwrap().count();
            assert_eq!(files, 1, "no temporary file is left");
        }

        #[test]
        fn a_key_that_others_could_read_is_made_private() {
            let home = folder();
            let before = ChannelKey::load_or_create(home.path()).unwrap().id();
            let file = home.path().join(FILE_NAME);
            fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
            let after = ChannelKey::load_or_create(home.path()).unwrap().id();
            assert_eq!(mode(&file), 0o600);
            assert_eq!(before, after);
        }
    }
}
