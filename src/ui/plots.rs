//! How the broadcast has gone so far: viewers, upload and delay over time.

use std::time::Duration;

use egui::{Color32, FontId, Label, RichText, Role, TextStyle, Ui, WidgetInfo, vec2};
use egui_plot::{GridInput, GridMark, Line, Plot, PlotPoints};

use super::theme::{Palette, semi_bold};
use crate::broadcast::{Delay, Live, Moment};
use crate::texts::{decimal, say, t};
use crate::words;

/// One plot's height in points, without its headline.
const HEIGHT: f32 = 84.0;
/// The room for numbers at the left, so that all plots begin at the same place.
const NUMBERS: f32 = 34.0;

/// Shows the plots.
pub fn show(ui: &mut Ui, live: &Live) {
    viewers(ui, live);
    upload(ui, live);
    delay(ui, live);
}

fn viewers(ui: &mut Ui, live: &Live) {
    let watching = say("plot-count", [("count", live.viewers.into())]);
    let color = Palette::in_use(ui).accent_text;
    let viewers = Curve::new(color, live, |moment| Some(moment.viewers as f64));
    plot(ui, t("plot-viewers"), &watching, 4.0, vec![viewers]);
}

fn upload(ui: &mut Ui, live: &Live) {
    let rate = live.history.last().map(|moment| words::rate(moment.upload));
    let color = Palette::in_use(ui).live_hovered;
    let upload = Curve::new(color, live, |moment| {
        Some(moment.upload.bits_per_second() as f64 / 1e6)
    });
    let now = rate.unwrap_or_default();
    plot(ui, t("plot-upload"), &now, 1.0, vec![upload]);
}

fn delay(ui: &mut Ui, live: &Live) {
    let palette = Palette::in_use(ui);
    let curve = |color, of: fn(Delay) -> Duration| {
        let seconds = move |moment: &Moment| Some(of(moment.delay?).as_secs_f64());
        Curve::new(color, live, seconds)
    };
    let longest = curve(palette.weak, |delay| delay.longest);
    let middle = curve(palette.accent_text, |delay| delay.middle);
    let delay = live.history.last().and_then(|moment| moment.delay);
    let now = delay.map_or_else(|| t("plot-unknown").to_owned(), in_words);
    plot(ui, t("plot-delay"), &now, 0.5, vec![longest, middle]);
}

fn in_words(Delay { middle, longest }: Delay) -> String {
    let (middle, longest) = (middle.as_secs_f32(), longest.as_secs_f32());
    say(
        "plot-delays",
        [
            ("middle", decimal(middle, 2).into()),
            ("longest", decimal(longest, 2).into()),
        ],
    )
}

/// The steps, in seconds, at which times are written.
const TIMES: [f64; 10] = [
    15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0, 7200.0, 14_400.0,
];
/// The steps at which values are written.
const VALUES: [f64; 12] = [
    0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 1000.0, 10_000.0,
];
/// For how many steps each axis has room.
const MOST_TIMES: f64 = 4.0;
const MOST_VALUES: f64 = 2.0;

/// Numbers at the axis in the first of these steps that leaves room between them.
fn marks(grid: GridInput, steps: &[f64], most: f64) -> Vec<GridMark> {
    let (from, to) = grid.bounds;
    let fits = |step: &&f64| (to - from) / **step <= most;
    let step = steps.iter().find(fits).or(steps.last()).copied();
    let step_size = step.unwrap_or(1.0);
    let first = (from / step_size).ceil() as i64;
    let last = (to / step_size).floor() as i64;
    // The longest step may be too short after days; then there are more marks than fit, but never without end.
    (first..=last.min(first + 100))
        .map(|at| GridMark {
            value: at as f64 * step_size,
            step_size,
        })
        .collect()
}

/// One line of a plot.
struct Curve {
    color: Color32,
    points: Vec<[f64; 2]>,
}

impl Curve {
    fn new(color: Color32, live: &Live, value: impl Fn(&Moment) -> Option<f64>) -> Self {
        let point = |moment: &Moment| Some([moment.at.as_secs_f64(), value(moment)?]);
        let points = live.history.iter().filter_map(point).collect();
        Self { color, points }
    }
}

/// A headline with the value of now, and the curves under it, on a scale that reaches to `least` at least.
fn plot(ui: &mut Ui, name: &str, now: &str, least: f64, curves: Vec<Curve>) {
    let palette = Palette::in_use(ui);
    ui.horizontal(|ui| {
        ui.spacing_mut().interact_size.y = 18.0;
        ui.label(RichText::new(name).small().color(palette.weak));
        ui.add(Label::new(RichText::new(now).font(semi_bold(13.0))));
    });
    let shown = ui.scope(|ui| {
        let numbers = FontId::proportional(11.5);
        ui.style_mut().text_styles.insert(TextStyle::Body, numbers);
        ui.visuals_mut().override_text_color = Some(palette.weak);
        axes(name)
            .include_y(least)
            .grid_color(palette.border)
            .show(ui, |plot| {
                for curve in curves {
                    plot.line(line(curve));
                }
            })
            .response
    });
    let spoken = say("plot-spoken", [("name", name.into()), ("now", now.into())]);
    let image = || WidgetInfo::labeled(Role::Image, true, &spoken);
    shown.inner.widget_info(image);
}

/// A plot to look at: it cannot be moved or zoomed, so that the wheel scrolls the window.
fn axes(name: &str) -> Plot<'static> {
    let time = |seconds: f64| words::duration(Duration::from_secs_f64(seconds.max(0.0)));
    Plot::new(name)
        .height(HEIGHT)
        .include_x(0.0)
        .include_x(60.0)
        .include_y(0.0)
        .set_margin_fraction(vec2(0.0, 0.1))
        .show_background(false)
        .show_x(false)
        .show_y(false)
        .allow_zoom(false)
        .allow_scroll(false)
        .allow_drag(false)
        .allow_boxed_zoom(false)
        .allow_axis_zoom_drag(false)
        .allow_double_click_reset(false)
        .y_axis_min_width(NUMBERS)
        .show_grid([false, true])
        .grid_fade(0.0)
        .x_grid_spacer(|grid| marks(grid, &TIMES, MOST_TIMES))
        .y_grid_spacer(|grid| marks(grid, &VALUES, MOST_VALUES))
        .x_axis_formatter(move |mark, _| time(mark.value))
        .y_axis_formatter(|mark, _| {
            let decimals = usize::from(mark.step_size < 1.0);
            format!("{:.decimals$}", mark.value)
        })
}

fn line(Curve { color, points }: Curve) -> Line<'static> {
    Line::new("", PlotPoints::from(points))
        .color(color)
        .width(1.8)
        .fill(0.0)
        .fill_alpha(0.12)
        .allow_hover(false)
}
