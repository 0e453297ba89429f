//! Small files that are written whole or not at all: whoever reads one, even after a crash, reads the old or the new.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

/// Writes the file, in place of one that is there. Its folder is made where it is missing. Nobody but the user may
/// read it.
///
/// # Errors
///
/// When the folder or the file cannot be written; what was there before is untouched.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    fs::create_dir_all(folder)?;
    let mut temporary = tempfile::NamedTempFile::new_in(folder)?;
    temporary.write_all(bytes)?;
    // Without it a crash of the machine can leave an empty file under the new name.
    temporary.as_file().sync_all()?;
    temporary.persist(path).map_err(|failed| failed.error)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_and_nothing_else_is_left() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("new/file.json");
        write(&path, b"one").unwrap();
        write(&path, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }

    #[test]
    fn what_cannot_be_written_leaves_what_was_there() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("file");
        fs::write(&folder, "old").unwrap();
        assert!(write(&folder.join("choices.json"), b"new").is_err());
        assert_eq!(fs::read(&folder).unwrap(), b"old");
    }
}
