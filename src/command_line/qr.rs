//! A link as a QR code for a terminal.

use qrcode::QrCode;
use qrcode::render::unicode::Dense1x2;

/// Two modules a character, light on dark, as most terminals are. `None` for a link that is too long for any code.
pub(super) fn for_terminal(link: &str) -> Option<String> {
    let code = QrCode::new(link).ok()?;
    let text = code
        .render::<Dense1x2>()
        .dark_color(Dense1x2::Light)
        .light_color(Dense1x2::Dark)
        .build();
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_becomes_a_square_of_half_blocks() {
        let text = for_terminal("http://192.168.1.5:8080/#AAAA").unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines.len() > 10, "{text}");
        assert!(
            lines
                .iter()
                .all(|line| line.chars().count() == lines.len() * 2
                    || line.chars().count() == lines.len() * 2 - 1)
        );
        assert!(for_terminal(&"x".repeat(5000)).is_none());
    }
}
