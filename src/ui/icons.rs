//! The window's icons, drawn as lines so that they are sharp at any size and take the colour of the text they stand by.

use egui::{Atom, Color32, Painter, Pos2, Rect, Shape, Stroke, Ui, Vec2, pos2, vec2};

/// One icon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Icon {
    Screen,
    Window,
    Camera,
    File,
    TestPicture,
    Microphone,
    Computer,
    Silence,
    Note,
    Play,
    Pause,
    Stop,
    Text,
    Record,
    Copy,
    Code,
    Done,
    Slow,
    Information,
    Warning,
    Error,
    Lock,
    Link,
    Gauge,
    Well,
    Gear,
    Mail,
}

/// The side of an icon in a line of text, in points.
const SIDE: f32 = 18.0;

/// The icon as a part of a button or a label, in that one's colour.
pub fn atom(icon: Icon) -> Atom<'static> {
    Atom::paint(Vec2::splat(SIDE), move |ui, place| {
        paint(ui.painter(), icon, place.rect, place.fallback_text_color);
    })
}

/// The icon on its own, in a line of other things. What it says must be said in words beside it.
pub fn show(ui: &mut Ui, icon: Icon, color: Color32) {
    let (_, rect) = ui.allocate_space(Vec2::splat(SIDE));
    paint(ui.painter(), icon, rect, color);
}

/// Draws the icon into a square.
pub fn paint(painter: &Painter, icon: Icon, rect: Rect, color: Color32) {
    let side = rect.width().min(rect.height());
    Pen {
        painter,
        origin: rect.center() - Vec2::splat(side / 2.0),
        scale: side / 24.0,
        color,
    }
    .draw(icon);
}

/// Draws on a grid of 24 by 24.
struct Pen<'a> {
    painter: &'a Painter,
    origin: Pos2,
    scale: f32,
    color: Color32,
}

impl Pen<'_> {
    fn draw(&self, icon: Icon) {
        match icon {
            Icon::Screen => {
                self.frame(2.5, 4.0, 19.0, 12.5, 2.0);
                self.line(&[(12.0, 16.5), (12.0, 20.5)]);
                self.line(&[(8.0, 20.5), (16.0, 20.5)]);
            }
            Icon::Window => {
                self.frame(2.5, 4.0, 19.0, 16.0, 2.0);
                self.line(&[(2.5, 9.0), (21.5, 9.0)]);
                self.dot(5.8, 6.5, 0.9);
                self.dot(8.8, 6.5, 0.9);
            }
            Icon::Camera => {
                self.frame(2.0, 6.5, 13.5, 11.0, 2.0);
                self.line(&[(15.5, 10.5), (22.0, 7.0), (22.0, 17.0), (15.5, 13.5)]);
            }
            Icon::File => {
                self.frame(4.0, 2.5, 16.0, 19.0, 2.0);
                self.solid(&[(9.5, 8.0), (9.5, 16.0), (16.0, 12.0)]);
            }
            Icon::TestPicture => {
                self.frame(2.5, 4.0, 19.0, 16.0, 2.0);
                for x in [7.3, 12.0, 16.7] {
                    self.line(&[(x, 4.0), (x, 14.5)]);
                }
                self.line(&[(2.5, 14.5), (21.5, 14.5)]);
            }
            Icon::Microphone => self.microphone(),
            Icon::Computer => {
                self.speaker();
                self.arc((12.0, 12.0), 4.2, -50.0, 50.0);
                self.arc((12.0, 12.0), 8.2, -50.0, 50.0);
            }
            Icon::Silence => {
                self.speaker();
                self.line(&[(16.0, 9.5), (21.0, 14.5)]);
                self.line(&[(21.0, 9.5), (16.0, 14.5)]);
            }
            Icon::Note => {
                self.dot(7.0, 17.5, 3.2);
                self.dot(17.0, 15.5, 3.2);
                self.line(&[(9.6, 17.5), (9.6, 5.5), (19.6, 3.5), (19.6, 15.5)]);
            }
            Icon::Play => self.solid(&[(6.5, 3.5), (6.5, 20.5), (20.5, 12.0)]),
            Icon::Stop => {
                let rect = Rect::from_min_max(self.at((5.5, 5.5)), self.at((18.5, 18.5)));
                self.painter.rect_filled(rect, 2.0 * self.scale, self.color);
            }
            Icon::Pause => {
                for x in [5.5, 14.0] {
                    let rect = Rect::from_min_max(self.at((x, 4.5)), self.at((x + 4.5, 19.5)));
                    self.painter.rect_filled(rect, self.scale, self.color);
                }
            }
            Icon::Text => {
                for (y, end) in [(5.0, 21.0), (12.0, 21.0), (19.0, 13.0)] {
                    self.line(&[(3.0, y), (end, y)]);
                }
            }
            Icon::Record => {
                self.ring(12.0, 12.0, 9.5);
                self.dot(12.0, 12.0, 5.0);
            }
            Icon::Copy => {
                self.frame(8.0, 8.0, 13.0, 13.0, 2.0);
                self.line(&[(16.0, 4.0), (3.5, 4.0), (3.5, 16.5)]);
            }
            Icon::Code => {
                self.frame(3.0, 3.0, 7.0, 7.0, 1.0);
                self.frame(14.0, 3.0, 7.0, 7.0, 1.0);
                self.frame(3.0, 14.0, 7.0, 7.0, 1.0);
                self.dot(15.5, 15.5, 1.8);
                self.dot(20.0, 20.0, 1.8);
            }
            Icon::Done => self.line(&[(4.0, 12.5), (9.5, 18.0), (20.0, 6.5)]),
            Icon::Slow => self.clock(),
            Icon::Information => {
                self.ring(12.0, 12.0, 9.5);
                self.dot(12.0, 7.5, 1.4);
                self.line(&[(12.0, 11.5), (12.0, 17.0)]);
            }
            Icon::Warning => {
                self.line(&[(12.0, 3.0), (22.0, 20.5), (2.0, 20.5), (12.0, 3.0)]);
                self.line(&[(12.0, 9.5), (12.0, 14.5)]);
                self.dot(12.0, 17.5, 1.3);
            }
            Icon::Error => {
                self.ring(12.0, 12.0, 9.5);
                self.line(&[(8.5, 8.5), (15.5, 15.5)]);
                self.line(&[(15.5, 8.5), (8.5, 15.5)]);
            }
            Icon::Lock => {
                self.frame(4.5, 10.5, 15.0, 10.5, 2.0);
                self.arc((12.0, 8.5), 4.5, 180.0, 360.0);
                self.line(&[(7.5, 8.5), (7.5, 10.5)]);
                self.line(&[(16.5, 8.5), (16.5, 10.5)]);
            }
            Icon::Link => {
                self.arc((8.0, 12.0), 5.0, 60.0, 300.0);
                self.arc((16.0, 12.0), 5.0, -120.0, 120.0);
                self.line(&[(8.5, 12.0), (15.5, 12.0)]);
            }
            Icon::Gauge => {
                self.arc((12.0, 14.5), 9.5, 160.0, 380.0);
                self.line(&[(12.0, 14.5), (16.5, 9.0)]);
                self.dot(12.0, 14.5, 1.8);
            }
            Icon::Well => {
                self.ring(12.0, 12.0, 9.5);
                self.line(&[(7.5, 12.5), (10.8, 15.8), (16.5, 8.8)]);
            }
            Icon::Mail => {
                self.frame(2.5, 5.0, 19.0, 14.0, 2.0);
                self.line(&[(3.5, 6.5), (12.0, 13.0), (20.5, 6.5)]);
            }
            Icon::Gear => self.gear(),
        }
    }

    fn microphone(&self) {
        self.frame(8.5, 2.5, 7.0, 12.0, 3.5);
        self.arc((12.0, 11.0), 7.0, 0.0, 180.0);
        self.line(&[(12.0, 18.0), (12.0, 21.5)]);
        self.line(&[(8.0, 21.5), (16.0, 21.5)]);
    }

    fn speaker(&self) {
        self.solid(&[(2.5, 9.0), (6.5, 9.0), (6.5, 15.0), (2.5, 15.0)]);
        self.solid(&[(6.0, 9.0), (12.0, 4.5), (12.0, 19.5), (6.0, 15.0)]);
    }

    fn gear(&self) {
        self.ring(12.0, 12.0, 6.2);
        self.dot(12.0, 12.0, 2.4);
        for tooth in 0..8u8 {
            let toward = Vec2::angled(f32::from(tooth) * std::f32::consts::FRAC_PI_4);
            let at = |distance: f32| (12.0 + toward.x * distance, 12.0 + toward.y * distance);
            self.line(&[at(6.2), at(9.8)]);
        }
    }

    fn clock(&self) {
        self.ring(12.0, 12.0, 9.5);
        self.line(&[(12.0, 6.5), (12.0, 12.0), (16.0, 14.5)]);
    }

    fn stroke(&self) -> Stroke {
        // On the grid of 24, two wide: what reads well beside Inter at body size.
        Stroke::new(1.9 * self.scale, self.color)
    }

    fn at(&self, (x, y): (f32, f32)) -> Pos2 {
        self.origin + vec2(x, y) * self.scale
    }

    fn line(&self, points: &[(f32, f32)]) {
        let points = points.iter().map(|&point| self.at(point)).collect();
        self.painter.add(Shape::line(points, self.stroke()));
    }

    fn solid(&self, points: &[(f32, f32)]) {
        let points = points.iter().map(|&point| self.at(point)).collect();
        self.painter
            .add(Shape::convex_polygon(points, self.color, Stroke::NONE));
    }

    fn frame(&self, x: f32, y: f32, width: f32, height: f32, radius: f32) {
        let rect = Rect::from_min_max(self.at((x, y)), self.at((x + width, y + height)));
        self.painter.rect_stroke(
            rect,
            radius * self.scale,
            self.stroke(),
            egui::StrokeKind::Middle,
        );
    }

    fn dot(&self, x: f32, y: f32, radius: f32) {
        self.painter
            .circle_filled(self.at((x, y)), radius * self.scale, self.color);
    }

    fn ring(&self, x: f32, y: f32, radius: f32) {
        self.painter
            .circle_stroke(self.at((x, y)), radius * self.scale, self.stroke());
    }

    /// From one angle to another in degrees, clockwise from three o'clock.
    fn arc(&self, centre: (f32, f32), radius: f32, from: f32, to: f32) {
        self.painter.add(Shape::line(
            self.arc_points(centre, radius, from, to),
            self.stroke(),
        ));
    }

    fn arc_points(&self, centre: (f32, f32), radius: f32, from: f32, to: f32) -> Vec<Pos2> {
        /// Chosen: smooth at the sizes that icons have.
        const STEPS: u8 = 20;
        (0..=STEPS)
            .map(|step| {
                let angle = (from + (to - from) * f32::from(step) / f32::from(STEPS)).to_radians();
                let Pos2 { x, y } = pos2(centre.0, centre.1) + Vec2::angled(angle) * radius;
                self.at((x, y))
            })
            .collect()
    }
}
