//! The language that the window speaks: the one that the person chose, or else the system's.

use egui::{Context, Id};

use crate::texts::Language;

/// What is kept with the context, as egui keeps the choice of light and dark.
#[derive(Clone, Copy, Default)]
struct Spoken {
    chosen: Option<Language>,
    system: Language,
}

/// Speaks this language from the next drawing on; `None` for the system's.
pub fn choose(context: &Context, chosen: Option<Language>) {
    change(context, |spoken| spoken.chosen = chosen);
}

/// What the system speaks.
pub fn set_system(context: &Context, system: Language) {
    change(context, |spoken| spoken.system = system);
}

/// What was chosen; `None` for the system's.
pub fn chosen(context: &Context) -> Option<Language> {
    read(context).chosen
}

/// The language in use.
pub fn language(context: &Context) -> Language {
    let Spoken { chosen, system } = read(context);
    chosen.unwrap_or(system)
}

fn read(context: &Context) -> Spoken {
    context.data(|data| data.get_temp(id()).unwrap_or_default())
}

fn change(context: &Context, change: impl FnOnce(&mut Spoken)) {
    let mut spoken = read(context);
    change(&mut spoken);
    context.data_mut(|data| data.insert_temp(id(), spoken));
}

fn id() -> Id {
    Id::unique("spoken language")
}
