//! Icons in a theme's folders: `SIDExSIDE/apps/liveontorrent.png`, and `scalable/apps/liveontorrent.svg`.

use std::fs::{self, File};
use std::io::BufWriter;
use std::path::Path;

use anyhow::{Context, Result};
use liveontorrent::ui::mark;

/// Sides in pixels: those that desktops look for in the `hicolor` theme, from a list's row to a software centre's page.
const SIDES: [u16; 8] = [16, 24, 32, 48, 64, 128, 256, 512];

/// Writes all of them into `folder`, a theme's.
pub fn write(folder: &Path) -> Result<()> {
    for side in SIDES {
        let apps = super::made(folder, &format!("{side}x{side}/apps"))?;
        write_png(&apps.join("liveontorrent.png"), side)?;
    }
    let apps = super::made(folder, "scalable/apps")?;
    fs::write(apps.join("liveontorrent.svg"), mark::svg()).context("cannot write the SVG icon")
}

fn write_png(path: &Path, side: u16) -> Result<()> {
    let pixels: Vec<u8> = mark::image(side.into())
        .pixels
        .iter()
        .flat_map(|pixel| pixel.to_srgba_unmultiplied())
        .collect();
    let file = File::create(path).with_context(|| format!("cannot write {}", path.display()))?;
    let mut encoder = png::Encoder::new(BufWriter::new(file), side.into(), side.into());
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&pixels)?;
    Ok(writer.finish()?)
}
