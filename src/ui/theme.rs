//! How the window looks: colours, fonts and spacing, in light and dark.
//!
//! Not here: what is shown (its neighbours), and which of the two looks is chosen (`settings`).

use std::sync::Arc;

use egui::{
    Color32, Context, CornerRadius, FontData, FontDefinitions, FontFamily, FontId, Margin, Shadow,
    Stroke, Style, TextStyle, Theme, Ui, Visuals, vec2,
};

/// The radius of cards and of the preview.
pub const CARD_RADIUS: u8 = 12;
/// The radius of buttons and fields.
const CONTROL_RADIUS: u8 = 8;
/// The name under which the semi-bold font is known.
const SEMI_BOLD: &str = "semi-bold";

/// The colours of one look. Texts reach a contrast of 4.5 to 1 on what they stand on.
#[derive(Clone, Copy, Debug)]
pub struct Palette {
    /// Behind everything.
    pub canvas: Color32,
    /// Cards, the bars.
    pub surface: Color32,
    /// Buttons and fields on a card.
    pub control: Color32,
    /// The same under the pointer.
    pub control_hovered: Color32,
    /// Lines around cards and fields.
    pub border: Color32,
    /// What is read.
    pub text: Color32,
    /// What explains.
    pub weak: Color32,
    /// What can be done, and what is chosen.
    pub accent: Color32,
    /// The same under the pointer.
    pub accent_hovered: Color32,
    /// Behind what is chosen.
    pub accent_soft: Color32,
    /// Text and icons on [`Self::accent_soft`].
    pub accent_text: Color32,
    /// Being live, and ending it.
    pub live: Color32,
    /// The same under the pointer.
    pub live_hovered: Color32,
    /// Behind an error.
    pub error_soft: Color32,
    /// Text and icons of an error.
    pub error_text: Color32,
    /// Behind a warning.
    pub warning_soft: Color32,
    /// Text and icons of a warning.
    pub warning_text: Color32,
    /// Behind what is as it should be.
    pub good_soft: Color32,
    /// Text and icons of that.
    pub good_text: Color32,
}

impl Palette {
    const DARK: Self = Self {
        canvas: Color32::from_rgb(0x13, 0x13, 0x18),
        surface: Color32::from_rgb(0x1c, 0x1c, 0x23),
        control: Color32::from_rgb(0x29, 0x29, 0x33),
        control_hovered: Color32::from_rgb(0x34, 0x34, 0x41),
        border: Color32::from_rgb(0x35, 0x35, 0x42),
        text: Color32::from_rgb(0xee, 0xee, 0xf3),
        weak: Color32::from_rgb(0xab, 0xab, 0xba),
        accent: Color32::from_rgb(0x5f, 0x58, 0xe0),
        accent_hovered: Color32::from_rgb(0x6e, 0x67, 0xee),
        accent_soft: Color32::from_rgb(0x2c, 0x2a, 0x55),
        accent_text: Color32::from_rgb(0xc3, 0xc0, 0xff),
        live: Color32::from_rgb(0xd6, 0x29, 0x3e),
        live_hovered: Color32::from_rgb(0xe2, 0x3b, 0x50),
        error_soft: Color32::from_rgb(0x43, 0x1a, 0x22),
        error_text: Color32::from_rgb(0xff, 0xa8, 0xb2),
        warning_soft: Color32::from_rgb(0x3d, 0x2e, 0x10),
        warning_text: Color32::from_rgb(0xfb, 0xc9, 0x5e),
        good_soft: Color32::from_rgb(0x12, 0x36, 0x24),
        good_text: Color32::from_rgb(0x6f, 0xdd, 0x9c),
    };

    const LIGHT: Self = Self {
        canvas: Color32::from_rgb(0xf3, 0xf3, 0xf7),
        surface: Color32::WHITE,
        control: Color32::from_rgb(0xf0, 0xf0, 0xf5),
        control_hovered: Color32::from_rgb(0xe5, 0xe5, 0xee),
        border: Color32::from_rgb(0xd8, 0xd8, 0xe2),
        text: Color32::from_rgb(0x1c, 0x1c, 0x26),
        weak: Color32::from_rgb(0x5c, 0x5c, 0x6e),
        accent: Color32::from_rgb(0x55, 0x4d, 0xd6),
        accent_hovered: Color32::from_rgb(0x47, 0x3f, 0xc4),
        accent_soft: Color32::from_rgb(0xe9, 0xe8, 0xfd),
        accent_text: Color32::from_rgb(0x43, 0x3a, 0xb8),
        live: Color32::from_rgb(0xd0, 0x21, 0x37),
        live_hovered: Color32::from_rgb(0xb7, 0x17, 0x2c),
        error_soft: Color32::from_rgb(0xfd, 0xe8, 0xea),
        error_text: Color32::from_rgb(0xa8, 0x12, 0x26),
        warning_soft: Color32::from_rgb(0xfd, 0xf1, 0xd6),
        warning_text: Color32::from_rgb(0x7c, 0x4f, 0x00),
        good_soft: Color32::from_rgb(0xdd, 0xf5, 0xe6),
        good_text: Color32::from_rgb(0x0c, 0x63, 0x37),
    };

    /// The colours of one look.
    pub const fn of(theme: Theme) -> &'static Self {
        match theme {
            Theme::Dark => &Self::DARK,
            Theme::Light => &Self::LIGHT,
        }
    }

    /// The colours in which this part of the window is drawn.
    pub fn in_use(ui: &Ui) -> &'static Self {
        Self::of(Theme::from_dark_mode(ui.visuals().dark_mode))
    }
}

/// Gives a context fonts and both looks.
pub fn apply(context: &Context) {
    context.set_fonts(fonts());
    for theme in [Theme::Dark, Theme::Light] {
        context.style_mut_of(theme, |style| dress(style, Palette::of(theme)));
    }
}

/// The font of titles and of what matters most, in points.
pub fn semi_bold(size: f32) -> FontId {
    FontId::new(size, FontFamily::Name(SEMI_BOLD.into()))
}

fn fonts() -> FontDefinitions {
    let mut fonts = FontDefinitions::default();
    let regular = include_bytes!("../../assets/fonts/Inter-Regular.otf");
    let bold = include_bytes!("../../assets/fonts/Inter-SemiBold.otf");
    for (name, data) in [("inter", &regular[..]), (SEMI_BOLD, &bold[..])] {
        let data = Arc::new(FontData::from_static(data));
        fonts.font_data.insert(name.to_owned(), data);
    }
    // egui's own fonts stay behind Inter, for the characters that it lacks.
    let fallback = fonts.families[&FontFamily::Proportional].clone();
    for (family, name) in [
        (FontFamily::Proportional, "inter"),
        (FontFamily::Name(SEMI_BOLD.into()), SEMI_BOLD),
    ] {
        let mut names = vec![name.to_owned()];
        names.extend(fallback.iter().cloned());
        fonts.families.insert(family, names);
    }
    fonts
}

fn dress(style: &mut Style, palette: &Palette) {
    style.text_styles = [
        (TextStyle::Small, FontId::proportional(12.5)),
        (TextStyle::Body, FontId::proportional(14.0)),
        (TextStyle::Button, FontId::proportional(14.0)),
        (TextStyle::Monospace, FontId::monospace(13.0)),
        (TextStyle::Heading, semi_bold(15.0)),
    ]
    .into();
    let spacing = &mut style.spacing;
    spacing.item_spacing = vec2(8.0, 8.0);
    spacing.button_padding = vec2(12.0, 6.0);
    // What a finger or an unsteady hand still hits.
    spacing.interact_size = vec2(40.0, 32.0);
    spacing.icon_width = 16.0;
    spacing.icon_spacing = 8.0;
    spacing.combo_height = 320.0;
    spacing.menu_margin = Margin::same(8);
    spacing.menu_spacing = 4.0;
    spacing.tooltip_width = 320.0;
    style.interaction.selectable_labels = false;
    style.visuals = visuals(palette, style.visuals.dark_mode);
}

fn visuals(palette: &Palette, dark: bool) -> Visuals {
    let mut visuals = if dark {
        Visuals::dark()
    } else {
        Visuals::light()
    };
    visuals.weak_text_color = Some(palette.weak);
    visuals.panel_fill = palette.canvas;
    visuals.window_fill = palette.surface;
    visuals.window_stroke = Stroke::new(1.0, palette.border);
    visuals.extreme_bg_color = palette.control;
    visuals.faint_bg_color = palette.control;
    visuals.code_bg_color = palette.control;
    visuals.error_fg_color = palette.error_text;
    visuals.warn_fg_color = palette.warning_text;
    visuals.hyperlink_color = palette.accent_text;
    visuals.selection.bg_fill = palette.accent_soft;
    visuals.selection.stroke = Stroke::new(1.5, palette.accent_text);
    visuals.menu_corner_radius = CornerRadius::same(CONTROL_RADIUS + 2);
    visuals.window_corner_radius = CornerRadius::same(CARD_RADIUS);
    visuals.popup_shadow = Shadow {
        offset: [0, 6],
        blur: 18,
        spread: 0,
        color: Color32::from_black_alpha(if dark { 120 } else { 45 }),
    };
    let border = Stroke::new(1.0, palette.border);
    let focus = Stroke::new(2.0, palette.accent_text);
    for (state, fill, stroke, text) in [
        (
            &mut visuals.widgets.noninteractive,
            palette.surface,
            border,
            palette.text,
        ),
        (
            &mut visuals.widgets.inactive,
            palette.control,
            border,
            palette.text,
        ),
        (
            &mut visuals.widgets.hovered,
            palette.control_hovered,
            border,
            palette.text,
        ),
        // egui draws what has the keyboard's focus as active: the ring must be seen.
        (
            &mut visuals.widgets.active,
            palette.control_hovered,
            focus,
            palette.text,
        ),
        (
            &mut visuals.widgets.open,
            palette.control_hovered,
            border,
            palette.text,
        ),
    ] {
        state.bg_fill = fill;
        state.weak_bg_fill = fill;
        state.bg_stroke = stroke;
        state.fg_stroke = Stroke::new(1.5, text);
        state.corner_radius = CornerRadius::same(CONTROL_RADIUS);
        state.expansion = 0.0;
    }
    visuals
}
