//! The life of a process: it is stopped and resumed, runs another program, leaves a child behind, is replaced
//! by a successor, and its clocks jump.

#![cfg(target_os = "linux")]

#[path = "../support/mod.rs"]
mod support;

mod clock;
mod clocks;
mod descriptors;
mod pause;
mod programs;
mod replace;
mod rolling_restart;
mod scene;
mod sleep;
mod stop;
