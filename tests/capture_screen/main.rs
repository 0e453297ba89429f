//! Screens and windows of a real X server (Xvfb), painted by a small X client.

#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

#[path = "../capture/collector.rs"]
mod collector;
#[path = "../capture/luma.rs"]
mod luma;
mod painter;
mod whole;
mod windows;
mod xvfb;
