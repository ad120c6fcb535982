//! MessagePack values: writers, readers and buffers.

pub(in crate::ffi) mod buffer;
pub(in crate::ffi) mod decoder;
pub(in crate::ffi) mod encoder;
pub(in crate::ffi) mod reader;
pub(in crate::ffi) mod reader_content;
pub(in crate::ffi) mod reader_state;
pub(in crate::ffi) mod text;
pub(in crate::ffi) mod writer;
