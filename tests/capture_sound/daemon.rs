//! A PulseAudio daemon for each test. Where it listens is told by the environment, so that each test runs again in a
//! process of its own, where that names its daemon.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use gst::prelude::*;

/// Tells the process of its own which one it is; the folder of its daemon.
const FOLDER: &str = "TEST_SOUND_FOLDER";

/// Runs `body`, which is that of the test called `test`, where a daemon may be started.
pub fn with_a_sound_system(test: &str, body: impl FnOnce()) {
    if std::env::var_os(FOLDER).is_some() {
        return body();
    }
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("socket");
    let output = Command::new(std::env::current_exe().unwrap())
        .args([test, "--exact", "--nocapture"])
        .env(FOLDER, folder.path())
        .env("PULSE_SERVER", format!("unix:{}", socket.display()))
        .env("XDG_RUNTIME_DIR", folder.path())
        .env("HOME", folder.path())
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    print!("{said}{}", String::from_utf8_lossy(&output.stderr));
    assert!(
        output.status.success(),
        "{test} failed with its sound system"
    );
    assert!(said.contains("1 passed"), "there is no test {test}");
}

/// A running daemon, with one output, `speakers`, and no microphone.
pub struct Daemon(Child);

impl Daemon {
    pub fn start() -> Self {
        let folder = PathBuf::from(std::env::var_os(FOLDER).unwrap());
        let socket = folder.join("socket");
        let protocol = format!(
            "module-native-protocol-unix auth-anonymous=1 socket={}",
            socket.display()
        );
        let child = Command::new("pulseaudio")
            .args([
                "--daemonize=no",
                "--exit-idle-time=-1",
                "--use-pid-file=no",
                "-n",
            ])
            .args(["-L", "module-null-sink sink_name=speakers", "-L", &protocol])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("PulseAudio starts");
        let daemon = Self(child);
        let deadline = Instant::now() + crate::PATIENCE;
        while !daemon.try_control(&["info"]) {
            assert!(Instant::now() < deadline, "PulseAudio does not answer");
            std::thread::sleep(Duration::from_millis(50));
        }
        daemon
    }

    /// Has it do something, and returns what it says.
    pub fn control(&self, command: &[&str]) -> String {
        let output = Command::new("pactl").args(command).output().unwrap();
        assert!(output.status.success(), "pactl {command:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Plugs in a microphone that hears what is played to the output `mouth`; returns its number.
    pub fn plug_in_microphone(&self) -> String {
        if !self.control(&["list", "short", "sinks"]).contains("mouth") {
            self.control(&["load-module", "module-null-sink", "sink_name=mouth"]);
            self.control(&["set-default-sink", "speakers"]);
        }
        let name = "source_properties=device.description=Headset";
        let headset = ["load-module", "module-remap-source", "source_name=headset"];
        self.control(&[&headset[..], &["master=mouth.monitor", name]].concat())
    }

    pub fn unplug(&self, number: &str) {
        self.control(&["unload-module", number]);
    }

    fn try_control(&self, command: &[&str]) -> bool {
        let output = Command::new("pactl").args(command).output();
        output.is_ok_and(|output| output.status.success())
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A tone that is played until this is dropped.
pub struct Tone(gst::Pipeline);

/// Plays a tone to an output.
pub fn play_tone(output: &str) -> Tone {
    gst::init().unwrap();
    let description = format!("audiotestsrc is-live=true ! pulsesink device={output}");
    let pipeline = gst::parse::launch(&description).unwrap();
    let pipeline = pipeline.downcast::<gst::Pipeline>().unwrap();
    pipeline.set_state(gst::State::Playing).unwrap();
    Tone(pipeline)
}

impl Drop for Tone {
    fn drop(&mut self) {
        let _ = self.0.set_state(gst::State::Null);
    }
}
