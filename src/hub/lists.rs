//! The operator's files of channels.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use catalogue::Policy;
use swarm::ChannelId;

use super::HubError;

/// Which files they are.
#[derive(Debug)]
pub(super) struct Lists {
    allow: Option<PathBuf>,
    deny: Option<PathBuf>,
}

impl Lists {
    pub(super) fn new(allow: Option<PathBuf>, deny: Option<PathBuf>) -> Self {
        Self { allow, deny }
    }

    pub(super) fn read(&self) -> Result<Policy, HubError> {
        let allowed = self.allow.as_deref().map(channels).transpose()?;
        let denied = self.deny.as_deref().map(channels).transpose()?;
        Ok(Policy {
            allowed,
            denied: denied.unwrap_or_default(),
        })
    }
}

fn channels(path: &Path) -> Result<HashSet<ChannelId>, HubError> {
    let text = fs::read_to_string(path).map_err(|source| HubError::List {
        path: path.to_owned(),
        source,
    })?;
    Policy::read_channels(&text).map_err(|source| HubError::Channels {
        path: path.to_owned(),
        source,
    })
}
