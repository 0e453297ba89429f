//! What the computer plays: the monitor of the sound system's default output.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::time::sleep;

use super::devices;
use super::error::SourceError;
use super::naming;
use super::outlet::SoundOutlet;
use super::pulse::{self, Recording};
use super::source::Source;

/// The sound system's own name for it.
const MONITOR: &str = "@DEFAULT_MONITOR@";
/// Somebody who plugs in headphones notices that the sound moves there in about this time.
const LOOK: Duration = Duration::from_secs(2);

/// The monitor at work.
struct ComputerSound {
    recording: Recording,
    outlet: Arc<SoundOutlet>,
    output: Option<String>,
}

/// Opens it.
pub(super) async fn open(outlet: SoundOutlet) -> Result<Box<dyn Source>, SourceError> {
    let sounds = tokio::task::spawn_blocking(devices::sounds)
        .await
        .map_err(|error| SourceError::GStreamer(error.to_string()))?;
    if sounds.is_empty() {
        return Err(SourceError::NoSoundSystem);
    }
    if sounds.outputs == 0 {
        return Err(SourceError::NoComputerSound);
    }
    let outlet = Arc::new(outlet);
    let recording = pulse::record(MONITOR, &naming::computer_sound(), &outlet).await?;
    Ok(Box::new(ComputerSound {
        recording,
        outlet,
        output: sounds.default_output,
    }))
}

#[async_trait]
impl Source for ComputerSound {
    async fn failure(&mut self) -> SourceError {
        loop {
            tokio::select! {
                stopped = self.recording.pipeline.stopped() => return pulse::explain(stopped, &naming::computer_sound()),
                () = moved(&mut self.output) => {
                    match pulse::record(MONITOR, &naming::computer_sound(), &self.outlet).await {
                        Ok(recording) => self.recording = recording,
                        Err(error) => return error,
                    }
                }
            }
        }
    }
}

/// Waits until the computer plays somewhere else.
async fn moved(output: &mut Option<String>) {
    loop {
        sleep(LOOK).await;
        let Ok(sounds) = tokio::task::spawn_blocking(devices::sounds).await else {
            continue;
        };
        if sounds.default_output.is_some() && sounds.default_output != *output {
            *output = sounds.default_output;
            return;
        }
    }
}
