//! The real window before the real engine: from the first click to a link that answers, and back.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use egui::OutputCommand;
use egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use liveontorrent::broadcast::{Choices, Engine, EngineOptions, ListingState, PagePlace, Phase};
use liveontorrent::capture::{Corner, Loudness, SourceState, VideoSource};
use liveontorrent::hub::{Hub, HubOptions};
use liveontorrent::seeder::NetworkOptions;
use liveontorrent::segmenter::{Bitrate, Encoding, Resolution};
use liveontorrent::server::{Listen, ServerOptions};
use liveontorrent::ui::Window;
use swarm::Details;

/// For what takes a second or two on an idle machine.
const SOON: Duration = Duration::from_secs(60);

/// A window, the engine behind it, and the runtime that the engine lives in.
struct Studio {
    harness: Harness<'static, Window>,
    engine: Engine,
    runtime: tokio::runtime::Runtime,
}

impl Studio {
    fn open(folder: &Path) -> Self {
        Self::with(options(folder))
    }

    fn with(options: EngineOptions) -> Self {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime can be started");
        let inside = runtime.enter();
        let engine = Engine::start(options);
        drop(inside);
        let (told, commands) = (engine.snapshots(), engine.commands());
        let harness =
            Harness::builder()
                .with_size([1280.0, 2000.0])
                .build_eframe(move |creation| {
                    Window::new(&creation.egui_ctx, told, commands, Instant::now)
                        .expect("a thread can be started")
                });
        Self {
            harness,
            engine,
            runtime,
        }
    }

    /// Draws the window until it shows something.
    fn until(&mut self, what: &str, is_shown: impl Fn(&Self) -> bool) {
        let late = Instant::now() + SOON;
        while !is_shown(self) {
            assert!(Instant::now() < late, "not in time: {what}");
            std::thread::sleep(Duration::from_millis(20));
            self.harness.step();
        }
    }

    fn click(&mut self, label: &str) {
        self.until(label, |studio| {
            let button = studio.harness.query_by_label(label);
            button.is_some_and(|button| !button.accesskit_node().is_disabled())
        });
        // What has just appeared may still move.
        self.harness.run_steps(3);
        self.harness.get_by_label(label).click();
        self.harness.step();
    }

    fn pick(&mut self, tile: &str) {
        self.harness
            .get_by_role_and_label(Role::RadioButton, tile)
            .click();
        self.harness.step();
    }

    fn type_into(&mut self, field: &str, text: &str) {
        self.until(field, |studio| {
            studio.harness.query_by_label(field).is_some()
        });
        self.harness.get_by_label(field).focus();
        self.harness.step();
        self.harness.get_by_label(field).type_text(text);
        self.harness.step();
    }

    /// What lies under a dialog takes no click in the moment in which it closes.
    fn close_settings(&mut self) {
        self.harness.key_press(egui::Key::Escape);
        self.until("they are closed", |studio| {
            !studio.says("Port of the page that viewers open")
        });
        self.harness.step();
    }

    /// Starts a broadcast; returns its link.
    fn go_live(&mut self) -> String {
        self.click("Start");
        self.until("it is live", |studio| studio.says("Live for"));
        self.click("Copy link");
        self.copied()
    }

    fn says(&self, text: &str) -> bool {
        let mut nodes = self.harness.query_all_by_label_contains(text);
        nodes.next().is_some()
    }

    fn copied(&mut self) -> String {
        let late = Instant::now() + SOON;
        loop {
            for command in &self.harness.output().platform_output.commands {
                if let OutputCommand::CopyText(text) = command {
                    return text.clone();
                }
            }
            assert!(Instant::now() < late, "nothing was copied");
            self.harness.step();
        }
    }

    fn quit(self) {
        drop(self.harness);
        self.runtime.block_on(self.engine.quit());
    }
}

/// A small picture, so that encoding leaves the machine to what is tested.
fn options(folder: &Path) -> EngineOptions {
    EngineOptions {
        choices: Choices {
            encoding: Encoding {
                resolution: Resolution {
                    width: 320,
                    height: 180,
                },
                frames_per_second: 15,
                video_bitrate: Bitrate::from_kilobits_per_second(300),
                ..Encoding::default()
            },
            details: Details::titled("A test"),
            ..Choices::default()
        },
        config_folder: folder.to_owned(),
        remember: true,
        preview: true,
        server: ServerOptions {
            listen: Listen::At("127.0.0.1:0".parse().expect("it is an address")),
            ..ServerOptions::default()
        },
        network: NetworkOptions::default(),
    }
}

#[test]
fn a_broadcast_is_started_shared_and_ended_by_clicks() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let mut studio = Studio::open(folder.path());
    studio.until("a preview", |studio| {
        studio.says("Preview of the picture")
            && studio.engine.snapshots().borrow().preview.is_some()
    });
    studio.click("Start");
    studio.until("it is live", |studio| studio.says("Live for"));
    studio.click("Copy link");
    let link = studio.copied();
    let page = link.split('#').next().expect("a link has a beginning");
    let host = page
        .trim_start_matches("http://")
        .trim_end_matches('/')
        .to_owned();
    std::net::TcpStream::connect(&host).expect("the link's host answers");
    studio.until("the test source's beep is heard", |studio| {
        let level = studio.engine.snapshots().borrow().sound_level;
        level.loudness() != Loudness::Silent
    });
    let report = studio.engine.snapshots().borrow().report();
    assert!(report.contains("Live, encoder"), "{report}");
    for secret in [&host, link.split('#').next_back().expect("a channel")] {
        assert!(!report.contains(secret), "{report}");
    }
    studio.click("Stop");
    studio.until("it is over", |studio| studio.says("Not live"));
    studio.quit();
}

#[test]
fn a_file_that_is_missing_is_said_and_another_picture_mends_it() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let mut studio = Studio::open(folder.path());
    studio.pick("Video file");
    let field = studio.harness.get_by_label("Path of the video file");
    field.focus();
    field.type_text("/nowhere/clip.mp4");
    studio.harness.step();
    studio.harness.key_press(egui::Key::Enter);
    studio.until("the picture is gone", |studio| studio.says("No picture."));
    let picked = studio.engine.snapshots().borrow().input.video.clone();
    assert_eq!(
        picked,
        VideoSource::File(PathBuf::from("/nowhere/clip.mp4"))
    );
    studio.pick("Test picture");
    studio.until("the picture is back", |studio| {
        studio.says("Preview of the picture")
    });
    let state = studio.engine.snapshots().borrow().video.clone();
    assert_eq!(state, SourceState::Running);
    studio.quit();
}

#[test]
fn a_hub_that_dies_is_said_and_lists_the_broadcast_again_when_it_is_back() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let outside = tokio::runtime::Runtime::new().expect("a runtime can be started");
    let hub_at = |address: SocketAddr| HubOptions {
        server: ServerOptions {
            listen: Listen::At(address),
            ..ServerOptions::default()
        },
        ..HubOptions::default()
    };
    let start = Hub::start(hub_at(SocketAddr::from(([127, 0, 0, 1], 0))));
    let hub = outside.block_on(start).expect("a hub can be started");
    let address = hub.address();
    let page = format!("http://{address}/");
    let mut options = options(folder.path());
    options.choices.listed.wanted = true;
    options.choices.reach.page = PagePlace::Hub(page.parse().expect("it is an address"));
    let mut studio = Studio::with(options);
    let listing = |studio: &Studio| match &studio.engine.snapshots().borrow().phase {
        Phase::Live(live) => live.found_at.listing.clone(),
        _ => ListingState::NotListed,
    };
    assert!(studio.go_live().starts_with(&page));
    studio.until("it is on the list", |studio| {
        listing(studio) == ListingState::Listed
    });
    outside.block_on(hub.shutdown());
    studio.until("the window says so", |studio| {
        studio.says("The hub does not list this broadcast just now")
            && studio.says("New viewers cannot find this broadcast by")
    });
    assert!(studio.says("Live for"), "and goes on");
    let again = outside.block_on(Hub::start(hub_at(address)));
    let again = again.expect("a hub can be started");
    studio.until("it is on the list again, and the window calm", |studio| {
        listing(studio) == ListingState::Listed
            && !studio.says("The hub does not list")
            && !studio.says("New viewers cannot find")
    });
    studio.click("Stop");
    studio.until("it is over", |studio| studio.says("Not live"));
    outside.block_on(again.shutdown());
    studio.quit();
}

#[test]
fn a_channel_moves_from_one_window_to_another_and_keeps_its_link() {
    let (here, there) = (
        tempfile::tempdir().expect("a folder can be made"),
        tempfile::tempdir().expect("a folder can be made"),
    );
    let copy = here.path().join("copy.txt");
    let mut studio = Studio::open(here.path());
    studio.click("Settings");
    studio.type_into("File to save your channel in", &copy.to_string_lossy());
    studio.click("Save a copy");
    studio.until("it is saved", |studio| {
        studio.says("Your channel is saved in")
    });
    studio.close_settings();
    let link = studio.go_live();
    studio.quit();

    let mut studio = Studio::open(there.path());
    let other = studio.go_live();
    studio.click("Stop");
    studio.until("it is over", |studio| studio.says("Not live"));
    studio.click("Settings");
    studio.type_into("Saved channel to load", &copy.to_string_lossy());
    studio.click("Load");
    studio.click("Load this channel");
    studio.until("it is loaded", |studio| {
        studio.says("The channel is loaded")
    });
    studio.close_settings();
    let moved = studio.go_live();
    studio.quit();

    let channel = |link: &str| link.split_once('#').map(|(_, channel)| channel.to_owned());
    assert_ne!(channel(&other), channel(&link));
    assert_eq!(channel(&moved), channel(&link));
}

/// The preview's middle of a corner's overlay, as red, green and blue.
fn seen_in_corner(studio: &Studio, [across, down]: [f32; 2]) -> Option<[u8; 3]> {
    let preview = studio.engine.snapshots().borrow().preview.clone()?;
    let column = (preview.width as f32 * across) as usize;
    let row = (preview.height as f32 * down) as usize;
    preview.rgba[(row * preview.width + column) * 4..]
        .first_chunk::<3>()
        .copied()
}

#[test]
fn a_second_picture_is_put_over_a_corner_moved_and_taken_away_by_clicks_while_live() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let film = folder.path().join("red.mp4");
    let made = std::process::Command::new("ffmpeg")
        .args(["-loglevel", "error", "-f", "lavfi"])
        .args(["-i", "color=red:size=320x180:rate=15:duration=2"])
        .args(["-pix_fmt", "yuv420p"])
        .arg(&film)
        .status();
    assert!(made.expect("ffmpeg is there").success());
    let mut options = options(folder.path());
    // No camera is at hand: what an earlier start has picked stands in the list, and goes the same way.
    options.choices.overlay.source = VideoSource::File(film);
    let mut studio = Studio::with(options);
    studio.go_live();
    let is_red = |studio: &Studio, place| {
        seen_in_corner(studio, place)
            .is_some_and(|[red, green, blue]| red > 200 && green < 60 && blue < 60)
    };
    let (top_left, bottom_right) = ([0.1, 0.12], [0.9, 0.88]);
    studio.click("Camera over a corner of the picture");
    studio.until("it is below on the right", |studio| {
        is_red(studio, bottom_right)
    });
    studio.pick("Top left");
    studio.until("it has moved", |studio| {
        is_red(studio, top_left) && !is_red(studio, bottom_right)
    });
    studio.click("Camera over a corner of the picture");
    studio.until("it is gone", |studio| !is_red(studio, top_left));
    assert!(studio.says("Live for"));
    let overlay = Choices::load(folder.path()).overlay;
    assert_eq!((overlay.shown, overlay.corner), (false, Corner::TopLeft));
    studio.quit();
}
