//! What can be picked, kept up to date: cameras, microphones, monitors and windows.

mod cameras;
mod identity;
mod probe;
mod sounds;

use std::time::Duration;

use tokio::sync::watch;

use super::worker::Worker;
use super::{Devices, ScreenArea, screen};
use probe::Probe;

pub(super) use cameras::{FoundDevice, list as cameras};
pub(super) use identity::name_in_id;
pub(super) use sounds::{Microphone, Sounds, list as sounds};

/// How soon a person sees a window that was opened, or a camera that was plugged in.
const LOOK: Duration = Duration::from_secs(2);

/// What can be picked, kept up to date.
pub struct DeviceList {
    devices: watch::Receiver<Devices>,
    /// Looks again and again; `None` where no thread can be had.
    _looking: Option<Worker>,
    _following: cameras::Following,
}

impl DeviceList {
    /// Follows what is plugged in and out, until it is dropped. The list is empty for a moment at first.
    pub fn watch() -> Self {
        let (found, devices) = watch::channel(Devices::default());
        let mut look = Look::new();
        let looking = Worker::start("devices", move || {
            let devices = look.once();
            found.send_if_modified(|known| {
                let is_new = *known != devices;
                *known = devices;
                is_new
            });
            Ok(LOOK)
        });
        Self {
            devices,
            _looking: looking
                .inspect_err(|error| tracing::warn!(%error, "devices are not listed"))
                .ok(),
            _following: cameras::Following::start(),
        }
    }

    /// What can be picked, from now on.
    pub fn devices(&self) -> watch::Receiver<Devices> {
        self.devices.clone()
    }

    /// What can be picked now. It takes up to two seconds where something does not answer.
    pub fn once() -> Devices {
        Look::new().once()
    }
}

impl std::fmt::Debug for DeviceList {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DeviceList")
            .field("devices", &*self.devices.borrow())
            .finish_non_exhaustive()
    }
}

/// Looks at everything, at the same time.
struct Look {
    screens: Probe<Vec<(ScreenArea, String)>>,
    cameras: Probe<Vec<FoundDevice>>,
    sounds: Probe<Sounds>,
}

impl Look {
    fn new() -> Self {
        Self {
            screens: Probe::new(screen::list),
            cameras: Probe::new(cameras::list),
            sounds: Probe::new(sounds::list),
        }
    }

    fn once(&mut self) -> Devices {
        self.screens.begin();
        self.cameras.begin();
        self.sounds.begin();
        let (cameras, sounds) = (self.cameras.found(), self.sounds.found());
        Devices {
            screens: self.screens.found(),
            cameras: cameras.into_iter().map(|found| found.device).collect(),
            computer_sound: sounds.outputs > 0,
            microphones: sounds
                .microphones
                .into_iter()
                .map(|found| found.device)
                .collect(),
        }
    }
}
