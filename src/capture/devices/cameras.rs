//! The cameras that are plugged in.

use gst::prelude::*;

use super::identity::identify;
use crate::capture::Device;

/// GStreamer's list of Video4Linux devices.
const PROVIDER: &str = "v4l2deviceprovider";
/// Where udev and the driver tell a serial number, best first.
const SERIALS: [&str; 3] = [
    "device.serial",
    "udev.ID_SERIAL_SHORT",
    "v4l2.device.serial",
];

/// A device, and what opens it.
pub(in crate::capture) struct FoundDevice {
    pub(in crate::capture) device: Device,
    pub(in crate::capture) handle: gst::Device,
}

/// The cameras that are plugged in. While they are followed it only reads a list; otherwise each one is asked.
pub(in crate::capture) fn list() -> Vec<FoundDevice> {
    let Some(provider) = provider() else {
        return Vec::new();
    };
    let handles: Vec<_> = provider
        .devices()
        .into_iter()
        .filter(|handle| handle.has_classes("Video/Source"))
        .collect();
    let names = handles
        .iter()
        .map(|handle| (handle.display_name().to_string(), serial(handle)));
    let devices = identify(names);
    devices
        .into_iter()
        .zip(handles)
        .map(|(device, handle)| FoundDevice { device, handle })
        .collect()
}

/// While this is kept, GStreamer notices by itself what is plugged in and out.
pub(super) struct Following(Option<gst::DeviceProvider>);

impl Following {
    pub(super) fn start() -> Self {
        let provider = provider().filter(|provider| provider.start().is_ok());
        Self(provider)
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        if let Some(provider) = &self.0 {
            provider.stop();
        }
    }
}

fn provider() -> Option<gst::DeviceProvider> {
    crate::capture::init().ok()?;
    gst::DeviceProviderFactory::by_name(PROVIDER)
}

fn serial(handle: &gst::Device) -> Option<String> {
    let properties = handle.properties()?;
    SERIALS.iter().find_map(|name| properties.get(*name).ok())
}
