//! How the person likes the window to look, remembered from one start to the next.
//!
//! What is broadcast and how is not the window's business: the engine remembers that.

use std::path::{Path, PathBuf};
use std::{fs, io};

use egui::{Context, FullOutput, ThemePreference};
use serde::{Deserialize, Serialize};

use super::{spoken, welcome};
use crate::seeder::ChannelKey;
use crate::texts::Language;
use crate::whole_file;

/// The file's name in the configuration folder.
const FILE_NAME: &str = "window.json";
/// What text sizes are read back: beyond these the window could not be used to change it again.
const TEXT_SIZES: std::ops::RangeInclusive<f32> = 0.5..=3.0;

/// The preferences.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Preferences {
    look: Look,
    /// 1 is the usual size.
    text_size: f32,
    /// `None` for the system's.
    language: Option<Language>,
    /// Whether the first steps have been shown.
    welcomed: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Look {
    System,
    Light,
    Dark,
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            look: Look::System,
            text_size: 1.0,
            language: None,
            welcomed: false,
        }
    }
}

impl Preferences {
    /// Where they are kept: beside the program's other files of this user. `None` for a user without a home folder.
    pub fn default_folder() -> Option<PathBuf> {
        ChannelKey::default_folder().ok()
    }

    /// Those that were kept in `folder`; the usual ones where nothing readable is there.
    pub fn load(folder: &Path) -> Self {
        let read = fs::read(folder.join(FILE_NAME));
        read.ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default()
    }

    /// Keeps them in `folder`, whole or not at all.
    pub fn store(self, folder: &Path) -> io::Result<()> {
        whole_file::write(&folder.join(FILE_NAME), &serde_json::to_vec_pretty(&self)?)
    }

    /// Those in use.
    pub fn of(context: &Context) -> Self {
        let look = match context.options(|options| options.theme_preference) {
            ThemePreference::System => Look::System,
            ThemePreference::Light => Look::Light,
            ThemePreference::Dark => Look::Dark,
        };
        Self {
            look,
            text_size: context.zoom_factor(),
            language: spoken::chosen(context),
            welcomed: welcome::is_over(context),
        }
    }

    /// Uses them.
    pub fn apply(self, context: &Context) {
        context.set_theme(match self.look {
            Look::System => ThemePreference::System,
            Look::Light => ThemePreference::Light,
            Look::Dark => ThemePreference::Dark,
        });
        spoken::choose(context, self.language);
        if !self.welcomed {
            welcome::begin(context);
        }
        spoken::set_system(context, Language::of_system());
        if TEXT_SIZES.contains(&self.text_size) {
            context.set_zoom_factor(self.text_size);
        }
    }
}

/// Keeps the preferences of the context that it is a plugin of, as soon as one changes: a program that dies has lost none.
pub struct Keeper {
    folder: PathBuf,
    kept: Preferences,
}

impl Keeper {
    /// Uses the preferences that were kept in `folder`, and keeps them there from now on.
    pub fn install(folder: PathBuf, context: &Context) {
        let kept = Preferences::load(&folder);
        kept.apply(context);
        context.add_plugin(Self { folder, kept });
    }
}

impl egui::Plugin for Keeper {
    fn debug_name(&self) -> &'static str {
        "preferences"
    }

    fn output_hook(&mut self, context: &Context, _output: &mut FullOutput) {
        let preferences = Preferences::of(context);
        if preferences == self.kept {
            return;
        }
        // Where the folder cannot be written it is said once for each change, and not for each picture.
        self.kept = preferences;
        if let Err(error) = preferences.store(&self.folder) {
            tracing::warn!(
                "how the window looks cannot be kept in {}: {error}",
                self.folder.display()
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_kept_when_it_is_made() {
        let home = tempfile::tempdir().unwrap();
        let context = Context::default();
        Keeper::install(home.path().to_owned(), &context);
        let draw = || {
            let mut output = context.run_ui(egui::RawInput::default(), |_| {});
            // There is no screen that textures would have to get to.
            output.textures_delta.clear();
        };
        draw();
        assert!(!home.path().join(FILE_NAME).exists(), "nothing has changed");
        context.set_theme(ThemePreference::Dark);
        draw();
        assert_eq!(Preferences::load(home.path()).look, Look::Dark);
    }

    #[test]
    fn the_look_is_that_of_the_last_time() {
        let home = tempfile::tempdir().unwrap();
        assert_eq!(Preferences::load(home.path()), Preferences::default());
        let context = Context::default();
        context.set_theme(ThemePreference::Light);
        spoken::choose(&context, Some(Language::Spanish));
        Preferences::of(&context).store(home.path()).unwrap();
        let another = Context::default();
        Preferences::load(home.path()).apply(&another);
        assert_eq!(
            another.options(|options| options.theme_preference),
            ThemePreference::Light
        );
        assert_eq!(spoken::language(&another), Language::Spanish);
    }

    #[test]
    fn a_file_that_cannot_be_read_changes_nothing() {
        let home = tempfile::tempdir().unwrap();
        fs::write(home.path().join(FILE_NAME), "{\"look\":\"pink\"").unwrap();
        assert_eq!(Preferences::load(home.path()), Preferences::default());
    }
}
