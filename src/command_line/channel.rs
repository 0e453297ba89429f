//! `liveontorrent channel`: moves a channel to another computer.

use super::arguments::{ChannelAction, config_folder};
use crate::seeder::ChannelKey;

pub(super) fn run(action: &ChannelAction) -> anyhow::Result<()> {
    let folder = config_folder()?;
    match action {
        ChannelAction::Save { file, replace } => {
            ChannelKey::save_copy(&folder, file, *replace)?;
            eprintln!(
                "Whoever has this file can broadcast as you. Delete it when it has been loaded: liveontorrent channel load FILE"
            );
        }
        ChannelAction::Load { file } => {
            let taken = ChannelKey::take_over(&folder, file)?;
            if let Some(backup) = taken.backup {
                eprintln!(
                    "The key of the channel until now is kept in {}",
                    backup.display()
                );
            }
        }
    }
    Ok(())
}
