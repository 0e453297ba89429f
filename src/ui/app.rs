//! The window as a whole: which part stands where, and what becomes of a choice.

use std::io;
use std::sync::Arc;
use std::time::Instant;

use egui::{CentralPanel, Context, Frame, Margin, Panel, ScrollArea, Ui, ViewportCommand};
use tokio::sync::{mpsc, watch};

use super::about::About;
use super::asked::Asked;
use super::background::Background;
use super::closing::Closing;
use super::listing::Listing;
use super::log::Log;
use super::outbox::Outbox;
use super::preview::Preview;
use super::recording::RecordingCard;
use super::settings::Settings;
use super::share::Share;
use super::source_picker::SourcePicker;
use super::spoken;
use super::theme::{self, Palette};
use super::top_bar::TopBar;
use super::turn::Turn;
use super::view::{self, View};
use super::welcome::{Step, Welcome};
use super::{
    audience, hints, live_panel, overlay_picker, parts, quality, sound_picker, start_stop,
};
use crate::broadcast::{Command, Phase, Snapshot};
use crate::capture::{Input, Overlay};
use crate::segmenter::{Bitrate, Encoding};
use crate::texts::{self, t};

/// The window's title while nothing is on.
pub(super) const NAME: &str = "Live on Torrent";
/// Narrower than this (a small window, or large text), everything stands in one column.
const ONE_COLUMN: f32 = 720.0;
/// The room around and between cards.
const GAP: f32 = 12.0;

/// The window: a function of the engine's newest snapshot.
pub struct Window {
    snapshots: watch::Receiver<Arc<Snapshot>>,
    outbox: Outbox,
    background: Background,
    now: Box<dyn Fn() -> Instant>,
    pending: Pending,
    parts: Parts,
    closing: Closing,
    is_titled_live: bool,
}

/// Choices that the engine has not confirmed yet.
#[derive(Default)]
struct Pending {
    input: Asked<Input>,
    overlay: Asked<Overlay>,
    encoding: Asked<Encoding>,
    upload_limit: Asked<Option<Bitrate>>,
}

/// The parts that remember something of their own.
#[derive(Default)]
struct Parts {
    top_bar: TopBar,
    preview: Preview,
    about: About,
    source: SourcePicker,
    recording: RecordingCard,
    share: Share,
    view: View,
    log: Log,
    settings: Settings,
    listing: Listing,
    welcome: Welcome,
    /// How much of the stage's height stood below the preview when it was drawn last, so that the preview leaves room.
    below_preview: f32,
}

impl Window {
    /// Makes the window that `context` draws; `now` is its clock. It runs a thread of its own, which ends with it.
    pub fn new(
        context: &Context,
        snapshots: watch::Receiver<Arc<Snapshot>>,
        commands: mpsc::Sender<Command>,
        now: impl Fn() -> Instant + 'static,
    ) -> io::Result<Self> {
        theme::apply(context);
        let background = Background::start(context.clone(), snapshots.clone())?;
        Ok(Self {
            snapshots,
            outbox: Outbox::new(commands),
            background,
            now: Box::new(now),
            pending: Pending::default(),
            parts: Parts::default(),
            closing: Closing::default(),
            is_titled_live: false,
        })
    }

    fn draw(&mut self, ui: &mut Ui) {
        let snapshot = self.snapshots.borrow_and_update().clone();
        let mut turn = Turn {
            snapshot: &snapshot,
            outbox: &mut self.outbox,
            dialogs: self.background.dialogs(),
            now: (self.now)(),
        };
        let palette = Palette::in_use(ui);
        let bar = Frame::new()
            .fill(palette.surface)
            .inner_margin(Margin::symmetric(16, 0));
        let (parts, pending) = (&mut self.parts, &mut self.pending);
        let settings = Panel::top("top bar")
            .exact_size(52.0)
            .frame(bar)
            .resizable(false)
            .show(ui, |ui| parts.top_bar.show(ui, &turn));
        if settings.inner {
            parts.settings.open();
        }
        Panel::bottom("start and stop")
            .exact_size(72.0)
            .frame(bar)
            .resizable(false)
            .show(ui, |ui| start_stop::show(ui, &mut turn, &mut parts.about));
        if ui.available_width() >= ONE_COLUMN {
            two_columns(ui, parts, pending, &mut turn);
        } else {
            one_column(ui, parts, pending, &mut turn);
        }
        if !matches!(snapshot.phase, Phase::Live(_)) {
            parts.share.close();
            parts.view = View::Preview;
        }
        let listing = &mut parts.listing;
        parts.settings.show(
            ui.ctx(),
            &mut turn,
            |ui, turn| pick_encoding(ui, pending, turn),
            |ui, turn| listing.show(ui, turn),
        );
        let mut welcome = std::mem::take(&mut parts.welcome);
        let goes_live = welcome.show(ui.ctx(), &mut turn, |ui, step, turn| {
            welcome_step(ui, step, parts, &mut pending.input, turn);
        });
        parts.welcome = welcome;
        if goes_live {
            start_stop::start(ui.ctx(), &mut turn, &mut parts.about);
        }
        self.closing.show(ui.ctx(), &mut turn);
        self.tell_the_desktop(ui.ctx(), &snapshot.phase);
    }

    /// The window list of the desktop says whether one is live.
    fn tell_the_desktop(&mut self, context: &Context, phase: &Phase) {
        let is_live = matches!(phase, Phase::Live(_));
        if is_live != self.is_titled_live {
            self.is_titled_live = is_live;
            let title = if is_live {
                texts::say("window-live", [("name", NAME.into())])
            } else {
                NAME.to_owned()
            };
            context.send_viewport_cmd(ViewportCommand::Title(title));
        }
    }
}

impl eframe::App for Window {
    fn ui(&mut self, ui: &mut Ui, _frame: &mut eframe::Frame) {
        texts::within(spoken::language(ui.ctx()), || self.draw(ui));
    }

    fn clear_color(&self, visuals: &egui::Visuals) -> [f32; 4] {
        visuals.panel_fill.to_normalized_gamma_f32()
    }
}

fn two_columns(ui: &mut Ui, parts: &mut Parts, pending: &mut Pending, turn: &mut Turn<'_>) {
    // Wide enough for the pickers' tiles; the rest is the picture's.
    let side = (ui.available_width() * 0.36).clamp(332.0, 400.0);
    Panel::right("choices")
        .exact_size(side)
        .resizable(false)
        .show_separator_line(false)
        .frame(Frame::new().fill(Palette::in_use(ui).canvas))
        .show(ui, |ui| {
            ScrollArea::vertical().show(ui, |ui| {
                Frame::new()
                    .inner_margin(Margin {
                        left: 0,
                        right: GAP as i8,
                        top: GAP as i8,
                        bottom: GAP as i8,
                    })
                    .show(ui, |ui| choices(ui, parts, pending, turn));
            });
        });
    let canvas = Frame::new().fill(Palette::in_use(ui).canvas);
    CentralPanel::no_frame().frame(canvas).show(ui, |ui| {
        ScrollArea::vertical().id_salt("stage").show(ui, |ui| {
            Frame::new().inner_margin(GAP).show(ui, |ui| {
                let height = ui.available_height();
                stage(ui, parts, turn, height);
            });
        });
    });
}

fn one_column(ui: &mut Ui, parts: &mut Parts, pending: &mut Pending, turn: &mut Turn<'_>) {
    let canvas = Frame::new().fill(Palette::in_use(ui).canvas);
    CentralPanel::no_frame().frame(canvas).show(ui, |ui| {
        ScrollArea::vertical().show(ui, |ui| {
            Frame::new().inner_margin(GAP).show(ui, |ui| {
                ui.spacing_mut().item_spacing.y = GAP;
                stage(ui, parts, turn, f32::INFINITY);
                choices(ui, parts, pending, turn);
            });
        });
    });
}

/// The picture, as large as it fits into `height` with the hints above it, and what concerns the broadcast as a whole. While
/// live the audience or the log can be shown in its place.
fn stage(ui: &mut Ui, parts: &mut Parts, turn: &mut Turn<'_>, height: f32) {
    ui.spacing_mut().item_spacing.y = GAP;
    // Above the hints, which come and go: what is clicked at stays where it is.
    if matches!(turn.snapshot.phase, Phase::Live(_)) {
        view::show(ui, &mut parts.view, turn.snapshot);
    }
    let outbox_hint = turn.outbox.message();
    hints::show(ui, outbox_hint.iter().chain(&turn.snapshot.hints));
    if let Phase::Live(live) = &turn.snapshot.phase {
        match parts.view {
            View::Preview => {}
            View::Audience => {
                live_panel::show(ui, turn.snapshot, live);
                audience::show(ui, live);
                return;
            }
            View::Log => {
                live_panel::show(ui, turn.snapshot, live);
                parts.log.show(ui, turn.snapshot, turn.now);
                return;
            }
        }
    }
    let above = ui.cursor().top() - ui.max_rect().top();
    parts
        .preview
        .show(ui, height - above - parts.below_preview, turn);
    let bottom = ui.min_rect().bottom();
    if let Phase::Live(live) = &turn.snapshot.phase {
        live_panel::show(ui, turn.snapshot, live);
    }
    parts.about.title(ui, turn);
    let below = ui.min_rect().bottom() - bottom;
    if (below - parts.below_preview).abs() > 0.5 {
        parts.below_preview = below;
        ui.ctx().request_repaint();
    }
}

/// What can be chosen, and above it, while live, the link.
fn choices(ui: &mut Ui, parts: &mut Parts, pending: &mut Pending, turn: &mut Turn<'_>) {
    ui.spacing_mut().item_spacing.y = GAP;
    if let Phase::Live(live) = &turn.snapshot.phase {
        parts.share.show(ui, live, turn);
    }
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = GAP;
        pick_input(ui, parts, pending, turn);
        parts.about.card(ui, turn);
        parts.listing.card(ui, turn);
        pick_encoding(ui, pending, turn);
        parts.recording.show(ui, turn);
    });
}

/// What a step of the first start asks: a part of the window.
fn welcome_step(
    ui: &mut Ui,
    step: Step,
    parts: &mut Parts,
    pending: &mut Asked<Input>,
    turn: &mut Turn<'_>,
) {
    let shown = pending.or_told(&turn.snapshot.input, turn.now);
    let mut input = shown.clone();
    match step {
        Step::Idea => {}
        Step::Source => {
            parts.source.show(ui, &mut input.video, turn, |_| {});
            sound_picker::show(ui, &mut input, turn);
        }
        Step::Start => {
            parts.about.title(ui, turn);
            parts::explain(ui, t("welcome-start-why"));
        }
    }
    choose_input(ui, shown, input, pending, turn);
}

fn pick_input(ui: &mut Ui, parts: &mut Parts, pending: &mut Pending, turn: &mut Turn<'_>) {
    let shown = pending.input.or_told(&turn.snapshot.input, turn.now);
    let mut input = shown.clone();
    let told = pending.overlay.or_told(&turn.snapshot.overlay, turn.now);
    let mut overlay = told.clone();
    parts.source.show(ui, &mut input.video, turn, |ui| {
        overlay_picker::show(ui, &mut overlay, turn);
    });
    if overlay != told && turn.outbox.send(Command::SetOverlay(overlay.clone())) {
        pending.overlay.ask(overlay, ui.ctx(), turn.now);
    }
    sound_picker::show(ui, &mut input, turn);
    choose_input(ui, shown, input, &mut pending.input, turn);
}

fn choose_input(
    ui: &Ui,
    shown: Input,
    input: Input,
    pending: &mut Asked<Input>,
    turn: &mut Turn<'_>,
) {
    if input != shown && turn.outbox.send(Command::SetInput(input.clone())) {
        pending.ask(input, ui.ctx(), turn.now);
    }
}

fn pick_encoding(ui: &mut Ui, pending: &mut Pending, turn: &mut Turn<'_>) {
    let (snapshot, now) = (turn.snapshot, turn.now);
    let shown = pending.encoding.or_told(&snapshot.encoding, now);
    let limited = pending.upload_limit.or_told(&snapshot.upload_limit, now);
    let (mut encoding, mut limit) = (shown.clone(), limited);
    quality::show(ui, &mut encoding, &mut limit, turn);
    if encoding != shown && turn.outbox.send(Command::SetEncoding(encoding.clone())) {
        pending.encoding.ask(encoding, ui.ctx(), now);
    }
    if limit != limited && turn.outbox.send(Command::SetUploadLimit(limit)) {
        pending.upload_limit.ask(limit, ui.ctx(), now);
    }
}
