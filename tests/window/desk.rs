//! A window on a test's desk: fed with snapshots, driven by labels, its commands caught.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use egui::accesskit::Role;
use egui::{OutputCommand, ViewportCommand, ViewportEvent, ViewportId, ViewportInfo};
use egui_kittest::kittest::{NodeT, Queryable};
use egui_kittest::{Harness, SnapshotOptions};
use liveontorrent::broadcast::{
    Command, Delay, Entry, Listed, Live, Moment, Neighbour, Phase, Reach, Recording, Snapshot,
};
use liveontorrent::capture::{
    Device, Devices, Input, Overlay, Peak, PreviewFrame, ScreenArea, SoundLevel, SoundSource,
    SourceState, VideoSource,
};
use liveontorrent::segmenter::{Bitrate, EncoderChoice, EncoderState, Encoding, FoundEncoder};
use liveontorrent::ui::Window;
use swarm::Details;
use tokio::sync::{mpsc, watch};

/// As many commands as the window can leave lying before it is told to wait.
const QUEUE: usize = 8;

pub const LINK: &str =
    "http://192.168.1.20:8080/#5f1c0f3b9a7e4d2c8b6a5f1c0f3b9a7e4d2c8b6a5f1c0f3b9a7e4d2c8b6a0011";

/// The window, and both ends of its lines to the engine.
pub struct Desk {
    pub harness: Harness<'static, Window>,
    snapshots: watch::Sender<Arc<Snapshot>>,
    commands: mpsc::Receiver<Command>,
    clock: Rc<Cell<Instant>>,
}

impl Desk {
    pub fn new() -> Self {
        Self::sized(1280.0, 720.0, egui::Theme::Dark)
    }

    pub fn sized(width: f32, height: f32, theme: egui::Theme) -> Self {
        let (snapshots, told) = watch::channel(Arc::new(idle()));
        let (sender, commands) = mpsc::channel(QUEUE);
        let clock = Rc::new(Cell::new(Instant::now()));
        let hands = Rc::clone(&clock);
        let harness = Harness::builder()
            .with_size([width, height])
            .with_theme(theme)
            .with_max_steps(20)
            .with_options(
                SnapshotOptions::new()
                    .output_path("tests/window/pictures")
                    // Drivers round differently by a shade, and by a pixel where a curve ends; a word that changed
                    // fails far more.
                    .threshold(1.0)
                    .max_failed_pixels(24),
            )
            .build_eframe(move |creation| {
                Window::new(&creation.egui_ctx, told, sender, move || hands.get())
                    .expect("a thread can be started")
            });
        Self {
            harness,
            snapshots,
            commands,
            clock,
        }
    }

    /// The engine's state changes.
    pub fn tell(&mut self, change: impl FnOnce(&mut Snapshot)) {
        self.tell_without_settling(change);
        self.harness.run();
    }

    /// The engine's state changes, and the window is drawn once.
    pub fn tell_without_settling(&mut self, change: impl FnOnce(&mut Snapshot)) {
        self.snapshots.send_modify(|snapshot| {
            let mut next = Snapshot::clone(snapshot);
            change(&mut next);
            *snapshot = Arc::new(next);
        });
        self.harness.step();
    }

    /// It goes live, and has been for a while.
    pub fn go_live(&mut self) {
        let since = self.clock.get();
        self.wait(Duration::from_secs(754));
        self.tell(|snapshot| snapshot.phase = Phase::Live(live(since)));
    }

    /// Time passes on the window's clock.
    pub fn wait(&mut self, duration: Duration) {
        self.clock.set(self.clock.get() + duration);
        self.harness.run();
    }

    /// The engine does what an engine does with a command: it tells what was chosen.
    pub fn commands(&mut self) -> Vec<Command> {
        let mut taken = Vec::new();
        while let Ok(command) = self.commands.try_recv() {
            taken.push(command);
        }
        for command in taken.clone() {
            self.tell(|snapshot| match command {
                Command::SetInput(input) => snapshot.input = input,
                Command::SetOverlay(overlay) => snapshot.overlay = overlay,
                Command::SetEncoding(encoding) => snapshot.encoding = encoding,
                Command::SetDetails(details) => snapshot.details = details,
                Command::SetUploadLimit(limit) => snapshot.upload_limit = limit,
                Command::SetListed(listed) => snapshot.listed = listed,
                Command::SetReach(reach) => snapshot.reach = *reach,
                Command::SetPort(port) => snapshot.port = port,
                Command::Start => snapshot.phase = Phase::Starting,
                Command::Stop => snapshot.phase = Phase::Stopping,
                Command::SetMuted(muted) => snapshot.muted = muted,
                Command::Pause => set_paused(snapshot, true),
                Command::Continue => set_paused(snapshot, false),
                Command::Record(options) => snapshot.recording = Recording::Ready(options.path),
                Command::StopRecording => snapshot.recording = Recording::Off,
                Command::SaveChannel { .. }
                | Command::LoadChannel(_)
                | Command::FindEncoders
                | Command::Quit => {}
            });
        }
        taken
    }

    /// The engine ends.
    pub fn end_engine(&mut self) {
        self.commands.close();
        self.harness.run();
    }

    pub fn click(&mut self, label: &str) {
        self.harness.get_by_label(label).click();
        self.harness.run();
    }

    /// Clicks one of the tiles.
    pub fn pick(&mut self, tile: &str) {
        self.harness
            .get_by_role_and_label(Role::RadioButton, tile)
            .click();
        self.harness.run();
    }

    /// Chooses from a list that drops down.
    pub fn choose(&mut self, list: &str, item: &str) {
        self.harness
            .get_by_role_and_label(Role::ComboBox, list)
            .click();
        self.harness.run();
        self.harness
            .get_by_role_and_label(Role::Button, item)
            .click();
        self.harness.run();
    }

    /// Clicks what copies, and returns what was copied.
    pub fn copied_by(&mut self, label: &str) -> Option<String> {
        self.click_for(label, |command| match command {
            OutputCommand::CopyText(text) => Some(text.clone()),
            _ => None,
        })
    }

    /// Clicks what opens a link, and returns the link.
    pub fn opened_by(&mut self, label: &str) -> Option<String> {
        self.click_for(label, |command| match command {
            OutputCommand::OpenUrl(open) => Some(open.url.clone()),
            _ => None,
        })
    }

    fn click_for(
        &mut self,
        label: &str,
        wanted: impl Fn(&OutputCommand) -> Option<String>,
    ) -> Option<String> {
        self.harness.get_by_label(label).click();
        let mut found = None;
        for _ in 0..6 {
            self.harness.step();
            let commands = &self.harness.output().platform_output.commands;
            found = found.or_else(|| commands.iter().find_map(&wanted));
        }
        found
    }

    /// Types into a field.
    pub fn type_into(&mut self, field: &str, text: &str) {
        self.harness.get_by_label(field).focus();
        self.harness.run();
        self.harness.get_by_label(field).type_text(text);
        self.harness.run();
    }

    pub fn says(&self, text: &str) -> bool {
        self.harness
            .query_all_by_label_contains(text)
            .next()
            .is_some()
    }

    pub fn is_enabled(&self, label: &str) -> bool {
        !self
            .harness
            .get_by_label(label)
            .accesskit_node()
            .is_disabled()
    }

    /// The desktop asks the window to close; returns what the window answers.
    pub fn click_the_cross(&mut self) -> Vec<ViewportCommand> {
        self.root_viewport().events.push(ViewportEvent::Close);
        self.harness.step();
        let answer = self.viewport_commands();
        self.root_viewport().events.clear();
        answer
    }

    fn root_viewport(&mut self) -> &mut ViewportInfo {
        let viewports = &mut self.harness.input_mut().viewports;
        viewports.entry(ViewportId::ROOT).or_default()
    }

    /// What the window asked of the desktop in the frame that was drawn last.
    pub fn viewport_commands(&self) -> Vec<ViewportCommand> {
        self.harness.output().viewport_output[&ViewportId::ROOT]
            .commands
            .clone()
    }

    /// Compares what the window looks like with the picture of that name.
    pub fn picture(&mut self, name: &str) {
        self.harness.remove_cursor();
        self.harness.run();
        self.harness.snapshot(name);
    }
}

fn set_paused(snapshot: &mut Snapshot, paused: bool) {
    if let Phase::Live(live) = &mut snapshot.phase {
        live.paused = paused;
    }
}

/// An engine's state at rest, on a machine that has everything.
pub fn idle() -> Snapshot {
    Snapshot {
        devices: Devices {
            screens: vec![
                (ScreenArea::Monitor("HDMI-1".into()), "Dell 27 inch".into()),
                (ScreenArea::Window(77), "Holiday photos".into()),
            ],
            cameras: vec![device("cam-1", "Logitech C920")],
            microphones: vec![device("mic-1", "Blue Yeti")],
            computer_sound: true,
        },
        input: Input {
            video: VideoSource::Test,
            sound: SoundSource::Own,
        },
        overlay: Overlay::default(),
        encoding: Encoding::default(),
        encoders: Some(Arc::new(encoders())),
        details: Details::titled("Sunday in the workshop"),
        upload_limit: None,
        reach: Reach::default(),
        listed: Listed::default(),
        port: None,
        muted: false,
        recording: Recording::Off,
        video: SourceState::Running,
        sound: SourceState::Running,
        overlay_state: None,
        sound_level: SoundLevel([Peak::of(0.12), Peak::of(0.08)]),
        preview: Some(Arc::new(frame(1))),
        phase: Phase::Idle,
        hints: Vec::new(),
        journal: Arc::new(journal()),
    }
}

fn journal() -> Vec<Entry> {
    let entry = |seconds, text: &str| Entry {
        at: Duration::from_secs(seconds),
        text: text.into(),
    };
    vec![
        entry(0, "Picture: test picture"),
        entry(
            0,
            "Quality: 1280 x 720 at 30, 2.5 Mbit/s, segments of 250 ms, encoder Automatic",
        ),
        entry(12, "Live, encoder x264"),
        entry(
            12,
            "0 viewers, 0 connected, upload 0 kbit/s, longest delay unknown, 4 segments, 0 pictures left out",
        ),
        entry(
            72,
            "8 viewers, 8 connected, upload 3.1 Mbit/s, longest delay 0.23 s, 244 segments, 0 pictures left out",
        ),
    ]
}

/// As on a machine without graphics that encode.
fn encoders() -> [FoundEncoder; 5] {
    [
        (EncoderChoice::VaApi, EncoderState::Missing),
        (EncoderChoice::Nvenc, EncoderState::Fails),
        (EncoderChoice::V4l2, EncoderState::Missing),
        (EncoderChoice::X264, EncoderState::Works),
        (EncoderChoice::OpenH264, EncoderState::Works),
    ]
    .map(|(choice, state)| FoundEncoder { choice, state })
}

fn device(id: &str, name: &str) -> Device {
    Device {
        id: id.into(),
        name: name.into(),
    }
}

/// A live broadcast with an audience.
pub fn live(since: Instant) -> Live {
    Live {
        found_at: Arc::default(),
        link: LINK.into(),
        since,
        paused: false,
        viewers: 12,
        peers: 14,
        stream_bytes: 236_000_000,
        uploaded_bytes: 1_930_000_000,
        upload_per_second: 400_000,
        copies: Some(1.21),
        audience: audience(),
        history: Arc::new((0..754).map(moment).collect()),
        segments: 3016,
        dropped_frames: 0,
        encoder: "x264".into(),
    }
}

/// Five that get parts of the stream from the streamer, and four that live on these.
fn audience() -> Vec<Neighbour> {
    let neighbour = |serial, parts, passes_on, millis| Neighbour {
        serial,
        parts,
        passes_on,
        delay: Some(Duration::from_millis(millis)),
        upload_off: passes_on == 0,
    };
    vec![
        neighbour(1, 3, 14, 64),
        neighbour(2, 2, 21, 80),
        neighbour(4, 1, 4, 96),
        neighbour(5, 0, 8, 160),
        neighbour(7, 2, 11, 64),
        neighbour(8, 0, 0, 208),
        neighbour(9, 1, 0, 240),
        neighbour(11, 0, 3, 176),
        neighbour(12, 0, 6, 192),
    ]
}

/// People come, the upload stays where it is.
fn moment(second: u64) -> Moment {
    let wave = second * 37 % 23;
    Moment {
        at: Duration::from_secs(second),
        viewers: (second as usize / 45 + 1).min(12),
        upload: Bitrate::from_kilobits_per_second(2960 + wave * 20),
        delay: (second > 20).then(|| Delay {
            middle: Duration::from_millis(120 + wave * 2),
            longest: Duration::from_millis(190 + wave * 6),
        }),
    }
}

/// A frame of coloured bars.
pub fn frame(serial: u64) -> PreviewFrame {
    const BARS: [[u8; 4]; 6] = [
        [0xe6, 0xe6, 0xea, 0xff],
        [0xe0, 0xc8, 0x4a, 0xff],
        [0x3f, 0xb8, 0xb4, 0xff],
        [0x4c, 0xb0, 0x5b, 0xff],
        [0xc0, 0x53, 0xb5, 0xff],
        [0xc9, 0x45, 0x4d, 0xff],
    ];
    let (width, height) = (480, 270);
    let pixel = |index: usize| BARS[index % width * BARS.len() / width];
    PreviewFrame {
        serial,
        width,
        height,
        rgba: (0..width * height).flat_map(pixel).collect(),
    }
}
