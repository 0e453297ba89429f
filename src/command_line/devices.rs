//! `liveontorrent devices`: what can be picked.

use std::io::Write;

use anyhow::Context;
use serde::Serialize;

use super::arguments::DevicesArguments;
use super::sources::area_argument;
use crate::capture::{Device, DeviceList, Devices};
use crate::segmenter::available_encoders;

/// One thing that can be picked, and the word for it on the command line.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Choice {
    argument: String,
    name: String,
}

/// All that can be picked.
#[derive(Debug, Serialize)]
struct Listing {
    sources: Vec<Choice>,
    sounds: Vec<Choice>,
    encoders: Vec<Choice>,
}

pub(super) fn run(arguments: &DevicesArguments) -> anyhow::Result<()> {
    let mut listing = list(&DeviceList::once());
    listing.encoders = available_encoders()
        .into_iter()
        .map(|encoder| choice(encoder.word(), encoder.to_string()))
        .collect();
    let mut out = std::io::stdout().lock();
    let written = if arguments.json {
        serde_json::to_writer(&mut out, &listing)?;
        writeln!(out)
    } else {
        write!(out, "{}", in_words(&listing))
    };
    written.context("standard output is closed")
}

fn list(devices: &Devices) -> Listing {
    let of =
        |kind: &str, device: &Device| choice(format!("{kind}:{}", device.id), device.name.clone());
    let mut sources = vec![choice("test", "Test picture")];
    let screens = devices.screens.iter();
    sources.extend(screens.map(|(area, name)| choice(area_argument(area), name.clone())));
    sources.extend(devices.cameras.iter().map(|each| of("camera", each)));
    sources.push(choice("file:PATH", "A video file"));
    let mut sounds = vec![
        choice("none", "No sound"),
        choice("own", "The file's or the test picture's own sound"),
    ];
    if devices.computer_sound {
        sounds.push(choice("computer", "What this computer plays"));
    }
    sounds.extend(
        devices
            .microphones
            .iter()
            .map(|each| of("microphone", each)),
    );
    Listing {
        sources,
        sounds,
        encoders: Vec::new(),
    }
}

fn choice(argument: impl Into<String>, name: impl Into<String>) -> Choice {
    Choice {
        argument: argument.into(),
        name: name.into(),
    }
}

fn in_words(listing: &Listing) -> String {
    let parts = [
        ("--source", &listing.sources),
        ("--sound", &listing.sounds),
        ("--encoder", &listing.encoders),
    ];
    let mut text = String::new();
    for (option, choices) in parts {
        text.push_str(option);
        text.push('\n');
        for Choice { argument, name } in choices {
            text.push_str(&format!("  {argument:<28} {name}\n"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::ScreenArea;
    use crate::command_line::sources;

    #[test]
    fn what_is_listed_can_be_picked() {
        let device = |id: &str| Device {
            id: id.to_owned(),
            name: "Logi: HD Webcam".to_owned(),
        };
        let listing = list(&Devices {
            screens: vec![(ScreenArea::Window(0x1c00003), "Letter".to_owned())],
            cameras: vec![device("usb-046d:0825")],
            microphones: vec![device("alsa_input.pci")],
            computer_sound: true,
        });
        for Choice { argument, .. } in &listing.sources {
            assert!(sources::video(argument).is_ok(), "{argument}");
        }
        for Choice { argument, .. } in &listing.sounds {
            assert!(sources::sound(argument).is_ok(), "{argument}");
        }
        let words = in_words(&listing);
        assert!(words.contains("camera:usb-046d:0825"), "{words}");
    }
}
