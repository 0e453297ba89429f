//! The share link: to copy, and as a QR code for phones.

use std::time::{Duration, Instant};

use egui::{Button, Context, CornerRadius, Image, TextEdit, TextStyle, Ui, Vec2, vec2};

use super::icons::{self, Icon};
use super::parts;
use super::qr::QrImage;
use super::theme::semi_bold;

/// How long the button says that the link was copied.
const COPIED_FOR: Duration = Duration::from_secs(2);
/// The small code's side in points: a phone reads it at arm's length.
const SMALL: f32 = 116.0;

/// The card, and the large view of the code.
#[derive(Default)]
pub struct Share {
    code: Option<QrImage>,
    copied_at: Option<Instant>,
    is_large: bool,
}

impl Share {
    /// Shows the link of a live broadcast.
    pub fn show(&mut self, ui: &mut Ui, link: &str, now: Instant) {
        if self.code.as_ref().is_none_or(|code| code.link() != link) {
            self.code = QrImage::new(ui.ctx(), link);
        }
        parts::card(ui, Icon::Link, "Invite viewers", |ui| {
            link_field(ui, link);
            ui.horizontal(|ui| {
                if let Some(code) = &self.code {
                    small_code(ui, code, &mut self.is_large);
                }
                ui.vertical(|ui| {
                    self.copy_button(ui, link, now);
                    if self.code.is_some() && wide_button(ui, Icon::Code, "Enlarge QR code") {
                        self.is_large = true;
                    }
                    parts::explain(ui, "Send the link, or let phones scan the code.");
                });
            });
        });
        self.large_code(ui.ctx(), link);
    }

    /// Forgets what belongs to a broadcast that is over.
    pub fn close(&mut self) {
        *self = Self::default();
    }

    fn copy_button(&mut self, ui: &mut Ui, link: &str, now: Instant) {
        let is_copied = self
            .copied_at
            .is_some_and(|at| now.saturating_duration_since(at) < COPIED_FOR);
        let (icon, label) = if is_copied {
            (Icon::Done, "Copied")
        } else {
            (Icon::Copy, "Copy link")
        };
        if wide_button(ui, icon, label) {
            ui.ctx().copy_text(link.to_owned());
            self.copied_at = Some(now);
            ui.ctx().request_repaint_after(COPIED_FOR);
        }
    }

    fn large_code(&mut self, context: &Context, link: &str) {
        let Some(code) = self.code.as_ref().filter(|_| self.is_large) else {
            return;
        };
        let window = context.content_rect().size();
        // What is left of the window beside the title, the link and the button.
        let side = (window.x - 96.0).min(window.y - 220.0).clamp(120.0, 560.0);
        let dialog = parts::dialog("large code", context).show(context, |ui| {
            ui.set_width(side.max(240.0));
            ui.vertical_centered(|ui| {
                ui.label(egui::RichText::new("Scan to watch").font(semi_bold(20.0)));
                let image = Image::from_texture(code.texture())
                    .fit_to_exact_size(Vec2::splat(side))
                    .corner_radius(CornerRadius::same(8))
                    .alt_text("QR code of the share link");
                ui.add(image);
                parts::explain(ui, link);
                let close = ui.add(Button::new("Close").min_size(vec2(140.0, 36.0)));
                close.clicked()
            })
            .inner
        });
        if dialog.inner || dialog.should_close() {
            self.is_large = false;
        }
    }
}

fn wide_button(ui: &mut Ui, icon: Icon, label: &str) -> bool {
    let size = vec2(ui.available_width(), 36.0);
    let button = Button::new((icons::atom(icon), label)).min_size(size);
    ui.add(button).clicked()
}

fn link_field(ui: &mut Ui, link: &str) {
    parts::field(ui, "Share link", |ui| {
        // A field that cannot be written to, so that the link can be selected and read to its end.
        let mut text = link;
        let field = TextEdit::singleline(&mut text)
            .font(TextStyle::Monospace)
            .desired_width(f32::INFINITY);
        ui.add(field)
    });
}

fn small_code(ui: &mut Ui, code: &QrImage, is_large: &mut bool) {
    let image = Image::from_texture(code.texture())
        .fit_to_exact_size(Vec2::splat(SMALL))
        .corner_radius(CornerRadius::same(6))
        .alt_text("QR code of the share link")
        .sense(egui::Sense::CLICK);
    if ui.add(image).on_hover_text("Click to enlarge").clicked() {
        *is_large = true;
    }
}
