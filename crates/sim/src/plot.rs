//! Runs of several sizes as one drawing: delay and the streamer's upload over the logarithm of the audience.

use std::fmt::Write;

use crate::Report;

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 400.0;
const LEFT: f64 = 60.0;
const RIGHT: f64 = 60.0;
const TOP: f64 = 30.0;
const BOTTOM: f64 = 50.0;

type Line = (&'static str, &'static str, fn(&Report) -> f64);
const LINES: [Line; 4] = [
    ("delay p50 (s)", "#1b6ca8", |report| report.delay_p50),
    ("delay p95 (s)", "#e07b00", |report| report.delay_p95),
    ("delay p99 (s)", "#b3282d", |report| report.delay_p99),
    ("streamer's upload (copies)", "#2e7d32", |report| {
        report.upload_multiple
    }),
];

/// An SVG of the runs, smallest audience first.
pub fn by_audience(reports: &[Report]) -> String {
    let mut svg = String::new();
    let sizes: Vec<f64> = reports
        .iter()
        .map(|report| report.viewers.max(1) as f64)
        .collect();
    let low = sizes
        .iter()
        .copied()
        .fold(f64::INFINITY, f64::min)
        .log10()
        .floor();
    let high = sizes
        .iter()
        .copied()
        .fold(1.0, f64::max)
        .log10()
        .ceil()
        .max(low + 1.0);
    let values = || LINES.iter().flat_map(|line| reports.iter().map(line.2));
    let most = values()
        .filter(|value| value.is_finite())
        .fold(1.0, f64::max)
        .ceil();
    let x = |size: f64| LEFT + (size.log10() - low) / (high - low) * (WIDTH - LEFT - RIGHT);
    let y = |value: f64| HEIGHT - BOTTOM - value / most * (HEIGHT - TOP - BOTTOM);
    // Writing into a string cannot fail.
    let _ = write!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#fff\"/>\n"
    );
    for exponent in low as i32..=high as i32 {
        let at = x(10_f64.powi(exponent));
        let (top, bottom, text) = (TOP, HEIGHT - BOTTOM, HEIGHT - BOTTOM + 18.0);
        let _ = writeln!(
            svg,
            "<path d=\"M{at:.1} {top}V{bottom}\" stroke=\"#ddd\"/><text x=\"{at:.1}\" y=\"{text}\" text-anchor=\"middle\">{}</text>",
            10_u64.pow(exponent.unsigned_abs())
        );
    }
    let steps = (most * 4.0) as u32;
    for quarter in (0..=steps).step_by(if steps > 16 { 4 } else { 1 }) {
        let value = f64::from(quarter) / 4.0;
        let (at, right, text) = (y(value), WIDTH - RIGHT, LEFT - 8.0);
        let _ = writeln!(
            svg,
            "<path d=\"M{LEFT} {at:.1}H{right}\" stroke=\"#ddd\"/><text x=\"{text}\" y=\"{:.1}\" text-anchor=\"end\">{value}</text>",
            at + 4.0
        );
    }
    for (place, (name, colour, value)) in LINES.into_iter().enumerate() {
        let mut path = String::new();
        for (report, size) in reports.iter().zip(&sizes) {
            let letter = if path.is_empty() { 'M' } else { 'L' };
            let (x, y) = (x(*size), y(value(report)));
            let _ = write!(path, "{letter}{x:.1} {y:.1}");
            let _ = writeln!(
                svg,
                "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\" fill=\"{colour}\"/>"
            );
        }
        let (at, text) = (LEFT + 10.0 + 160.0 * place as f64, TOP - 10.0);
        let _ = writeln!(
            svg,
            "<path d=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/><text x=\"{at}\" y=\"{text}\" fill=\"{colour}\">{name}</text>"
        );
    }
    let (middle, bottom) = (WIDTH / 2.0, HEIGHT - 12.0);
    let _ = writeln!(
        svg,
        "<text x=\"{middle}\" y=\"{bottom}\" text-anchor=\"middle\">viewers</text>\n</svg>"
    );
    svg
}
