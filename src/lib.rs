//! Live on Torrent: live broadcasting without a server.
//!
//! A frame's way through the program: [`capture`] → [`segmenter`] → [`seeder`] (torrents, the swarm over WebRTC) →
//! viewers' browsers, which get the page and a tracker from [`server`]. [`broadcast`] is the engine that ties them;
//! [`ui`] and the [`command_line`] show its snapshot and send it commands; [`recording`] keeps a file. [`watch`] is the other end: a viewer without a
//! browser. [`router`] asks the home's router
//! to let viewers in. [`hub`] is for whoever runs a public front page: [`server`] and the `catalogue` of who is live.

pub mod broadcast;
pub mod capture;
pub mod command_line;
pub mod http_client;
pub mod hub;
pub mod recording;
pub mod router;
pub mod seeder;
pub mod segmenter;
pub mod server;
pub mod texts;
pub mod thumbnail;
pub mod ui;
pub mod watch;
mod whole_file;
mod words;
