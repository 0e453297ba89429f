//! TUN devices and waiting for them: the system calls of this program.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::{AsRawFd, RawFd};
use std::time::Duration;

/// From linux/if_tun.h: give this file a device; IP packets; without a header of the kernel's before each.
const TUNSETIFF: libc::c_ulong = 0x4004_54ca;
const IFF_TUN: libc::c_short = 0x0001;
const IFF_NO_PI: libc::c_short = 0x1000;
/// Room for a name, and what the kernel reads of `struct ifreq`.
const NAME_LEN: usize = 16;

#[repr(C)]
struct Request {
    name: [u8; NAME_LEN],
    flags: libc::c_short,
    rest: [u8; 22],
}

/// Makes a device. It stays while the file is open, also when it is moved to another network namespace.
///
/// # Errors
///
/// Without the right to (root, or CAP_NET_ADMIN), or where the kernel has no TUN.
pub fn open(name: &str) -> io::Result<File> {
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .open("/dev/net/tun")?;
    let mut request = Request {
        name: [0; NAME_LEN],
        flags: IFF_TUN | IFF_NO_PI,
        rest: [0; 22],
    };
    let name = name.as_bytes();
    request.name[..name.len().min(NAME_LEN - 1)].copy_from_slice(name);
    // SAFETY: the request outlives the call and is laid out as `struct ifreq`; the file is open.
    check(unsafe { libc::ioctl(file.as_raw_fd(), TUNSETIFF, &raw const request) })?;
    // SAFETY: as above.
    check(unsafe { libc::fcntl(file.as_raw_fd(), libc::F_SETFL, libc::O_NONBLOCK) })?;
    Ok(file)
}

/// Waits for many files at once.
pub struct Waiting {
    epoll: RawFd,
    events: Vec<libc::epoll_event>,
}

impl Waiting {
    /// # Errors
    ///
    /// When the kernel refuses.
    pub fn new(files: &[File]) -> io::Result<Self> {
        // SAFETY: takes no memory of ours.
        let epoll = check(unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) })?;
        for (index, file) in files.iter().enumerate() {
            let mut event = libc::epoll_event {
                events: libc::EPOLLIN as u32,
                u64: index as u64,
            };
            // SAFETY: both files are open, the event outlives the call.
            check(unsafe {
                libc::epoll_ctl(epoll, libc::EPOLL_CTL_ADD, file.as_raw_fd(), &mut event)
            })?;
        }
        Ok(Self {
            epoll,
            events: vec![libc::epoll_event { events: 0, u64: 0 }; files.len()],
        })
    }

    /// Which files can be read, after `timeout` at the latest.
    ///
    /// # Errors
    ///
    /// When the kernel refuses.
    pub fn readable(&mut self, timeout: Duration) -> io::Result<Vec<usize>> {
        let timeout = libc::timespec {
            tv_sec: timeout.as_secs() as libc::time_t,
            tv_nsec: timeout.subsec_nanos().into(),
        };
        let room = self.events.len() as libc::c_int;
        let events = self.events.as_mut_ptr();
        // SAFETY: the kernel writes `room` events at most, and there are as many.
        let count = check(unsafe {
            libc::epoll_pwait2(self.epoll, events, room, &timeout, std::ptr::null())
        })?;
        let ready = self.events.iter().take(count as usize);
        Ok(ready.map(|event| event.u64 as usize).collect())
    }
}

fn check(result: libc::c_int) -> io::Result<libc::c_int> {
    if result < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(result)
}
