//! What can be picked.

use tokio::sync::watch;

use super::Devices;

/// What can be picked, kept up to date.
#[derive(Debug)]
pub struct DeviceList {
    devices: watch::Sender<Devices>,
}

impl DeviceList {
    /// Follows what is plugged in and out, until it is dropped.
    pub fn watch() -> Self {
        Self {
            devices: watch::Sender::new(Self::once()),
        }
    }

    /// What can be picked, from now on.
    pub fn devices(&self) -> watch::Receiver<Devices> {
        self.devices.subscribe()
    }

    /// What can be picked now.
    pub fn once() -> Devices {
        Devices::default()
    }
}
