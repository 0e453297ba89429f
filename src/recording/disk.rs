//! How much room a disk has.

use std::path::Path;

/// Bytes that this user may still write where `file` is; `None` where the system does not say.
#[cfg(unix)]
pub(super) fn free(file: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(file).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// Nobody has asked such a system yet: a full disk ends the recording when a write fails.
#[cfg(not(unix))]
pub(super) fn free(_file: &Path) -> Option<u64> {
    None
}
