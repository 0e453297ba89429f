//! Picking picture, sound and quality.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use egui::accesskit::Role;
use egui_kittest::kittest::Queryable;
use liveontorrent::broadcast::Command;
use liveontorrent::capture::{Input, ScreenArea, SoundSource, SourceState, VideoSource};
use liveontorrent::segmenter::{Bitrate, EncoderChoice, EncoderState, FoundEncoder, Resolution};

use crate::desk::Desk;

fn inputs(commands: Vec<Command>) -> Vec<Input> {
    commands
        .into_iter()
        .filter_map(|command| match command {
            Command::SetInput(input) => Some(input),
            _ => None,
        })
        .collect()
}

fn picked_picture(desk: &mut Desk) -> Option<VideoSource> {
    let input = inputs(desk.commands()).pop()?;
    Some(input.video)
}

fn picked_sound(desk: &mut Desk) -> Option<SoundSource> {
    let input = inputs(desk.commands()).pop()?;
    Some(input.sound)
}

#[test]
fn a_screen_is_picked_whole_or_by_its_name() {
    let mut desk = Desk::new();
    desk.pick("Screen");
    assert_eq!(
        picked_picture(&mut desk),
        Some(VideoSource::Screen(ScreenArea::Whole))
    );
    desk.choose("Which screen", "Dell 27 inch");
    assert_eq!(
        picked_picture(&mut desk),
        Some(VideoSource::Screen(ScreenArea::Monitor("HDMI-1".into())))
    );
}

#[test]
fn a_part_of_the_screen_is_picked_by_its_edges() {
    let mut desk = Desk::new();
    desk.pick("Screen");
    desk.commands();
    desk.choose("Which screen", "Part of the screen");
    desk.commands();
    desk.harness.get_by_label("Left").set_value_accesskit(40.0);
    desk.harness.run();
    assert_eq!(
        picked_picture(&mut desk),
        Some(VideoSource::Screen(ScreenArea::Region {
            x: 40,
            y: 0,
            width: 1280,
            height: 720
        }))
    );
}

#[test]
fn a_window_is_picked_by_its_title() {
    let mut desk = Desk::new();
    desk.pick("Window");
    assert_eq!(desk.commands(), [], "which window is not said yet");
    desk.choose("Which window", "Holiday photos");
    assert_eq!(
        picked_picture(&mut desk),
        Some(VideoSource::Screen(ScreenArea::Window(77)))
    );
}

#[test]
fn a_camera_is_picked_by_its_name() {
    let mut desk = Desk::new();
    desk.pick("Camera");
    assert_eq!(picked_picture(&mut desk), Some(VideoSource::Camera(None)));
    desk.choose("Which camera", "Logitech C920");
    assert_eq!(
        picked_picture(&mut desk),
        Some(VideoSource::Camera(Some("cam-1".into())))
    );
}

#[test]
fn a_file_is_picked_by_its_path_where_there_is_no_file_dialog() {
    let mut desk = Desk::new();
    desk.pick("Video file");
    assert_eq!(desk.commands(), [], "which file is not said yet");
    let field = desk.harness.get_by_label("Path of the video file");
    field.focus();
    field.type_text("/home/me/clip.mp4");
    desk.harness.run();
    desk.harness.key_press(egui::Key::Enter);
    desk.harness.run();
    assert_eq!(
        picked_picture(&mut desk),
        Some(VideoSource::File(PathBuf::from("/home/me/clip.mp4")))
    );
}

/// A file as the desktop hands it over.
#[derive(Debug)]
struct Dropped(PathBuf);

impl egui::DroppedFile for Dropped {
    fn path(&self) -> &Path {
        &self.0
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        Err("the window needs the path only".into())
    }
}

#[test]
fn a_file_is_picked_by_dropping_it_on_the_window() {
    let mut desk = Desk::new();
    let file = Dropped(PathBuf::from("/home/me/clip.mp4"));
    desk.harness.input_mut().dropped_files.push(Arc::new(file));
    desk.harness.run();
    assert_eq!(
        picked_picture(&mut desk),
        Some(VideoSource::File(PathBuf::from("/home/me/clip.mp4")))
    );
}

#[test]
fn the_test_picture_is_picked_again_after_another() {
    let mut desk = Desk::new();
    desk.pick("Camera");
    desk.commands();
    desk.pick("Test picture");
    assert_eq!(picked_picture(&mut desk), Some(VideoSource::Test));
}

#[test]
fn going_back_to_a_kind_of_source_brings_back_which_one_it_was() {
    let mut desk = Desk::new();
    desk.pick("Camera");
    desk.commands();
    desk.choose("Which camera", "Logitech C920");
    desk.commands();
    desk.pick("Test picture");
    desk.commands();
    desk.pick("Camera");
    assert_eq!(
        picked_picture(&mut desk),
        Some(VideoSource::Camera(Some("cam-1".into())))
    );
}

#[test]
fn a_camera_that_was_pulled_out_is_named_as_such() {
    let mut desk = Desk::new();
    desk.tell(|snapshot| {
        snapshot.input.video = VideoSource::Camera(Some("cam-1".into()));
        snapshot.devices.cameras.clear();
    });
    let list = desk.harness.get_by_label("Which camera");
    assert_eq!(
        list.value().as_deref(),
        Some("A camera that is not plugged in")
    );
    assert!(desk.says("No camera was found. Plug one in"));
}

#[test]
fn each_kind_of_sound_can_be_picked() {
    let mut desk = Desk::new();
    desk.pick("Microphone");
    assert_eq!(picked_sound(&mut desk), Some(SoundSource::Microphone(None)));
    desk.choose("Which microphone", "Blue Yeti");
    assert_eq!(
        picked_sound(&mut desk),
        Some(SoundSource::Microphone(Some("mic-1".into())))
    );
    desk.pick("What the computer plays");
    assert_eq!(picked_sound(&mut desk), Some(SoundSource::Computer));
    desk.pick("None: silence");
    assert_eq!(picked_sound(&mut desk), Some(SoundSource::None));
    desk.pick("The source's own sound");
    assert_eq!(picked_sound(&mut desk), Some(SoundSource::Own));
}

#[test]
fn a_sound_that_is_gone_says_why_where_it_is_picked() {
    let mut desk = Desk::new();
    desk.tell(|snapshot| {
        snapshot.sound = SourceState::Gone("The microphone was unplugged.".into());
    });
    assert!(desk.says("The microphone was unplugged."));
}

#[test]
fn a_quality_is_picked_by_its_name() {
    let mut desk = Desk::sized(1280.0, 1400.0, egui::Theme::Dark);
    desk.choose("Picture quality", "1080p at 30   (4.5 Mbit/s)");
    let [Command::SetEncoding(encoding)] = &desk.commands()[..] else {
        panic!("one encoding is set");
    };
    let full_hd = Resolution {
        width: 1920,
        height: 1080,
    };
    assert_eq!(encoding.resolution, full_hd);
    assert_eq!(encoding.frames_per_second, 30);
}

#[test]
fn advanced_numbers_can_be_set_one_by_one() {
    let mut desk = Desk::sized(1280.0, 1400.0, egui::Theme::Dark);
    desk.click("Advanced");
    desk.choose("Segment length", "0.1 s");
    desk.commands();
    desk.choose("Encoder", "OpenH264 (processor)");
    desk.commands();
    desk.harness
        .get_by_label("Picture bit rate")
        .set_value_accesskit(1800.0);
    desk.harness.run();
    let commands = desk.commands();
    let Some(Command::SetEncoding(encoding)) = commands.last() else {
        panic!("an encoding is set: {commands:?}");
    };
    assert_eq!(encoding.segment_duration, Duration::from_millis(100));
    assert_eq!(encoding.encoder, EncoderChoice::OpenH264);
    assert_eq!(
        encoding.video_bitrate,
        Bitrate::from_kilobits_per_second(1800)
    );
    let quality = desk.harness.get_by_label("Picture quality");
    assert_eq!(quality.value().as_deref(), Some("Custom"));
}

#[test]
fn an_encoder_that_is_not_here_cannot_be_chosen_and_says_why() {
    let mut desk = Desk::sized(1280.0, 1400.0, egui::Theme::Dark);
    desk.click("Advanced");
    desk.harness
        .get_by_role_and_label(Role::ComboBox, "Encoder")
        .click();
    desk.harness.run();
    for gone in [
        "VA-API (Intel and AMD graphics): no such hardware or driver here",
        "NVENC (NVIDIA graphics): it is there, and does not work",
    ] {
        assert!(!desk.is_enabled(gone), "{gone}");
    }
    assert!(desk.is_enabled("x264 (processor)"));
    desk.picture("encoders");
}

#[test]
fn encoders_are_looked_for_when_somebody_wants_to_know() {
    let mut desk = Desk::sized(1280.0, 1400.0, egui::Theme::Dark);
    desk.tell(|snapshot| {
        snapshot.encoders = None;
        snapshot.encoding.encoder = EncoderChoice::Nvenc;
    });
    desk.click("Advanced");
    assert_eq!(desk.commands(), [Command::FindEncoders]);
    assert!(desk.says("It is being tried which encoders this computer has"));
    desk.tell(|snapshot| {
        snapshot.encoders = Some(Arc::new([FoundEncoder {
            choice: EncoderChoice::Nvenc,
            state: EncoderState::Missing,
        }]));
    });
    assert!(desk.says("NVENC (NVIDIA graphics): no such hardware or driver here"));
}

#[test]
fn the_quality_is_locked_while_live_and_says_why() {
    let mut desk = Desk::sized(1280.0, 1400.0, egui::Theme::Dark);
    desk.go_live();
    assert!(!desk.is_enabled("Picture quality"));
    assert!(desk.says("Stop the broadcast to change the quality"));
}

#[test]
fn picture_and_sound_can_be_changed_while_live() {
    let mut desk = Desk::sized(1280.0, 1400.0, egui::Theme::Dark);
    desk.go_live();
    desk.pick("Camera");
    assert_eq!(picked_picture(&mut desk), Some(VideoSource::Camera(None)));
}

#[test]
fn the_upload_limit_is_chosen_before_and_while_live() {
    // High enough for the list to stand below everything else.
    let mut desk = Desk::sized(1280.0, 3000.0, egui::Theme::Dark);
    desk.click("Advanced");
    desk.choose("Upload limit", "At most");
    let limit = Some(Bitrate::from_kilobits_per_second(10_000));
    assert_eq!(desk.commands(), [Command::SetUploadLimit(limit)]);
    desk.go_live();
    desk.choose("Upload limit", "Automatic (measured)");
    assert_eq!(desk.commands(), [Command::SetUploadLimit(None)]);
}
