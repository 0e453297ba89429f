//! The sound system's microphones and outputs.

use gst::prelude::*;

use super::identity::identify;
use crate::capture::Device;

/// GStreamer's list of PulseAudio's devices; PipeWire answers in PulseAudio's place.
const PROVIDER: &str = "pulsedeviceprovider";

/// What the sound system has.
#[derive(Default)]
pub(in crate::capture) struct Sounds {
    pub(in crate::capture) microphones: Vec<Microphone>,
    /// How many outputs there are.
    pub(in crate::capture) outputs: usize,
    /// The one that the computer plays on, by the sound system's name for it.
    pub(in crate::capture) default_output: Option<String>,
}

/// A microphone.
pub(in crate::capture) struct Microphone {
    pub(in crate::capture) device: Device,
    /// The sound system's name for it.
    pub(in crate::capture) source: String,
    /// Whether the person made it the system's default.
    pub(in crate::capture) is_default: bool,
}

impl Sounds {
    /// Whether there is nothing at all, not even a dummy: the sound system does not run.
    pub(in crate::capture) fn is_empty(&self) -> bool {
        self.microphones.is_empty() && self.outputs == 0
    }
}

/// What the sound system has now.
pub(in crate::capture) fn list() -> Sounds {
    if crate::capture::init().is_err() {
        return Sounds::default();
    }
    let Some(provider) = gst::DeviceProviderFactory::by_name(PROVIDER) else {
        return Sounds::default();
    };
    let mut sounds = Sounds::default();
    let mut found = Vec::new();
    for handle in provider.devices() {
        let Some(name) = system_name(&handle) else {
            continue;
        };
        let properties = handle.properties();
        let has = |field| {
            properties
                .as_ref()
                .and_then(|all| all.get::<String>(field).ok())
        };
        let is_default = properties
            .as_ref()
            .and_then(|all| all.get::<bool>("is-default").ok())
            .unwrap_or(false);
        if handle.has_classes("Audio/Sink") {
            sounds.outputs += 1;
            if is_default {
                sounds.default_output = Some(name);
            }
        } else if has("device.class").as_deref() != Some("monitor") {
            found.push((handle.display_name().to_string(), name, is_default));
        }
    }
    let names = found
        .iter()
        .map(|(name, source, _)| (name.clone(), Some(source.clone())));
    let devices = identify(names);
    sounds.microphones = devices
        .into_iter()
        .zip(found)
        .map(|(device, (_, source, is_default))| Microphone {
            device,
            source,
            is_default,
        })
        .collect();
    sounds
}

/// The sound system's name for a device; it is known to the element that would open it.
fn system_name(handle: &gst::Device) -> Option<String> {
    let element = handle.create_element(None).ok()?;
    element.property::<Option<String>>("device")
}
