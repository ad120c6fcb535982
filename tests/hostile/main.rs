//! Peers that mean harm, and speak the protocol by hand. They may end their own connection; they must not
//! reach another one, nor take more memory, threads, descriptors or places than the limits say.

#![cfg(unix)]

#[path = "../support/mod.rs"]
mod support;

mod cancels;
mod crowds;
mod deaths;
mod descriptors;
mod floods;
mod frames;
mod goodbyes;
mod half_close;
mod handshake;
mod honest;
mod ids;
mod little_memory;
mod logs;
mod messagepack;
mod metadata;
mod mixture;
mod monitor;
mod parents;
mod partial_frames;
mod places;
mod resources;
mod texts;
mod threads;
mod unread;
