//! What was found of who can reach this computer, in words, with what to do.

use egui::Ui;

use super::super::hints;
use crate::broadcast::{PagePlace, Phase, Severity, Snapshot};
use crate::seeder::Reachability;
use crate::texts::t;

/// Shows it.
pub fn show(ui: &mut Ui, snapshot: &Snapshot) {
    for (severity, words) in found(snapshot) {
        hints::banner(ui, severity, words);
    }
}

/// What there is to say where nothing needs doing: what does is a hint of the engine's.
pub fn notes(snapshot: &Snapshot) -> impl Iterator<Item = &'static str> {
    found(snapshot)
        .into_iter()
        .filter(|(severity, _)| *severity == Severity::Note)
        .map(|(_, words)| words)
}

/// What there is to say: how this computer is reached, and whether the link leads to it from everywhere.
fn found(snapshot: &Snapshot) -> Vec<(Severity, &'static str)> {
    if snapshot.reach.stun_servers().is_empty() {
        return vec![(Severity::Note, t("found-here"))];
    }
    let found = match &snapshot.phase {
        Phase::Live(live) => live.found_at.reachability,
        Phase::Idle | Phase::Starting | Phase::Stopping => {
            return vec![(Severity::Note, t("found-later"))];
        }
    };
    let mut said = vec![match found {
        Reachability::Unknown => (Severity::Note, t("found-asking")),
        Reachability::Open => (Severity::Note, t("found-open")),
        Reachability::BehindRouter => (Severity::Note, t("found-behind-router")),
        Reachability::PerDestination => (Severity::Warning, t("hint-reach-per-destination")),
        Reachability::Silent => (Severity::Warning, t("hint-reach-silent")),
    }];
    // Where the router is asked for it, what came of that is in the link, or in a hint.
    if snapshot.reach.page == PagePlace::Here && !snapshot.reach.map_port {
        said.push((Severity::Note, t("found-page-here")));
    }
    said
}
