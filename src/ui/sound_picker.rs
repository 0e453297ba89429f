//! Picking what is heard.

use egui::Ui;

use super::hints;
use super::icons::Icon;
use super::level;
use super::parts::{self, Tile};
use super::turn::Turn;
use crate::broadcast::Severity;
use crate::capture::{Input, Loudness, SoundSource, SourceState, VideoSource};

/// A kind of sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Microphone,
    Computer,
    Own,
    None,
}

impl Kind {
    fn of(sound: &SoundSource) -> Self {
        match sound {
            SoundSource::None => Self::None,
            SoundSource::Own => Self::Own,
            SoundSource::Microphone(_) => Self::Microphone,
            SoundSource::Computer => Self::Computer,
        }
    }

    fn first_choice(self) -> SoundSource {
        match self {
            Self::Microphone => SoundSource::Microphone(None),
            Self::Computer => SoundSource::Computer,
            Self::Own => SoundSource::Own,
            Self::None => SoundSource::None,
        }
    }
}

const TILES: [Tile<'_, Kind>; 4] = [
    Tile {
        choice: Kind::Microphone,
        icon: Icon::Microphone,
        label: "Mic",
        name: "Microphone",
    },
    Tile {
        choice: Kind::Computer,
        icon: Icon::Computer,
        label: "Computer",
        name: "What the computer plays",
    },
    Tile {
        choice: Kind::Own,
        icon: Icon::Note,
        label: "Source",
        name: "The source's own sound",
    },
    Tile {
        choice: Kind::None,
        icon: Icon::Silence,
        label: "None",
        name: "None: silence",
    },
];

/// Shows the picker; a choice changes `input.sound`.
pub fn show(ui: &mut Ui, input: &mut Input, turn: &Turn<'_>) {
    parts::card(ui, Icon::Computer, "Sound", |ui| {
        if let Some(kind) = parts::tiles(ui, "Sound", &TILES, Kind::of(&input.sound))
            && kind != Kind::of(&input.sound)
        {
            input.sound = kind.first_choice();
        }
        match &mut input.sound {
            SoundSource::Microphone(id) => microphones(ui, id, turn),
            SoundSource::Computer => computer(ui, turn),
            SoundSource::Own => {
                parts::explain(ui, own_sound(&input.video));
            }
            SoundSource::None => {
                parts::explain(ui, "Viewers hear nothing.");
            }
        }
        level(ui, &input.sound, turn);
        match &turn.snapshot.sound {
            // A choice that is on its way has no state yet.
            _ if input.sound != turn.snapshot.input.sound => {}
            SourceState::Gone(reason) => hints::banner(ui, Severity::Warning, reason),
            SourceState::Opening => {
                parts::explain(ui, "Opening the sound…");
            }
            SourceState::Running => {}
        }
    });
}

/// The meter, and what to do about a level that is not good.
fn level(ui: &mut Ui, sound: &SoundSource, turn: &Turn<'_>) {
    if *sound == SoundSource::None {
        return;
    }
    let (level, muted) = (turn.snapshot.sound_level, turn.snapshot.muted);
    let width = ui.available_width();
    level::show(ui, level, muted, width);
    let words = match level.loudness() {
        _ if muted => "Muted: viewers hear nothing.",
        Loudness::Silent => "Nothing is heard just now.",
        Loudness::Quiet => "Quiet: come closer, or turn it up in the system's settings.",
        Loudness::Good => "The level is good.",
        Loudness::TooLoud => "Too loud: turn it down in the system's settings.",
    };
    parts::explain(ui, words);
}

fn microphones(ui: &mut Ui, chosen: &mut Option<String>, turn: &Turn<'_>) {
    const USUAL: &str = "The system's usual one";
    let microphones = &turn.snapshot.devices.microphones;
    let name = match chosen {
        None => USUAL,
        Some(id) => microphones
            .iter()
            .find(|microphone| microphone.id == *id)
            .map_or("A microphone that is not plugged in", |microphone| {
                &microphone.name
            }),
    };
    let mut picked = None;
    parts::drop_down(ui, "Which microphone", name, |ui| {
        if ui.selectable_label(chosen.is_none(), USUAL).clicked() {
            picked = Some(None);
        }
        for microphone in microphones {
            let is_chosen = chosen.as_deref() == Some(&microphone.id);
            if ui.selectable_label(is_chosen, &microphone.name).clicked() {
                picked = Some(Some(microphone.id.clone()));
            }
        }
    });
    if microphones.is_empty() {
        parts::explain(
            ui,
            "No microphone was found. Plug one in; it appears here by itself.",
        );
    }
    if let Some(picked) = picked {
        *chosen = picked;
    }
}

fn computer(ui: &mut Ui, turn: &Turn<'_>) {
    let text = if turn.snapshot.devices.computer_sound {
        "Viewers hear everything that this computer plays."
    } else {
        "This system does not say what it plays: PulseAudio or PipeWire is needed. Choose another sound."
    };
    parts::explain(ui, text);
}

fn own_sound(video: &VideoSource) -> &'static str {
    match video {
        VideoSource::Test | VideoSource::BusyTest => "A beep each second.",
        VideoSource::File(_) => "The file's own sound, if it has any.",
        VideoSource::Screen(_) | VideoSource::Camera(_) => {
            "This picture has no sound of its own: viewers hear nothing."
        }
    }
}
