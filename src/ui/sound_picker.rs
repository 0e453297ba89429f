//! Picking what is heard.

use egui::Ui;

use super::hints;
use super::icons::Icon;
use super::level;
use super::parts::{self, Tile};
use super::turn::Turn;
use crate::broadcast::Severity;
use crate::capture::{Input, Loudness, SoundSource, SourceState, VideoSource};
use crate::texts::t;

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

const TILES: [Tile<Kind>; 4] = [
    Tile {
        choice: Kind::Microphone,
        icon: Icon::Microphone,
        label: "tile-mic",
        name: "tile-microphone",
    },
    Tile {
        choice: Kind::Computer,
        icon: Icon::Computer,
        label: "tile-computer",
        name: "tile-computer-name",
    },
    Tile {
        choice: Kind::Own,
        icon: Icon::Note,
        label: "tile-source",
        name: "tile-source-name",
    },
    Tile {
        choice: Kind::None,
        icon: Icon::Silence,
        label: "tile-none",
        name: "tile-none-name",
    },
];

/// Shows the picker; a choice changes `input.sound`.
pub fn show(ui: &mut Ui, input: &mut Input, turn: &Turn<'_>) {
    parts::card(ui, Icon::Computer, t("sound"), |ui| {
        if let Some(kind) = parts::tiles(ui, t("sound"), &TILES, Kind::of(&input.sound))
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
                parts::explain(ui, t("sound-nothing"));
            }
        }
        level(ui, &input.sound, turn);
        match &turn.snapshot.sound {
            // A choice that is on its way has no state yet.
            _ if input.sound != turn.snapshot.input.sound => {}
            SourceState::Gone(reason) => hints::banner(ui, Severity::Warning, &reason.spoken()),
            SourceState::Opening => {
                parts::explain(ui, t("sound-opening"));
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
        _ if muted => t("sound-muted"),
        Loudness::Silent => t("sound-silent"),
        Loudness::Quiet => t("sound-quiet"),
        Loudness::Good => t("sound-good"),
        Loudness::TooLoud => t("sound-too-loud"),
    };
    parts::explain(ui, words);
}

fn microphones(ui: &mut Ui, chosen: &mut Option<String>, turn: &Turn<'_>) {
    let usual = t("sound-usual");
    let microphones = &turn.snapshot.devices.microphones;
    let name = match chosen {
        None => usual,
        Some(id) => microphones
            .iter()
            .find(|microphone| microphone.id == *id)
            .map_or(t("sound-unplugged"), |microphone| &microphone.name),
    };
    let mut picked = None;
    parts::drop_down(ui, t("sound-which"), name, |ui| {
        if ui.selectable_label(chosen.is_none(), usual).clicked() {
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
        parts::explain(ui, t("sound-no-microphone"));
    }
    if let Some(picked) = picked {
        *chosen = picked;
    }
}

fn computer(ui: &mut Ui, turn: &Turn<'_>) {
    let text = if turn.snapshot.devices.computer_sound {
        t("sound-computer")
    } else {
        t("sound-no-computer")
    };
    parts::explain(ui, text);
}

fn own_sound(video: &VideoSource) -> &'static str {
    match video {
        VideoSource::Test | VideoSource::BusyTest => t("sound-beep"),
        VideoSource::File(_) => t("sound-file"),
        VideoSource::Screen(_) | VideoSource::Camera(_) => t("sound-none-own"),
    }
}
