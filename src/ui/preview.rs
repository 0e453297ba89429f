//! The picture as viewers will see it, and over it what is the matter when there is none.

use egui::{
    Align, Color32, ColorImage, CornerRadius, FontId, Image, Rect, Role, Sense, Stroke, StrokeKind,
    TextureHandle, TextureOptions, Ui, Vec2, WidgetInfo, pos2, text::LayoutJob, vec2,
};

use super::icons::{self, Icon};
use super::theme::{CARD_RADIUS, Palette, semi_bold};
use super::turn::Turn;
use crate::broadcast::Phase;
use crate::capture::{PreviewFrame, SourceState};
use crate::texts::{self, t};

/// The lowest preview in points, in which a face is still recognised.
const LOWEST: f32 = 200.0;
/// Behind the picture, in both looks: what a screen shows when nothing is on.
const STAGE: Color32 = Color32::from_rgb(0x0b, 0x0b, 0x0f);
const ON_STAGE: Color32 = Color32::from_rgb(0xf2, 0xf2, 0xf6);
const WEAK_ON_STAGE: Color32 = Color32::from_rgb(0xb9, 0xb9, 0xc6);
const WARNING_ON_STAGE: Color32 = Color32::from_rgb(0xfb, 0xc9, 0x5e);

/// The preview; it holds the newest frame on the graphics card.
#[derive(Default)]
pub struct Preview {
    shown: Option<Shown>,
}

struct Shown {
    serial: u64,
    texture: TextureHandle,
}

impl Preview {
    /// Shows the preview, as large as 16 to 9 fits into the width and `height`, but never so low that it shows too little.
    pub fn show(&mut self, ui: &mut Ui, height: f32, turn: &Turn<'_>) {
        self.upload(ui, turn);
        let width = ui.available_width();
        let size = vec2(width, height.max(LOWEST).min(width * 9.0 / 16.0));
        let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
        let state = &turn.snapshot.video;
        response.widget_info(|| WidgetInfo::labeled(Role::Image, true, describe(state)));
        let rounding = CornerRadius::same(CARD_RADIUS);
        // What viewers see of a source that is gone says so too; here there is room for why, and what to do.
        let is_gone = matches!(state, SourceState::Gone(_));
        let shown = self.shown.as_ref().filter(|_| !is_gone);
        let picture = shown.map(|shown| fit(shown.texture.size_vec2(), rect));
        // Where the picture will be there is no need for it, and without a graphics card each layer of this size costs.
        if picture != Some(rect) {
            ui.painter().rect_filled(rect, rounding, STAGE);
        }
        if let (Some(Shown { texture, .. }), Some(picture)) = (shown, picture) {
            Image::from_texture(texture)
                .corner_radius(if picture == rect {
                    rounding
                } else {
                    CornerRadius::ZERO
                })
                .paint_at(ui, picture);
        }
        self.overlay(ui, rect, state);
        let border = Palette::in_use(ui).border;
        ui.painter()
            .rect_stroke(rect, rounding, Stroke::new(1.0, border), StrokeKind::Inside);
        if matches!(&turn.snapshot.phase, Phase::Live(live) if !live.paused) {
            live_mark(ui, rect);
        }
    }

    fn upload(&mut self, ui: &Ui, turn: &Turn<'_>) {
        let Some(frame) = turn.snapshot.preview.as_deref() else {
            self.shown = None;
            return;
        };
        if frame.rgba.len() != frame.width * frame.height * 4 {
            return;
        }
        match &mut self.shown {
            Some(shown) if shown.serial == frame.serial => {}
            Some(shown) => {
                shown.texture.set(image(frame), TextureOptions::LINEAR);
                shown.serial = frame.serial;
            }
            None => {
                let texture =
                    ui.ctx()
                        .load_texture("preview", image(frame), TextureOptions::LINEAR);
                self.shown = Some(Shown {
                    serial: frame.serial,
                    texture,
                });
            }
        }
    }

    fn overlay(&self, ui: &Ui, rect: Rect, state: &SourceState) {
        match state {
            SourceState::Running if self.shown.is_some() => {}
            SourceState::Running | SourceState::Opening => {
                say(ui, rect, None, t("preview-opening"), "");
            }
            SourceState::Gone(reason) => {
                let icon = Some((Icon::Warning, WARNING_ON_STAGE));
                say(ui, rect, icon, t("preview-none"), &reason.spoken());
            }
        }
    }
}

fn image(frame: &PreviewFrame) -> ColorImage {
    // A video frame is opaque, for which both kinds of alpha are the same; this is the one that only copies.
    ColorImage::from_rgba_premultiplied([frame.width, frame.height], &frame.rgba)
}

/// The largest rectangle of the picture's shape in the middle of the stage.
fn fit(picture: Vec2, stage: Rect) -> Rect {
    let scale = (stage.width() / picture.x).min(stage.height() / picture.y);
    let size = picture * scale;
    if (size - stage.size()).abs().max_elem() < 1.0 {
        return stage;
    }
    Rect::from_center_size(stage.center(), size)
}

fn describe(state: &SourceState) -> String {
    match state {
        SourceState::Opening => t("preview-is-opening").to_owned(),
        SourceState::Running => t("preview-of").to_owned(),
        SourceState::Gone(reason) => {
            texts::say("preview-none-why", [("why", reason.spoken().into())])
        }
    }
}

/// Words in the middle of the stage.
fn say(ui: &Ui, stage: Rect, icon: Option<(Icon, Color32)>, headline: &str, detail: &str) {
    let painter = ui.painter_at(stage);
    let width = (stage.width() - 48.0).min(460.0);
    let lay_out = |text: &str, font: FontId, color: Color32| {
        let mut job = LayoutJob::simple(text.to_owned(), font, color, width);
        job.halign = Align::Center;
        painter.layout_job(job)
    };
    let texts = [
        lay_out(headline, semi_bold(18.0), ON_STAGE),
        lay_out(detail, FontId::proportional(14.0), WEAK_ON_STAGE),
    ];
    let icon_height = if icon.is_some() { 44.0 } else { 0.0 };
    let text_height: f32 = texts.iter().map(|text| text.size().y + 6.0).sum();
    let mut top = stage.center().y - (icon_height + text_height) / 2.0;
    if let Some((icon, color)) = icon {
        let center = pos2(stage.center().x, top + 16.0);
        let place = Rect::from_center_size(center, Vec2::splat(34.0));
        icons::paint(&painter, icon, place, color);
        top += icon_height;
    }
    for text in texts {
        let height = text.size().y;
        painter.galley(pos2(stage.center().x, top), text, ON_STAGE);
        top += height + 6.0;
    }
}

fn live_mark(ui: &Ui, stage: Rect) {
    let red = Palette::in_use(ui).live;
    let painter = ui.painter_at(stage);
    let font = semi_bold(13.0);
    let words = painter.layout_no_wrap(t("preview-live").to_owned(), font, Color32::WHITE);
    let size = vec2(words.size().x + 38.0, 28.0);
    let rect = Rect::from_min_size(stage.min + vec2(14.0, 14.0), size);
    painter.rect_filled(rect, CornerRadius::same(14), red);
    painter.circle_filled(
        pos2(rect.left() + 15.0, rect.center().y),
        4.0,
        Color32::WHITE,
    );
    let top = rect.center().y - words.size().y / 2.0;
    painter.galley(pos2(rect.left() + 25.0, top), words, Color32::WHITE);
}
