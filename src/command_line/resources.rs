//! What this process takes of the machine.

/// Memory and processor time.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Resources {
    /// Memory in RAM, in bytes.
    pub(super) rss_bytes: u64,
    /// Processor time of all threads since the start, in seconds.
    pub(super) cpu_seconds: f64,
}

impl Resources {
    /// As the kernel counts them; zeros where it does not say.
    #[cfg(target_os = "linux")]
    pub(super) fn now() -> Self {
        let stat = procfs::process::Process::myself().and_then(|process| process.stat());
        stat.map_or_else(
            |_| Self::default(),
            |stat| Self {
                rss_bytes: stat.rss * procfs::page_size(),
                cpu_seconds: (stat.utime + stat.stime) as f64 / procfs::ticks_per_second() as f64,
            },
        )
    }

    /// Other systems are not asked.
    #[cfg(not(target_os = "linux"))]
    pub(super) fn now() -> Self {
        Self::default()
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn work_shows() {
        let before = Resources::now();
        assert!(before.rss_bytes > 1_000_000, "{before:?}");
        let mut work = 1u64;
        while Resources::now().cpu_seconds < before.cpu_seconds + 0.05 {
            work = (0..1_000_000).fold(work, |sum, at| sum.wrapping_mul(31).wrapping_add(at));
        }
        assert!(std::hint::black_box(work) != 1);
    }
}
