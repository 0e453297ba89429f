//! Picking what is seen: a kind of source as a tile, and under it which one exactly.

use egui::{DragValue, Ui};

use super::file_field::FileField;
use super::icons::Icon;
use super::parts::{self, Tile};
use super::turn::Turn;
use crate::capture::{Devices, ScreenArea, VideoSource};
use crate::texts::{say, t};

/// A kind of source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Screen,
    Window,
    Camera,
    File,
    Test,
}

impl Kind {
    fn of(source: &VideoSource) -> Self {
        match source {
            VideoSource::Test | VideoSource::BusyTest => Self::Test,
            VideoSource::Screen(ScreenArea::Window(_)) => Self::Window,
            VideoSource::Screen(_) => Self::Screen,
            VideoSource::Camera(_) => Self::Camera,
            VideoSource::File(_) => Self::File,
        }
    }

    /// What picking the kind picks at once; `None` where the person must say which one first.
    fn first_choice(self) -> Option<VideoSource> {
        match self {
            Self::Screen => Some(VideoSource::Screen(ScreenArea::Whole)),
            Self::Camera => Some(VideoSource::Camera(None)),
            Self::Test => Some(VideoSource::Test),
            Self::Window | Self::File => None,
        }
    }
}

const TILES: [Tile<Kind>; 5] = [
    Tile {
        choice: Kind::Screen,
        icon: Icon::Screen,
        label: "tile-screen",
        name: "tile-screen",
    },
    Tile {
        choice: Kind::Window,
        icon: Icon::Window,
        label: "tile-window",
        name: "tile-window",
    },
    Tile {
        choice: Kind::Camera,
        icon: Icon::Camera,
        label: "tile-camera",
        name: "tile-camera",
    },
    Tile {
        choice: Kind::File,
        icon: Icon::File,
        label: "tile-file",
        name: "tile-file-name",
    },
    Tile {
        choice: Kind::Test,
        icon: Icon::TestPicture,
        label: "tile-test",
        name: "tile-test-name",
    },
];

/// The part of a screen that is offered first: what viewers get at the usual quality, pixel for pixel.
const FIRST_REGION: ScreenArea = ScreenArea::Region {
    x: 0,
    y: 0,
    width: 1280,
    height: 720,
};

/// The picker; it remembers what the person looks at but has not picked yet.
#[derive(Default)]
pub struct SourcePicker {
    /// A kind that is looked at while another is still in use.
    looked_at: Option<Kind>,
    /// What was last picked of the kinds that were picked in this window.
    picked_before: Vec<VideoSource>,
    file: FileField,
}

impl SourcePicker {
    /// Shows it, and `below` in the same card; a choice changes `source`.
    pub fn show(
        &mut self,
        ui: &mut Ui,
        source: &mut VideoSource,
        turn: &Turn<'_>,
        below: impl FnOnce(&mut Ui),
    ) {
        if let Some(dropped) = self.file.take_dropped(ui.ctx()) {
            self.pick(VideoSource::File(dropped), source);
        }
        parts::card(ui, Icon::Screen, t("picture"), |ui| {
            let kind = self.looked_at.unwrap_or_else(|| Kind::of(source));
            if let Some(kind) = parts::tiles(ui, t("picture"), &TILES, kind) {
                self.look_at(kind, source);
            }
            let kind = self.looked_at.unwrap_or_else(|| Kind::of(source));
            if let Some(picked) = self.details(ui, kind, source, turn) {
                self.pick(picked, source);
            }
            below(ui);
        });
    }

    fn look_at(&mut self, kind: Kind, source: &mut VideoSource) {
        let before = self
            .picked_before
            .iter()
            .find(|before| Kind::of(before) == kind);
        match before.cloned().or_else(|| kind.first_choice()) {
            Some(first) if Kind::of(source) != kind => self.pick(first, source),
            Some(_) => self.looked_at = None,
            None => self.looked_at = (Kind::of(source) != kind).then_some(kind),
        }
    }

    fn pick(&mut self, picked: VideoSource, source: &mut VideoSource) {
        self.looked_at = None;
        for picked in [source.clone(), picked.clone()] {
            self.picked_before
                .retain(|before| Kind::of(before) != Kind::of(&picked));
            self.picked_before.push(picked);
        }
        *source = picked;
    }

    fn details(
        &mut self,
        ui: &mut Ui,
        kind: Kind,
        source: &VideoSource,
        turn: &Turn<'_>,
    ) -> Option<VideoSource> {
        let devices = &turn.snapshot.devices;
        match kind {
            Kind::Screen => screens(ui, source, devices).map(VideoSource::Screen),
            Kind::Window => windows(ui, source, devices).map(VideoSource::Screen),
            Kind::Camera => cameras(ui, source, devices).map(VideoSource::Camera),
            Kind::File => self.file.show(ui, source, turn).map(VideoSource::File),
            Kind::Test => {
                parts::explain(ui, t("picture-test"));
                None
            }
        }
    }
}

fn screens(ui: &mut Ui, source: &VideoSource, devices: &Devices) -> Option<ScreenArea> {
    let chosen = match source {
        VideoSource::Screen(area) => area,
        _ => &ScreenArea::Whole,
    };
    let mut picked = None;
    parts::drop_down(ui, t("screen-which"), &screen_name(chosen, devices), |ui| {
        let listed = devices
            .screens
            .iter()
            .filter(|(area, _)| matches!(area, ScreenArea::Monitor(_)))
            .map(|(area, name)| (area.clone(), name.clone()));
        let whole = (ScreenArea::Whole, screen_name(&ScreenArea::Whole, devices));
        for (area, name) in std::iter::once(whole).chain(listed) {
            if ui.selectable_label(*chosen == area, name).clicked() {
                picked = Some(area);
            }
        }
        let is_region = matches!(chosen, ScreenArea::Region { .. });
        if ui.selectable_label(is_region, t(PART_OF_SCREEN)).clicked() && !is_region {
            picked = Some(FIRST_REGION);
        }
    });
    picked.or_else(|| region(ui, chosen))
}

const PART_OF_SCREEN: &str = "screen-part";

fn screen_name(area: &ScreenArea, devices: &Devices) -> String {
    let listed = devices.screens.iter().find(|(listed, _)| listed == area);
    match (listed, area) {
        (_, ScreenArea::Whole) => t("screen-whole").to_owned(),
        (Some((_, name)), _) => name.clone(),
        (None, ScreenArea::Monitor(name)) => say("screen-gone", [("name", name.as_str().into())]),
        (None, ScreenArea::Region { .. }) => t(PART_OF_SCREEN).to_owned(),
        (None, ScreenArea::Window(_)) => t("window-closed").to_owned(),
    }
}

/// The numbers of a part of the screen, where that is chosen.
fn region(ui: &mut Ui, chosen: &ScreenArea) -> Option<ScreenArea> {
    /// The smallest part that encoders take.
    const SMALLEST: u32 = 64;
    /// Chosen: larger than any screen.
    const LARGEST: u32 = 32_768;
    let ScreenArea::Region {
        mut x,
        mut y,
        mut width,
        mut height,
    } = *chosen
    else {
        return None;
    };
    let mut changed = false;
    let mut number = |ui: &mut Ui, name: &str, value: &mut u32, smallest: u32| {
        changed |= parts::field(ui, name, |ui| {
            let field = DragValue::new(value)
                .range(smallest..=LARGEST)
                .suffix(" px")
                .update_while_editing(false);
            ui.add(field)
        })
        .changed();
    };
    ui.horizontal(|ui| {
        number(ui, t("part-left"), &mut x, 0);
        number(ui, t("part-top"), &mut y, 0);
        number(ui, t("part-width"), &mut width, SMALLEST);
        number(ui, t("part-height"), &mut height, SMALLEST);
    });
    changed.then_some(ScreenArea::Region {
        x,
        y,
        width,
        height,
    })
}

fn windows(ui: &mut Ui, source: &VideoSource, devices: &Devices) -> Option<ScreenArea> {
    let windows: Vec<_> = devices
        .screens
        .iter()
        .filter(|(area, _)| matches!(area, ScreenArea::Window(_)))
        .collect();
    let chosen = match source {
        VideoSource::Screen(area @ ScreenArea::Window(_)) => Some(area),
        _ => None,
    };
    if windows.is_empty() && chosen.is_none() {
        parts::explain(ui, t("window-none"));
        return None;
    }
    let name = chosen.map_or_else(
        || t("window-choose").to_owned(),
        |area| screen_name(area, devices),
    );
    let mut picked = None;
    parts::drop_down(ui, t("window-which"), &name, |ui| {
        for (area, name) in windows {
            if ui.selectable_label(chosen == Some(area), name).clicked() {
                picked = Some(area.clone());
            }
        }
    });
    picked
}

fn cameras(ui: &mut Ui, source: &VideoSource, devices: &Devices) -> Option<Option<String>> {
    let first = t("camera-first");
    let chosen = match source {
        VideoSource::Camera(id) => id.as_deref(),
        _ => None,
    };
    let name = match chosen {
        None => first,
        Some(id) => devices
            .cameras
            .iter()
            .find(|camera| camera.id == id)
            .map_or(t("camera-unplugged"), |camera| &camera.name),
    };
    let mut picked = None;
    parts::drop_down(ui, t("camera-which"), name, |ui| {
        if ui.selectable_label(chosen.is_none(), first).clicked() {
            picked = Some(None);
        }
        for camera in &devices.cameras {
            let is_chosen = chosen == Some(camera.id.as_str());
            if ui.selectable_label(is_chosen, &camera.name).clicked() {
                picked = Some(Some(camera.id.clone()));
            }
        }
    });
    if devices.cameras.is_empty() {
        parts::explain(ui, t("camera-none"));
    }
    picked
}
