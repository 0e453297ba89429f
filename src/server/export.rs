//! Writes the viewer page as a folder, for any host that serves files.
//!
//! The page's own addresses are all relative, so it works at any path. What the embedded server says in headers
//! stands in the page itself there, as far as a page can say it.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use super::page::{Assets, FILES_POLICY};

/// Tells a later export that this folder is one, and which files are its own.
const MARKER: &str = "liveontorrent-page.txt";
const MARKER_TITLE: &str =
    "This folder was written by 'liveontorrent export-page', which may replace these files of it:";
/// A longer marker is none of ours: the page has some sixty files.
const MAX_MARKER_LEN: u64 = 64 * 1024;
const INDEX: &str = "index.html";
/// After this line of the page stands what a server would say in headers.
const CHARSET: &str = "<meta charset=\"utf-8\">\n";

/// Why the page cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// There is something else.
    #[error(
        "{} is not empty and holds no exported page; choose another folder, or say --replace to write the page's files \
         among those that are there", .0.display()
    )]
    NotOurs(PathBuf),
    /// The operating system refuses.
    #[error("cannot write {}: {source}", .path.display())]
    Write {
        /// What.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The program was built without its page.
    #[error(
        "this program was built without its viewer page; build it again from a complete copy of its source"
    )]
    NoPage,
}

/// What was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exported {
    /// How many files.
    pub files: usize,
    /// Their bytes.
    pub bytes: u64,
}

/// Writes the page into `folder`, which is made where it is not there. An earlier export is replaced; with `replace`
/// the page's files are also written into a folder that holds other things, which stay.
///
/// # Errors
///
/// When the folder holds other things, or cannot be written; the message says what to do.
pub fn export_page(folder: &Path, replace: bool) -> Result<Exported, ExportError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| ExportError::Write { path, source }
    };
    fs::create_dir_all(folder).map_err(failed(folder))?;
    let earlier = earlier_files(folder);
    let is_empty = fs::read_dir(folder)
        .map_err(failed(folder))?
        .next()
        .is_none();
    if !(is_empty || replace || earlier.is_some()) {
        return Err(ExportError::NotOurs(folder.to_owned()));
    }
    let mut names: BTreeSet<String> = Assets::iter().map(|name| name.into_owned()).collect();
    if !names.remove(INDEX) {
        return Err(ExportError::NoPage);
    }
    let mut exported = Exported { files: 0, bytes: 0 };
    // The page itself last: until then the earlier one stands.
    for name in names.iter().map(String::as_str).chain([INDEX]) {
        let content = Assets::get(name).ok_or(ExportError::NoPage)?.data;
        let content = match name {
            INDEX => with_headers(&String::from_utf8_lossy(&content)).into_bytes(),
            _ => content.into_owned(),
        };
        let path = folder.join(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(failed(parent))?;
        }
        exported.files += 1;
        exported.bytes += content.len() as u64;
        fs::write(&path, content).map_err(failed(&path))?;
    }
    names.insert(INDEX.to_owned());
    for gone in earlier.unwrap_or_default().difference(&names) {
        // One that is not there any more needs no removing.
        let _ = fs::remove_file(folder.join(gone));
    }
    let lines: Vec<&str> = names.iter().map(String::as_str).collect();
    let marker = format!("{MARKER_TITLE}\n{}\n", lines.join("\n"));
    let path = folder.join(MARKER);
    fs::write(&path, marker).map_err(failed(&path))?;
    Ok(exported)
}

/// The files of an earlier export; `None` where there is none.
fn earlier_files(folder: &Path) -> Option<BTreeSet<String>> {
    let marker = folder.join(MARKER);
    if fs::metadata(&marker).ok()?.len() > MAX_MARKER_LEN {
        return None;
    }
    let text = fs::read_to_string(marker).ok()?;
    let mut lines = text.lines();
    if lines.next()? != MARKER_TITLE {
        return None;
    }
    // Nothing outside the folder is ever removed, whatever somebody wrote into it.
    let is_inside = |name: &&str| {
        let mut parts = Path::new(name).components();
        !name.is_empty() && parts.all(|part| matches!(part, Component::Normal(_)))
    };
    Some(lines.filter(is_inside).map(str::to_owned).collect())
}

fn with_headers(index: &str) -> String {
    let metas = format!(
        "{CHARSET}  <meta http-equiv=\"Content-Security-Policy\" content=\"{FILES_POLICY}\">\n  \
         <meta name=\"referrer\" content=\"no-referrer\">\n"
    );
    index.replacen(CHARSET, &metas, 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_the_page_is_there_and_an_export_may_be_repeated() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("a/page");
        let first = export_page(&folder, false).unwrap();
        assert_eq!(first.files, Assets::iter().count());
        assert!(folder.join("wasm/swarm_web_bg.wasm").exists());
        let index = fs::read_to_string(folder.join(INDEX)).unwrap();
        assert!(index.contains("Content-Security-Policy") && index.contains("no-referrer"));
        assert_eq!(export_page(&folder, false).unwrap(), first);
    }

    #[test]
    fn a_folder_with_other_things_is_left_alone_unless_it_is_asked_for() {
        let home = tempfile::tempdir().unwrap();
        let letter = home.path().join("letter.txt");
        fs::write(&letter, "Dear Ada").unwrap();
        let refused = export_page(home.path(), false).unwrap_err();
        assert!(refused.to_string().contains("--replace"), "{refused}");
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 1);
        export_page(home.path(), true).unwrap();
        assert_eq!(fs::read_to_string(letter).unwrap(), "Dear Ada");
        assert!(home.path().join(INDEX).exists());
    }

    #[test]
    fn what_an_earlier_page_had_and_this_one_has_not_is_removed_and_nothing_else() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("page");
        export_page(&folder, false).unwrap();
        let outside = home.path().join("outside.txt");
        fs::write(&outside, "mine").unwrap();
        fs::write(folder.join("old.js"), "old").unwrap();
        fs::write(folder.join("mine.txt"), "mine").unwrap();
        let marker = fs::read_to_string(folder.join(MARKER)).unwrap();
        fs::write(
            folder.join(MARKER),
            format!("{marker}old.js\n../outside.txt\n/etc/hostname\n"),
        )
        .unwrap();
        export_page(&folder, false).unwrap();
        assert!(!folder.join("old.js").exists());
        assert!(folder.join("mine.txt").exists() && outside.exists());
    }

    #[test]
    fn no_file_of_the_page_names_an_address_by_its_root() {
        for name in Assets::iter().filter(|name| !name.starts_with("wasm/")) {
            let content = Assets::get(&name).unwrap().data;
            let text = String::from_utf8_lossy(&content);
            for absolute in ["href=\"/", "src=\"/", "from '/", "import('/", "new URL('/"] {
                assert!(!text.contains(absolute), "{name}: {absolute}");
            }
        }
    }
}
