//! An X server for each test. Which display is captured is told by the environment, so that each test runs again in a
//! process of its own, where that names its server.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

/// Tells the process of its own which one it is; the X server's process id.
const SERVER: &str = "TEST_X_SERVER";

struct Xvfb {
    child: Child,
    display: String,
}

impl Xvfb {
    fn start() -> Self {
        let mut child = Command::new("Xvfb")
            .args([
                "-displayfd",
                "1",
                "-screen",
                "0",
                "1280x720x24",
                "-noreset",
                "-nolisten",
                "tcp",
            ])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Xvfb starts");
        let mut number = String::new();
        let output = child.stdout.take().unwrap();
        BufReader::new(output).read_line(&mut number).unwrap();
        let display = format!(":{}", number.trim());
        Self { child, display }
    }
}

impl Drop for Xvfb {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs `body`, which is that of the test called `test`, on a display of its own.
pub fn on_a_display(test: &str, body: impl FnOnce()) {
    if std::env::var_os(SERVER).is_some() {
        return body();
    }
    let server = Xvfb::start();
    let output = Command::new(std::env::current_exe().unwrap())
        .args([test, "--exact", "--nocapture"])
        .env("DISPLAY", &server.display)
        .env(SERVER, server.child.id().to_string())
        .env_remove("WAYLAND_DISPLAY")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    print!("{said}{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{test} failed on its display");
    assert!(said.contains("1 passed"), "there is no test {test}");
}

/// Ends the X server of this process.
pub fn kill_server() {
    let server = std::env::var(SERVER).unwrap();
    assert!(Command::new("kill").arg(server).status().unwrap().success());
}
