//! The QR code as large as the window, and saving it as a picture.

use std::io;
use std::path::{Path, PathBuf};

use egui::{Button, Context, CornerRadius, Image, Ui, Vec2, vec2};

use super::background::{FileDialogs, Wanted};
use super::file_choice::{Ask, FileChoice};
use super::hints;
use super::parts;
use super::qr::{Format, QrImage};
use super::theme::semi_bold;
use crate::broadcast::Severity;
use crate::texts::{say, t};

/// The dialog, while it is open.
#[derive(Default)]
pub struct LargeCode(Option<Open>);

#[derive(Default)]
struct Open {
    file: FileChoice,
    saved: Option<Result<PathBuf, (PathBuf, io::Error)>>,
}

impl LargeCode {
    /// Opens it.
    pub fn open(&mut self) {
        self.0.get_or_insert_default();
    }

    /// Shows it, where it is open.
    pub fn show(&mut self, context: &Context, code: &QrImage, dialogs: &FileDialogs) {
        let Some(open) = &mut self.0 else {
            return;
        };
        let window = context.content_rect().size();
        // What is left of the window beside the title, the link, the file and the buttons.
        let side = (window.x - 96.0).min(window.y - 350.0).clamp(120.0, 560.0);
        let dialog = parts::dialog("large code", t("code-title"), context).show(context, |ui| {
            ui.set_width(side.max(380.0).min(window.x - 48.0));
            ui.vertical_centered(|ui| {
                ui.label(egui::RichText::new(t("code-title")).font(semi_bold(20.0)));
                let image = Image::from_texture(code.texture())
                    .fit_to_exact_size(Vec2::splat(side))
                    .corner_radius(CornerRadius::same(8))
                    .alt_text(t("code-alt"));
                ui.add(image);
                parts::explain(ui, code.link());
            });
            open.save(ui, code, dialogs);
            ui.vertical_centered(|ui| {
                let close = ui.add(Button::new(t("close")).min_size(vec2(140.0, 36.0)));
                close.clicked()
            })
            .inner
        });
        if dialog.inner || dialog.should_close() {
            self.0 = None;
        }
    }
}

impl Open {
    fn save(&mut self, ui: &mut Ui, code: &QrImage, dialogs: &FileDialogs) {
        let ask = Ask {
            name: t("code-file"),
            example: t("code-file-hint"),
            button: t("choose-where"),
            wanted: Wanted::Code,
        };
        let chosen = self.file.show(ui, &ask, dialogs, |ui, path| {
            let mut chosen = None;
            for (format, label) in [(Format::Png, t("code-png")), (Format::Svg, t("code-svg"))] {
                if ui.button(label).clicked() {
                    let extension = format.extension();
                    let path = path.map(|path| path.with_extension(extension));
                    chosen = Some((path.unwrap_or_else(|| new_picture(extension)), format));
                }
            }
            chosen
        });
        if let Some((path, format)) = chosen {
            let replace = self.file.may_replace(&path);
            self.saved = Some(match code.save(&path, format, replace) {
                Ok(()) => Ok(path),
                Err(error) => Err((path, error)),
            });
        }
        match &self.saved {
            None => {}
            Some(Ok(path)) => {
                let saved = say("code-saved", [("path", path.display().to_string().into())]);
                hints::banner(ui, Severity::Note, &saved);
            }
            Some(Err((path, error))) => {
                hints::banner(ui, Severity::Warning, &why_not(path, error));
            }
        }
    }
}

fn why_not(path: &Path, error: &io::Error) -> String {
    let path = path.display().to_string();
    if error.kind() == io::ErrorKind::AlreadyExists {
        say("code-exists", [("path", path.into())])
    } else {
        say(
            "code-not-written",
            [("path", path.into()), ("why", error.to_string().into())],
        )
    }
}

/// A name that is free where this user keeps pictures; else in the home folder, or where the program was started.
fn new_picture(extension: &str) -> PathBuf {
    /// Whoever has that many finds the last one replaced by nothing, and is told.
    const MOST: u32 = 1000;
    let folders = directories::UserDirs::new();
    let folder = folders.map_or_else(PathBuf::new, |folders| {
        let pictures = folders.picture_dir().filter(|folder| folder.is_dir());
        pictures.unwrap_or(folders.home_dir()).to_owned()
    });
    let names = (2..MOST).map(|number| format!("live-on-torrent-{number}.{extension}"));
    std::iter::once(format!("live-on-torrent.{extension}"))
        .chain(names)
        .map(|name| folder.join(name))
        .find(|path| !path.exists())
        .unwrap_or_else(|| folder.join(format!("live-on-torrent-{MOST}.{extension}")))
}
