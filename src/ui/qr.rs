//! A link as a QR code.

use egui::{Color32, ColorImage, Context, TextureHandle, TextureOptions};
use qrcode::{EcLevel, QrCode};

/// The empty edge that a QR code needs around it, in modules (ISO/IEC 18004).
const QUIET_ZONE: usize = 4;

/// A link and its code, on the graphics card.
pub struct QrImage {
    link: String,
    texture: TextureHandle,
}

impl QrImage {
    /// Draws the code of a link; `None` for a link that is too long for any QR code.
    pub fn new(context: &Context, link: &str) -> Option<Self> {
        // Low error correction: the code is shown on a screen, where nothing smudges it, and its modules stay large.
        let code = QrCode::with_error_correction_level(link, EcLevel::L).ok()?;
        let texture = context.load_texture("qr", draw(&code), TextureOptions::NEAREST);
        Some(Self {
            link: link.to_owned(),
            texture,
        })
    }

    /// The link that it is the code of.
    pub fn link(&self) -> &str {
        &self.link
    }

    /// The code, black on white, one pixel a module.
    pub fn texture(&self) -> &TextureHandle {
        &self.texture
    }
}

fn draw(code: &QrCode) -> ColorImage {
    let modules = code.width();
    let side = modules + 2 * QUIET_ZONE;
    let mut pixels = vec![Color32::WHITE; side * side];
    for (index, module) in code.to_colors().into_iter().enumerate() {
        if module == qrcode::Color::Dark {
            let (column, row) = (index % modules, index / modules);
            pixels[(row + QUIET_ZONE) * side + column + QUIET_ZONE] = Color32::BLACK;
        }
    }
    ColorImage::new([side, side], pixels)
}
