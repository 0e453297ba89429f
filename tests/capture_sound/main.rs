//! Microphones and what the computer plays, with a real PulseAudio daemon of the test's own.

#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

#[path = "../capture/collector.rs"]
mod collector;
mod daemon;

use liveontorrent::capture::{
    CaptureState, DeviceList, Devices, SoundSource, SourceState, VideoSource,
};

use collector::{Collected, PATIENCE, capture, wait_for_state};
use daemon::{Daemon, play_tone, with_a_sound_system};

fn is_loud(collected: &Collected) -> bool {
    // The newest half second; what was heard before does not count.
    let newest = collected.sounds.iter().rev().take(50);
    newest
        .flat_map(|sound| &sound.samples)
        .any(|sample| sample.abs() > 0.05)
}

fn is_gone(state: &CaptureState) -> bool {
    matches!(state.sound, SourceState::Gone(_))
}

fn is_running(state: &CaptureState) -> bool {
    state.sound == SourceState::Running
}

fn wait_for_devices(list: &DeviceList, what: &str, find: impl Fn(&Devices) -> bool) -> Devices {
    let deadline = std::time::Instant::now() + PATIENCE;
    let devices = list.devices();
    loop {
        let now = devices.borrow().clone();
        if find(&now) {
            return now;
        }
        assert!(std::time::Instant::now() < deadline, "no {what}: {now:?}");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
}

#[test]
fn what_the_computer_plays_is_heard() {
    with_a_sound_system("what_the_computer_plays_is_heard", || {
        let _daemon = Daemon::start();
        let (capture, collector) = capture(VideoSource::Test, SoundSource::Computer);
        wait_for_state(&capture, "running", is_running);
        collector.wait_for("silence", |collected| {
            (collected.sounds.len() > 20).then_some(())
        });
        collector.wait_for("a look", |collected| {
            assert!(!is_loud(collected));
            Some(())
        });
        let _tone = play_tone("speakers");
        collector.wait_for("the tone", |collected| is_loud(collected).then_some(()));
        collector.wait_for("a look at the times", |collected| {
            let sounds = &collected.sounds;
            assert!(
                sounds
                    .windows(2)
                    .all(|pair| pair[0].captured_at < pair[1].captured_at)
            );
            Some(())
        });
    });
}

#[test]
fn when_the_sound_system_ends_it_is_said_and_when_it_returns_it_is_heard_again() {
    let name = "when_the_sound_system_ends_it_is_said_and_when_it_returns_it_is_heard_again";
    with_a_sound_system(name, || {
        let daemon = Daemon::start();
        let (capture, collector) = capture(VideoSource::Test, SoundSource::Computer);
        wait_for_state(&capture, "running", is_running);
        drop(daemon);
        let state = wait_for_state(&capture, "gone", is_gone);
        assert!(
            format!("{:?}", state.sound).contains("does not answer"),
            "{state:?}"
        );
        // The picture is not touched.
        assert_eq!(state.video, SourceState::Running);
        collector.picture_after(3);
        let _daemon = Daemon::start();
        wait_for_state(&capture, "running", is_running);
        let _tone = play_tone("speakers");
        collector.wait_for("the tone", |collected| is_loud(collected).then_some(()));
    });
}

#[test]
fn the_computers_sound_is_followed_to_another_output() {
    with_a_sound_system("the_computers_sound_is_followed_to_another_output", || {
        let daemon = Daemon::start();
        let (capture, collector) = capture(VideoSource::Test, SoundSource::Computer);
        wait_for_state(&capture, "running", is_running);
        daemon.control(&["load-module", "module-null-sink", "sink_name=headphones"]);
        daemon.control(&["set-default-sink", "headphones"]);
        let _tone = play_tone("headphones");
        collector.wait_for("the tone", |collected| is_loud(collected).then_some(()));
        assert!(is_running(&capture.states().borrow()));
    });
}

#[test]
fn a_microphone_is_listed_by_its_name_and_heard() {
    with_a_sound_system("a_microphone_is_listed_by_its_name_and_heard", || {
        let daemon = Daemon::start();
        daemon.plug_in_microphone();
        let list = DeviceList::watch();
        let devices = wait_for_devices(&list, "microphone", |devices| {
            !devices.microphones.is_empty()
        });
        // What the computer plays is not a microphone.
        let names: Vec<_> = devices
            .microphones
            .iter()
            .map(|device| device.name.as_str())
            .collect();
        assert_eq!(names, ["Headset"]);
        assert!(devices.computer_sound);
        let id = devices.microphones[0].id.clone();
        let (capture, collector) = capture(VideoSource::Test, SoundSource::Microphone(Some(id)));
        wait_for_state(&capture, "running", is_running);
        let _tone = play_tone("mouth");
        collector.wait_for("the tone", |collected| is_loud(collected).then_some(()));
    });
}

#[test]
fn a_microphone_that_is_unplugged_is_gone_until_it_is_plugged_in_again() {
    let name = "a_microphone_that_is_unplugged_is_gone_until_it_is_plugged_in_again";
    with_a_sound_system(name, || {
        let daemon = Daemon::start();
        let (capture, collector) = capture(VideoSource::Test, SoundSource::Microphone(None));
        let state = wait_for_state(&capture, "gone", is_gone);
        let none = "There is no microphone. Plug one in, or choose another sound.";
        assert_eq!(state.sound.trouble().unwrap().to_string(), none);

        let list = DeviceList::watch();
        let plugged = daemon.plug_in_microphone();
        wait_for_state(&capture, "running", is_running);
        let with_it = wait_for_devices(&list, "microphone", |devices| {
            devices.microphones.len() == 1
        });
        daemon.unplug(&plugged);
        wait_for_state(&capture, "gone", is_gone);
        wait_for_devices(&list, "end of it", |devices| devices.microphones.is_empty());

        daemon.plug_in_microphone();
        wait_for_state(&capture, "running", is_running);
        let again = wait_for_devices(&list, "microphone", |devices| {
            devices.microphones.len() == 1
        });
        assert_eq!(with_it.microphones, again.microphones, "the same id");
        let _tone = play_tone("mouth");
        collector.wait_for("the tone", |collected| is_loud(collected).then_some(()));
    });
}

#[test]
fn without_a_sound_system_it_says_so_and_lists_nothing() {
    with_a_sound_system(
        "without_a_sound_system_it_says_so_and_lists_nothing",
        || {
            for sound in [SoundSource::Computer, SoundSource::Microphone(None)] {
                let (capture, _collector) = capture(VideoSource::Test, sound);
                let state = wait_for_state(&capture, "gone", is_gone);
                assert!(
                    format!("{:?}", state.sound).contains("does not answer"),
                    "{state:?}"
                );
            }
            let devices = DeviceList::once();
            assert!(devices.microphones.is_empty() && !devices.computer_sound);
        },
    );
}
