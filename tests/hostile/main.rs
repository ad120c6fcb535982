//! Peers that mean harm, and speak the protocol by hand. They may end their own connection; they must not
//! reach another one, nor take more memory, threads, descriptors or places than the limits say.

#[path = "../support/mod.rs"]
mod support;

mod cancels;
mod crowds;
mod deaths;
#[cfg(unix)]
mod descriptors;
mod floods;
mod frames;
mod goodbyes;
mod half_close;
mod handshake;
mod honest;
mod ids;
#[cfg(unix)]
mod little_memory;
mod logs;
mod messagepack;
mod metadata;
mod mixture;
#[cfg(unix)]
mod monitor;
mod parents;
mod partial_frames;
#[cfg(windows)]
mod pipes;
mod places;
#[cfg(unix)]
mod resources;
mod texts;
mod threads;
mod throngs;
mod unread;
