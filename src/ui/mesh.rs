//! A picture of who gives the stream to whom, as far as the streamer can know: the streamer in the middle, around it those
//! that get parts from it, then the ring in which viewers pass parts on to each other, and outside those who live on it.

use std::f32::consts::TAU;

use egui::{Align2, Color32, Painter, Pos2, Rect, Role, Sense, Stroke, Ui, Vec2, WidgetInfo};

use super::theme::{Palette, semi_bold};
use crate::broadcast::{Live, Neighbour};
use crate::texts::{decimal, say, t};

/// The streamer's radius, and the least of a viewer's, in points.
const STREAMER: f32 = 27.0;
const VIEWER: f32 = 6.0;
/// More parts than this are drawn as thick and as large as this: three whole streams.
const MOST_PARTS: usize = 3 * Neighbour::PARTS;

/// Draws the picture into a space of this size.
pub fn show(ui: &mut Ui, live: &Live, size: Vec2) {
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    let spoken = spoken(live);
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &spoken));
    let mesh = Mesh::lay_out(rect, &live.audience);
    mesh.paint(&ui.painter_at(rect), Palette::in_use(ui));
    let under = response.hover_pos().and_then(|at| mesh.viewer_at(at));
    if let Some(neighbour) = under {
        response.on_hover_text_at_pointer(describe(neighbour));
    }
}

/// What the picture says, in words.
fn spoken(live: &Live) -> String {
    let fed = live.audience.iter().filter(|each| each.parts > 0).count();
    say(
        "mesh-spoken",
        [("fed", fed.into()), ("count", live.viewers.into())],
    )
}

fn describe(viewer: &Neighbour) -> String {
    let source = match viewer.parts {
        0 => t("mesh-from-viewers").to_owned(),
        Neighbour::PARTS => t("mesh-from-you").to_owned(),
        parts => say(
            "mesh-parts",
            [("parts", parts.into()), ("all", Neighbour::PARTS.into())],
        ),
    };
    let streams = viewer.passes_on as f32 / Neighbour::PARTS as f32;
    let gives = match (viewer.upload_off, viewer.passes_on) {
        (true, _) => t("mesh-off").to_owned(),
        (false, 0) => t("mesh-nothing").to_owned(),
        (false, _) => say("mesh-passes", [("streams", format!("{streams:.1}").into())]),
    };
    let delay = viewer.delay.map_or_else(String::new, |delay| {
        let seconds = decimal(delay.as_secs_f32(), 2);
        say("mesh-delay", [("seconds", seconds.into())])
    });
    format!("{source}; {gives}{delay}.")
}

/// Where everything is drawn.
struct Mesh<'a> {
    center: Pos2,
    /// The ring in which viewers pass parts on, if any do.
    ring: Option<f32>,
    viewers: Vec<Dot<'a>>,
}

struct Dot<'a> {
    viewer: &'a Neighbour,
    /// From the middle outwards, of length 1.
    direction: Vec2,
    center: Pos2,
    radius: f32,
}

impl<'a> Mesh<'a> {
    fn lay_out(rect: Rect, audience: &'a [Neighbour]) -> Self {
        let reach = rect.width().min(rect.height()) / 2.0 - 16.0;
        let (fed, others): (Vec<_>, Vec<_>) = audience.iter().partition(|each| each.parts > 0);
        let passes_on = audience.iter().any(|each| each.passes_on > 0);
        let (inner, ring) = if others.is_empty() {
            (0.66 * reach, 0.94 * reach)
        } else {
            (0.5 * reach, 0.74 * reach)
        };
        let mut mesh = Self {
            center: rect.center(),
            ring: (passes_on || !others.is_empty()).then_some(ring),
            viewers: Vec::with_capacity(audience.len()),
        };
        mesh.place(&fed, inner, 0.0);
        mesh.place(&others, 0.97 * reach, 0.5);
        mesh
    }

    /// Puts viewers around the middle, the first one at the top or so much of a step after it.
    fn place(&mut self, viewers: &[&'a Neighbour], distance: f32, after: f32) {
        let step = TAU / viewers.len().max(1) as f32;
        for (at, viewer) in viewers.iter().enumerate() {
            let direction = Vec2::angled((at as f32 + after) * step - TAU / 4.0);
            self.viewers.push(Dot {
                viewer,
                direction,
                center: self.center + direction * distance,
                radius: VIEWER + 0.4 * viewer.passes_on.min(MOST_PARTS) as f32,
            });
        }
    }

    fn viewer_at(&self, at: Pos2) -> Option<&'a Neighbour> {
        let near = |dot: &&Dot| dot.center.distance(at) <= dot.radius + 4.0;
        self.viewers.iter().find(near).map(|dot| dot.viewer)
    }

    fn paint(&self, painter: &Painter, palette: &Palette) {
        if let Some(ring) = self.ring {
            let band = Stroke::new(12.0, palette.accent_soft);
            painter.circle_stroke(self.center, ring, band);
        }
        for dot in &self.viewers {
            self.paint_lines(painter, palette, dot);
        }
        for dot in &self.viewers {
            let (fill, edge) = colors(palette, dot.viewer);
            painter.circle(dot.center, dot.radius, fill, Stroke::new(1.5, edge));
        }
        painter.circle_filled(self.center, STREAMER, palette.live);
        let font = semi_bold(15.0);
        painter.text(
            self.center,
            Align2::CENTER_CENTER,
            t("mesh-you"),
            font,
            Color32::WHITE,
        );
    }

    /// From the streamer to a viewer, and between a viewer and the ring.
    fn paint_lines(&self, painter: &Painter, palette: &Palette, dot: &Dot<'_>) {
        let viewer = dot.viewer;
        if viewer.parts > 0 {
            let stroke = Stroke::new(thickness(viewer.parts), palette.accent);
            painter.line_segment([self.center, dot.center], stroke);
        }
        let Some(ring) = self.ring else {
            return;
        };
        let on_ring = self.center + dot.direction * ring;
        let taken = Neighbour::PARTS.saturating_sub(viewer.parts);
        let exchanged = taken.max(viewer.passes_on.min(Neighbour::PARTS));
        let stroke = Stroke::new(thickness(exchanged), palette.accent_soft);
        painter.line_segment([on_ring, dot.center], stroke);
    }
}

fn thickness(parts: usize) -> f32 {
    if parts == 0 {
        0.0
    } else {
        1.0 + 1.2 * parts as f32
    }
}

/// Filled: it passes the stream on. Hollow: it only takes.
fn colors(palette: &Palette, viewer: &Neighbour) -> (Color32, Color32) {
    if viewer.passes_on > 0 {
        (palette.accent_text, palette.accent_text)
    } else {
        (palette.surface, palette.weak)
    }
}
