//! The share link: to copy, to send, to embed, and as a QR code for phones.

use std::time::{Duration, Instant};

use egui::{Button, CornerRadius, Image, OpenUrl, TextEdit, TextStyle, Ui, vec2};

use super::icons::{self, Icon};
use super::large_code::LargeCode;
use super::links::{Messenger, embed_code};
use super::parts;
use super::qr::QrImage;
use super::reach;
use super::turn::Turn;
use crate::broadcast::Live;
use crate::texts::t;

/// How long a button says that something was copied.
const COPIED_FOR: Duration = Duration::from_secs(2);
/// The small code's side in points: a phone reads it at arm's length.
const SMALL: f32 = 116.0;

/// The card, and the large view of the code.
#[derive(Default)]
pub struct Share {
    code: Option<QrImage>,
    copied: Option<(What, Instant)>,
    /// Whether the link for this network is shown, where the other leads elsewhere.
    near: bool,
    large: LargeCode,
}

/// What was copied.
#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    Link,
    EmbedCode,
}

impl Share {
    /// Shows the link of a live broadcast.
    pub fn show(&mut self, ui: &mut Ui, live: &Live, turn: &Turn<'_>) {
        let link = match &live.found_at.local_link {
            Some(near) if self.near => near,
            _ => &live.link,
        };
        if self.code.as_ref().is_none_or(|code| code.link() != link) {
            self.code = QrImage::new(ui.ctx(), link);
        }
        let title = turn.snapshot.details.title.trim();
        parts::card(ui, Icon::Link, t("share"), |ui| {
            if live.found_at.local_link.is_some() {
                ui.horizontal_wrapped(|ui| {
                    for (near, name) in [(false, t("share-everywhere")), (true, t("share-near"))] {
                        ui.selectable_value(&mut self.near, near, name);
                    }
                });
            }
            link_field(ui, link);
            for note in reach::notes(turn.snapshot) {
                parts::explain(ui, note);
            }
            ui.horizontal(|ui| {
                if let Some(code) = &self.code
                    && small_code(ui, code)
                {
                    self.large.open();
                }
                ui.vertical(|ui| {
                    self.copy_button(ui, What::Link, link, turn.now);
                    send(ui, title, link);
                    if self.code.is_some() && wide_button(ui, Icon::Code, t("share-enlarge")) {
                        self.large.open();
                    }
                });
            });
            let code = embed_code(title, link);
            self.copy_button(ui, What::EmbedCode, &code, turn.now);
            parts::explain(ui, t("share-why"));
        });
        if let Some(code) = &self.code {
            self.large.show(ui.ctx(), code, turn.dialogs);
        }
    }

    /// Forgets what belongs to a broadcast that is over.
    pub fn close(&mut self) {
        *self = Self::default();
    }

    fn copy_button(&mut self, ui: &mut Ui, what: What, text: &str, now: Instant) {
        let is_copied = self.copied.is_some_and(|(copied, at)| {
            copied == what && now.saturating_duration_since(at) < COPIED_FOR
        });
        let (icon, label) = match what {
            _ if is_copied => (Icon::Done, t("share-copied")),
            What::Link => (Icon::Copy, t("share-copy")),
            What::EmbedCode => (Icon::Window, t("share-copy-embed")),
        };
        if wide_button(ui, icon, label) {
            ui.ctx().copy_text(text.to_owned());
            self.copied = Some((what, now));
            ui.ctx().request_repaint_after(COPIED_FOR);
        }
    }
}

/// The programs of this computer that can hand the link on.
fn send(ui: &mut Ui, title: &str, link: &str) {
    let button = Button::new((icons::atom(Icon::Mail), t("share-send")))
        .min_size(vec2(ui.available_width(), 36.0));
    egui::containers::menu::MenuButton::from_button(button).ui(ui, |ui| {
        ui.set_min_width(160.0);
        ui.spacing_mut().button_padding = parts::MENU_PADDING;
        for messenger in Messenger::ALL {
            if ui.button(messenger.name()).clicked() {
                let message = messenger.message(title, link);
                ui.ctx().open_url(OpenUrl::new_tab(message));
            }
        }
    });
}

fn wide_button(ui: &mut Ui, icon: Icon, label: &str) -> bool {
    let size = vec2(ui.available_width(), 36.0);
    let button = Button::new((icons::atom(icon), label)).min_size(size);
    ui.add(button).clicked()
}

fn link_field(ui: &mut Ui, link: &str) {
    parts::field(ui, t("share-link"), |ui| {
        // A field that cannot be written to, so that the link can be selected and read to its end.
        let mut text = link;
        let field = TextEdit::singleline(&mut text)
            .font(TextStyle::Monospace)
            .desired_width(f32::INFINITY);
        ui.add(field)
    });
}

fn small_code(ui: &mut Ui, code: &QrImage) -> bool {
    let image = Image::from_texture(code.texture())
        .fit_to_exact_size(egui::Vec2::splat(SMALL))
        .corner_radius(CornerRadius::same(6))
        .alt_text(t("code-alt"))
        .sense(egui::Sense::CLICK);
    ui.add(image).on_hover_text(t("share-click")).clicked()
}
