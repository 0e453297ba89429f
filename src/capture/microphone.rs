//! Microphones.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::time::interval;

use super::devices::{self, Microphone};
use super::error::SourceError;
use super::naming;
use super::outlet::SoundOutlet;
use super::pulse::{self, Recording};
use super::source::Source;
use crate::texts::Message;

/// How soon it is noticed that a microphone was pulled out.
const LOOK: Duration = Duration::from_millis(200);

/// Opens a microphone by its id; `None` for the system's default.
pub(super) async fn open(
    id: Option<&str>,
    outlet: SoundOutlet,
) -> Result<Box<dyn Source>, SourceError> {
    let wanted = id.map(str::to_owned);
    let microphone = tokio::task::spawn_blocking(move || find(devices::sounds(), wanted))
        .await
        .map_err(|error| SourceError::GStreamer(error.to_string()))??;
    let name = naming::microphone(&microphone.device.name);
    let recording = pulse::record(&microphone.source, &name, &Arc::new(outlet)).await?;
    Ok(Box::new(AtWork {
        recording,
        source: microphone.source,
        name,
    }))
}

/// A microphone at work.
struct AtWork {
    recording: Recording,
    /// The sound system's name for it.
    source: String,
    name: Message,
}

#[async_trait]
impl Source for AtWork {
    async fn failure(&mut self) -> SourceError {
        let mut look = interval(LOOK);
        loop {
            tokio::select! {
                stopped = self.recording.pipeline.stopped() => {
                    return pulse::explain(stopped, &self.name);
                }
                _ = look.tick() => {
                    // When a microphone is pulled out, the sound system goes on with another, or with what the computer
                    // plays. Nobody asked for that to be broadcast.
                    let current = self.recording.current_device();
                    if current.is_some_and(|current| current != self.source) {
                        return SourceError::Unplugged(self.name.clone());
                    }
                }
            }
        }
    }
}

fn find(sounds: devices::Sounds, wanted: Option<String>) -> Result<Microphone, SourceError> {
    if sounds.is_empty() {
        return Err(SourceError::NoSoundSystem);
    }
    let mut microphones = sounds.microphones;
    let index = match &wanted {
        // Not the sound system's own default, which is what the computer plays where there is no microphone.
        None => microphones
            .iter()
            .position(|found| found.is_default)
            .or(Some(0)),
        Some(id) => microphones.iter().position(|found| found.device.id == *id),
    };
    match (index, wanted) {
        (Some(index), _) if index < microphones.len() => Ok(microphones.swap_remove(index)),
        (_, Some(id)) => Err(SourceError::MicrophoneMissing(
            devices::name_in_id(&id).to_owned(),
        )),
        (_, None) => Err(SourceError::NoMicrophone),
    }
}

#[cfg(test)]
mod tests {
    use super::super::devices::Sounds;
    use super::*;

    fn microphone(id: &str, is_default: bool) -> Microphone {
        Microphone {
            device: super::super::Device {
                id: id.to_owned(),
                name: devices::name_in_id(id).to_owned(),
            },
            source: id.to_owned(),
            is_default,
        }
    }

    fn sounds(microphones: Vec<Microphone>) -> Sounds {
        Sounds {
            microphones,
            outputs: 1,
            default_output: None,
        }
    }

    #[test]
    fn the_systems_default_is_taken_unless_another_is_picked() {
        let both = || {
            sounds(vec![
                microphone("Webcam|a", false),
                microphone("Headset|b", true),
            ])
        };
        assert_eq!(find(both(), None).unwrap().device.id, "Headset|b");
        let webcam = find(both(), Some("Webcam|a".to_owned()));
        assert_eq!(webcam.unwrap().device.id, "Webcam|a");
    }

    #[test]
    fn what_is_missing_is_said() {
        let error =
            |sounds, wanted: Option<&str>| find(sounds, wanted.map(str::to_owned)).err().unwrap();
        assert_eq!(error(Sounds::default(), None), SourceError::NoSoundSystem);
        assert_eq!(error(sounds(vec![]), None), SourceError::NoMicrophone);
        assert_eq!(
            error(sounds(vec![]), Some("Headset|b")),
            SourceError::MicrophoneMissing("Headset".to_owned())
        );
    }
}
