//! Capture with real pipelines: what is picked is delivered, in the wanted format, stamped with the time it was captured.

mod collector;
mod test_source;
