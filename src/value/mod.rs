//! Values of Rust types as MessagePack. Knows nothing of connections.

mod encode;
mod int128;

pub(crate) use encode::{decode, decode_arguments, encode, encode_arguments, Values};
