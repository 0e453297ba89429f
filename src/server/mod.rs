//! The embedded hub on one port: viewer page, WebTorrent tracker, health.
