//! A link as a QR code: shown, and saved as a picture.

use std::io;
use std::path::Path;

use egui::{Color32, ColorImage, Context, TextureHandle, TextureOptions};
use qrcode::render::svg;
use qrcode::{EcLevel, QrCode};

/// The empty edge that a QR code needs around it, in modules (ISO/IEC 18004).
const QUIET_ZONE: usize = 4;
/// Pixels along a module of a saved picture: sharp when printed a hand wide.
const PIXELS: usize = 12;

/// A link and its code, on the graphics card.
pub struct QrImage {
    link: String,
    code: QrCode,
    texture: TextureHandle,
}

/// A kind of picture file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Pixels.
    Png,
    /// Lines, sharp at any size.
    Svg,
}

impl Format {
    /// The extension of its files.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Svg => "svg",
        }
    }
}

impl QrImage {
    /// Draws the code of a link; `None` for a link that is too long for any QR code.
    pub fn new(context: &Context, link: &str) -> Option<Self> {
        // Low error correction: the code is shown on a screen, where nothing smudges it, and its modules stay large.
        let code = QrCode::with_error_correction_level(link, EcLevel::L).ok()?;
        let texture = context.load_texture("qr", draw(&code), TextureOptions::NEAREST);
        Some(Self {
            link: link.to_owned(),
            code,
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

    /// Writes it into a file; into one that is there only if it may be replaced.
    ///
    /// # Errors
    ///
    /// When the file is there and may not be replaced, or cannot be written.
    pub fn save(&self, path: &Path, format: Format, replace: bool) -> io::Result<()> {
        let bytes = match format {
            Format::Png => png(&self.code)?,
            Format::Svg => self.svg().into_bytes(),
        };
        let mut file = std::fs::OpenOptions::new()
            .write(true)
            .create(replace)
            .truncate(replace)
            .create_new(!replace)
            .open(path)?;
        io::Write::write_all(&mut file, &bytes)
    }

    fn svg(&self) -> String {
        let side = (self.code.width() + 2 * QUIET_ZONE) * PIXELS;
        self.code
            .render::<svg::Color<'_>>()
            .min_dimensions(side as u32, side as u32)
            .build()
    }
}

fn png(code: &QrCode) -> io::Result<Vec<u8>> {
    let image = draw(code);
    let side = image.width() * PIXELS;
    let pixel = |index: usize| {
        let (column, row) = (index % side / PIXELS, index / side / PIXELS);
        image.pixels[row * image.width() + column].r()
    };
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, side as u32, side as u32);
    encoder.set_color(png::ColorType::Grayscale);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&(0..side * side).map(pixel).collect::<Vec<u8>>())?;
    writer.finish()?;
    Ok(bytes)
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
