//! Rust values as MessagePack. Independent of connections.

mod encode;
mod int128;

pub(crate) use encode::{decode, decode_arguments, encode, encode_arguments, Values};
