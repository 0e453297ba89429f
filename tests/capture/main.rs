//! Capture with real pipelines: what is picked is delivered, in the wanted format, stamped with the time it was captured.

#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

mod collector;
mod file;
mod luma;
mod overlay;
mod switching;
mod test_source;
