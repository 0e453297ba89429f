//! Picking the second picture over a corner of the first: whether there is one, of which camera, where, and how large.

use egui::{Checkbox, CornerRadius, Response, Role, Sense, Ui, WidgetInfo, vec2};

use super::hints;
use super::parts::{self, choice_box};
use super::turn::Turn;
use crate::broadcast::Severity;
use crate::capture::{Corner, Overlay, OverlaySize, ScreenArea, SourceState, VideoSource};
use crate::texts::t;

/// Shows the picker; a choice changes `overlay`.
pub fn show(ui: &mut Ui, overlay: &mut Overlay, turn: &Turn<'_>) {
    let switch = Checkbox::new(&mut overlay.shown, t("overlay-shown"));
    ui.add(switch).on_hover_text(t("overlay-why"));
    if !overlay.shown {
        return;
    }
    sources(ui, &mut overlay.source, turn);
    corners(ui, &mut overlay.corner);
    sizes(ui, &mut overlay.size);
    match &turn.snapshot.overlay_state {
        // A choice that is on its way has no state yet.
        _ if overlay.source != turn.snapshot.overlay.source => {}
        Some(SourceState::Gone(reason)) => {
            hints::banner(ui, Severity::Warning, &reason.spoken());
        }
        Some(SourceState::Opening) => {
            parts::explain(ui, t("overlay-opening"));
        }
        Some(SourceState::Running) | None => {}
    }
}

fn sources(ui: &mut Ui, chosen: &mut VideoSource, turn: &Turn<'_>) {
    let cameras = &turn.snapshot.devices.cameras;
    let first = std::iter::once((VideoSource::Camera(None), t("camera-first").to_owned()));
    let listed = cameras.iter().map(|camera| {
        let source = VideoSource::Camera(Some(camera.id.clone()));
        (source, camera.name.clone())
    });
    // With the camera as the picture, the screen is what is shown small.
    let screen = VideoSource::Screen(ScreenArea::Whole);
    let screen = std::iter::once((screen, t("screen-whole").to_owned()));
    let offered: Vec<_> = first.chain(listed).chain(screen).collect();
    let name = offered
        .iter()
        .find(|(source, _)| source == chosen)
        .map_or_else(|| other(chosen), |(_, name)| name.clone());
    parts::drop_down(ui, t("overlay-which"), &name, |ui| {
        for (source, name) in offered {
            ui.selectable_value(chosen, source, name);
        }
    });
    if cameras.is_empty() && matches!(chosen, VideoSource::Camera(_)) {
        parts::explain(ui, t("camera-none"));
    }
}

/// What is picked and not offered, as by the command line.
fn other(source: &VideoSource) -> String {
    match source {
        VideoSource::Camera(_) => t("camera-unplugged").to_owned(),
        VideoSource::Screen(ScreenArea::Window(_)) => t("tile-window").to_owned(),
        VideoSource::Screen(_) => t("tile-screen").to_owned(),
        VideoSource::File(path) => path.display().to_string(),
        VideoSource::Test | VideoSource::BusyTest => t("tile-test-name").to_owned(),
    }
}

fn corners(ui: &mut Ui, chosen: &mut Corner) {
    parts::field(ui, t("overlay-corner"), |ui| {
        let row = ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 8.0;
            for corner in Corner::ALL {
                if corner_button(ui, corner, corner == *chosen).clicked() {
                    *chosen = corner;
                }
            }
        });
        group(ui, row.response)
    });
}

/// A small picture with a smaller one in that corner of it.
fn corner_button(ui: &mut Ui, corner: Corner, chosen: bool) -> Response {
    let (rect, response) = ui.allocate_exact_size(vec2(58.0, 36.0), Sense::click());
    let (painter, ink) = choice_box(ui, &response, chosen);
    let room = rect.shrink(6.0);
    let align = match corner {
        Corner::TopLeft => egui::Align2::LEFT_TOP,
        Corner::TopRight => egui::Align2::RIGHT_TOP,
        Corner::BottomLeft => egui::Align2::LEFT_BOTTOM,
        Corner::BottomRight => egui::Align2::RIGHT_BOTTOM,
    };
    let inset = align.align_size_within_rect(vec2(19.0, 11.0), room);
    painter.rect_filled(inset, CornerRadius::same(2), ink);
    let (enabled, name) = (ui.is_enabled(), corner_name(corner));
    response.widget_info(|| WidgetInfo::selected(Role::RadioButton, enabled, chosen, name));
    response.on_hover_text(name)
}

fn sizes(ui: &mut Ui, chosen: &mut OverlaySize) {
    parts::field(ui, t("overlay-size"), |ui| {
        let row = ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 18.0;
            for size in OverlaySize::ALL {
                ui.radio_value(chosen, size, size_name(size));
            }
        });
        group(ui, row.response)
    });
}

fn group(ui: &Ui, response: Response) -> Response {
    ui.ctx()
        .accesskit_node_builder(response.id, |node| node.set_role(Role::RadioGroup));
    response
}

fn corner_name(corner: Corner) -> &'static str {
    match corner {
        Corner::TopLeft => t("overlay-top-left"),
        Corner::TopRight => t("overlay-top-right"),
        Corner::BottomLeft => t("overlay-bottom-left"),
        Corner::BottomRight => t("overlay-bottom-right"),
    }
}

fn size_name(size: OverlaySize) -> &'static str {
    match size {
        OverlaySize::Small => t("overlay-small"),
        OverlaySize::Medium => t("overlay-medium"),
        OverlaySize::Large => t("overlay-large"),
    }
}
