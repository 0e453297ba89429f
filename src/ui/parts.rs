//! What the window is put together from: cards, tiles to choose from, the large button.

use egui::{
    Align2, Atom, Atoms, Button, Color32, ComboBox, Context, CornerRadius, Frame, Id, Label,
    Margin, Modal, Painter, Rect, Response, RichText, Role, ScrollArea, Sense, Stroke, StrokeKind,
    TextEdit, TextStyle, Ui, Vec2, WidgetInfo, pos2, vec2,
};

use super::icons::{self, Icon};
use super::theme::{CARD_RADIUS, Palette, semi_bold};
use crate::texts::t;

/// A titled group of things that belong together.
pub fn card<R>(ui: &mut Ui, icon: Icon, title: &str, content: impl FnOnce(&mut Ui) -> R) -> R {
    let palette = Palette::in_use(ui);
    Frame::new()
        .fill(palette.surface)
        .stroke(Stroke::new(1.0, palette.border))
        .corner_radius(CARD_RADIUS)
        .inner_margin(Margin::same(13))
        .show(ui, |ui| {
            ui.take_available_width();
            ui.horizontal(|ui| {
                icons::show(ui, icon, palette.weak);
                heading(ui, title);
            });
            content(ui)
        })
        .inner
}

/// A title that screen readers offer to jump to.
pub fn heading(ui: &mut Ui, text: &str) -> Response {
    let response = ui.label(RichText::new(text).text_style(TextStyle::Heading));
    ui.ctx()
        .accesskit_node_builder(response.id, |node| node.set_role(Role::Heading));
    response
}

/// A line that explains.
pub fn explain(ui: &mut Ui, text: impl Into<String>) -> Response {
    let color = Palette::in_use(ui).weak;
    ui.add(Label::new(RichText::new(text).small().color(color)).wrap())
}

/// A widget under its name, by which screen readers call it.
pub fn field(ui: &mut Ui, name: &str, widget: impl FnOnce(&mut Ui) -> Response) -> Response {
    let color = Palette::in_use(ui).weak;
    ui.vertical(|ui| {
        ui.spacing_mut().item_spacing.y = 4.0;
        let label = ui.label(RichText::new(name).small().color(color));
        widget(ui).labelled_by(label.id)
    })
    .inner
}

/// Around the items of menus and lists; egui's own is meant for a denser look.
pub const MENU_PADDING: Vec2 = vec2(10.0, 5.0);

/// A list to drop down, as wide as there is room, under its name.
pub fn drop_down(ui: &mut Ui, name: &str, selected: &str, content: impl FnOnce(&mut Ui)) {
    field(ui, name, |ui| {
        let width = ui.available_width();
        ComboBox::from_id_salt(name)
            .selected_text(selected)
            .width(width)
            .truncate()
            .show_ui(ui, |ui| {
                ui.spacing_mut().button_padding = MENU_PADDING;
                content(ui);
            })
            .response
    });
}

/// One of several things to choose from.
pub struct Tile<T> {
    /// What choosing it chooses.
    pub choice: T,
    pub icon: Icon,
    /// One short word: the name of its text.
    pub label: &'static str,
    /// The same in full, for screen readers and under the pointer.
    pub name: &'static str,
}

/// What scrolls within a dialog: so high, whatever is in it.
pub fn scrolled(height: f32) -> ScrollArea {
    ScrollArea::vertical()
        .max_height(height)
        .min_scrolled_height(height)
        .auto_shrink(false)
}

/// The box of one of several choices. Returns with what to paint inside it, and the colour.
pub(super) fn choice_box(ui: &Ui, response: &Response, chosen: bool) -> (Painter, Color32) {
    let palette = Palette::in_use(ui);
    let rect = response.rect;
    let (fill, ink) = match (chosen, response.hovered()) {
        (true, _) => (palette.accent_soft, palette.accent_text),
        (false, true) => (palette.control_hovered, palette.text),
        (false, false) => (palette.control, palette.weak),
    };
    let edge = if response.has_focus() {
        Stroke::new(2.0, palette.accent_text)
    } else if chosen {
        Stroke::new(1.5, palette.accent)
    } else {
        Stroke::new(1.0, palette.border)
    };
    let painter = ui.painter_at(rect);
    painter.rect(rect, CornerRadius::same(8), fill, edge, StrokeKind::Inside);
    (painter, ink)
}

impl<T> Tile<T> {
    fn show(&self, ui: &mut Ui, width: f32, chosen: bool) -> Response {
        let (rect, response) = ui.allocate_exact_size(vec2(width, 62.0), Sense::click());
        let (painter, ink) = choice_box(ui, &response, chosen);
        let icon =
            Rect::from_center_size(pos2(rect.center().x, rect.top() + 22.0), Vec2::splat(22.0));
        icons::paint(&painter, self.icon, icon, ink);
        painter.text(
            pos2(rect.center().x, rect.bottom() - 14.0),
            Align2::CENTER_CENTER,
            t(self.label),
            TextStyle::Small.resolve(ui.style()),
            ink,
        );
        let enabled = ui.is_enabled();
        response
            .widget_info(|| WidgetInfo::selected(Role::RadioButton, enabled, chosen, t(self.name)));
        response.on_hover_text(t(self.name))
    }
}

/// A row of tiles of which one is chosen. Returns the one that was clicked.
pub fn tiles<T: Copy + PartialEq>(
    ui: &mut Ui,
    name: &str,
    tiles: &[Tile<T>],
    chosen: T,
) -> Option<T> {
    let mut clicked = None;
    let row = ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        let gaps = 6.0 * (tiles.len() as f32 - 1.0);
        let width = (ui.available_width() - gaps) / tiles.len() as f32;
        for tile in tiles {
            if tile.show(ui, width, tile.choice == chosen).clicked() {
                clicked = Some(tile.choice);
            }
        }
    });
    ui.ctx().accesskit_node_builder(row.response.id, |node| {
        node.set_role(Role::RadioGroup);
        node.set_label(name);
    });
    clicked
}

/// Several lines to write in, under their name.
pub fn text_area(
    ui: &mut Ui,
    name: &str,
    text: &mut String,
    hint: &str,
    longest: usize,
) -> Response {
    field(ui, name, |ui| {
        let area = TextEdit::multiline(text)
            .char_limit(longest)
            .desired_rows(3)
            .desired_width(f32::INFINITY)
            .hint_text(hint);
        ui.add(area)
    })
}

/// A line to write in, under its name.
pub fn text_line(
    ui: &mut Ui,
    name: &str,
    text: &mut String,
    hint: &str,
    longest: usize,
) -> Response {
    field(ui, name, |ui| {
        let line = TextEdit::singleline(text)
            .char_limit(longest)
            .desired_width(f32::INFINITY)
            .hint_text(hint);
        ui.add(line)
    })
}

/// A button with an icon before its words.
pub fn icon_button(ui: &mut Ui, icon: Icon, label: &str) -> Response {
    ui.add(Button::new((icons::atom(icon), label)).min_size(vec2(0.0, 36.0)))
}

/// The colours of a large button.
#[derive(Clone, Copy)]
pub enum Weight {
    /// The next thing to do.
    Primary,
    /// It ends something.
    Ending,
    /// One of several things that may be done.
    Plain,
}

/// A button that stands out, as large as `size`.
pub fn large_button(
    ui: &mut Ui,
    weight: Weight,
    icon: Option<Icon>,
    label: &str,
    size: Vec2,
) -> Response {
    let palette = Palette::in_use(ui);
    let (fill, hovered) = match weight {
        Weight::Primary => (palette.accent, palette.accent_hovered),
        Weight::Ending => (palette.live, palette.live_hovered),
        Weight::Plain => (palette.control, palette.control_hovered),
    };
    let ink = match weight {
        Weight::Primary | Weight::Ending => Color32::WHITE,
        Weight::Plain => palette.text,
    };
    ui.scope(|ui| {
        let widgets = &mut ui.visuals_mut().widgets;
        for (state, fill) in [
            (&mut widgets.noninteractive, fill),
            (&mut widgets.inactive, fill),
            (&mut widgets.hovered, hovered),
            (&mut widgets.active, hovered),
        ] {
            state.weak_bg_fill = fill;
            state.fg_stroke.color = ink;
        }
        widgets.inactive.bg_stroke = Stroke::NONE;
        widgets.hovered.bg_stroke = Stroke::NONE;
        let mut atoms = Atoms::new(Atom::grow());
        if let Some(icon) = icon {
            atoms.push_right(icons::atom(icon));
        }
        atoms.push_right(RichText::new(label).font(semi_bold(16.0)));
        atoms.push_right(Atom::grow());
        ui.add(Button::new(atoms).min_size(size))
    })
    .inner
}

/// A dialog that stands before everything else; screen readers call it by its `title`.
pub fn dialog(name: &str, title: &str, context: &Context) -> Modal {
    let frame = Frame::popup(&context.global_style())
        .corner_radius(CARD_RADIUS)
        .inner_margin(20);
    let id = Id::unique(name);
    Modal::new(id)
        .area(Modal::default_area(id).accessible_name(title))
        .backdrop_color(Color32::from_black_alpha(150))
        .frame(frame)
}

/// A dialog's title.
pub fn title(ui: &mut Ui, title: &str) {
    let response = ui.label(RichText::new(title).font(semi_bold(20.0)));
    ui.ctx()
        .accesskit_node_builder(response.id, |node| node.set_role(Role::Heading));
}

/// A few words on a ground of their own colour. `spoken` is what a screen reader says.
pub fn pill(ui: &mut Ui, fill: Color32, ink: Color32, dot: bool, words: &str, spoken: &str) {
    const MARGIN: Vec2 = vec2(12.0, 6.0);
    /// The room that the dot takes, with the gap after it.
    const DOT: f32 = 14.0;
    let galley = ui
        .painter()
        .layout_no_wrap(words.to_owned(), semi_bold(13.5), ink);
    let lead = if dot { DOT } else { 0.0 };
    let size = galley.size() + 2.0 * MARGIN + vec2(lead, 0.0);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    let painter = ui.painter();
    painter.rect_filled(rect, rect.height() / 2.0, fill);
    if dot {
        let center = pos2(rect.left() + MARGIN.x + 4.0, rect.center().y);
        painter.circle_filled(center, 4.0, ink);
    }
    painter.galley(rect.min + MARGIN + vec2(lead, 0.0), galley, ink);
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, spoken));
}
