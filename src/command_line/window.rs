//! Without arguments: the window.

use tokio::runtime::Runtime;

use super::arguments::config_folder;
use crate::broadcast::{Choices, Engine, EngineOptions};
use crate::seeder::NetworkOptions;
use crate::server::ServerOptions;
use crate::ui;

pub(super) fn run(runtime: &Runtime) -> anyhow::Result<()> {
    let config_folder = config_folder()?;
    let engine = {
        let _inside = runtime.enter();
        Engine::start(EngineOptions {
            choices: Choices::load(&config_folder),
            config_folder,
            remember: true,
            preview: true,
            server: ServerOptions::default(),
            network: NetworkOptions::default(),
        })
    };
    // A window system wants the main thread; the engine has the runtime's.
    let shown = ui::run(engine.snapshots(), engine.commands());
    runtime.block_on(engine.quit());
    // The window system's errors cannot leave this thread; their words can.
    shown.map_err(|error| anyhow::anyhow!("{error}"))
}
