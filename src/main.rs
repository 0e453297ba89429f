//! The program: without arguments it opens the window.

use std::process::ExitCode;

fn main() -> ExitCode {
    liveontorrent::command_line::main()
}
