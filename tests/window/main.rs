//! The window, driven by what a screen reader would call its parts, and looked at.
//!
//! Each test plays the engine: it says what the engine's state is and sees which commands come.

mod about;
mod choosing;
mod closing;
mod desk;
mod engine;
mod going_live;
mod health;
mod languages;
mod looks;
mod overlay;
mod reaching;
mod recording;
mod settings;
mod sharing;
mod telling;
mod welcome;
