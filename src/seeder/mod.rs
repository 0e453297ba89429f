//! The swarm's native driver: the channel's key, WebRTC connections, tracker sockets.
//!
//! Not here: what to say to whom (`crates/swarm` decides all of that).
