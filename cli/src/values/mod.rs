//! Values between JSON and MessagePack.

mod check;
mod choose;
mod from_wire;
mod misfit;
mod sample;
mod timestamp;
mod to_wire;

pub use check::check_arguments;
pub use choose::arguments;
pub use from_wire::{shown, WireValue};
pub use misfit::Misfit;
pub use sample::sample;
pub use to_wire::{encode, encode_any, encode_with_files};
