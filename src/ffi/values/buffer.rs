//! Buffers

use std::ffi::c_void;

use serde::Serialize;

use crate::chunk::Chunk;
use crate::ffi::arguments::Out;
use crate::ffi::guard::guard_value;
use crate::ffi::handles::{self, Object};
use crate::sync::Arc;
use crate::value::encode;
use crate::{Error, Reply, Result, Status};

/// Bytes that Callgate allocated and the program owns. Free them with callgate_buffer_free().
#[repr(C)]
pub struct callgate_buffer {
    /// The first byte; NULL if the buffer is empty.
    pub data: *const c_void,
    /// The length in bytes.
    pub length: usize,
    /// Internal.
    pub owner: *mut callgate_buffer_owner,
}

/// The owner of a buffer's memory.
pub struct callgate_buffer_owner(());

/// The handle keeps the memory that the reply was received in.
impl Object for Chunk {
    const KIND: &'static str = "a buffer";
}

fn empty() -> callgate_buffer {
    callgate_buffer { data: std::ptr::null(), length: 0, owner: std::ptr::null_mut() }
}

/// Passes a reply to C without copying it.
pub(in crate::ffi) fn give(out: Out<callgate_buffer>, reply: Reply) -> Result<()> {
    if !out.is_wanted() {
        return Ok(());
    }
    let (data, length) = (reply.as_ptr().cast(), reply.len());
    let owner = handles::insert(reply.into_chunk())?.cast();
    out.set(callgate_buffer { data, length, owner });
    Ok(())
}

/// Passes text to C, with a NUL behind it. Empty text is an empty buffer.
pub(in crate::ffi) fn give_text(out: Out<callgate_buffer>, text: &str) -> Result<()> {
    if !out.is_wanted() {
        return Ok(());
    }
    if text.is_empty() {
        out.set(empty());
        return Ok(());
    }
    let copied = Chunk::copy_of(&[text.as_bytes(), &[0]])
        .map_err(|reason| Error::new(Status::LimitExceeded, reason.to_string()))?;
    give_chunk(out, copied, text.len())
}

/// Passes a value to C, as MessagePack.
pub(in crate::ffi) fn give_value(out: Out<callgate_buffer>, value: &impl Serialize) -> Result<()> {
    if !out.is_wanted() {
        return Ok(());
    }
    let mut encoded = Chunk::new();
    encode(&mut encoded, value).map_err(|reason| {
        reason.into_error(Status::LimitExceeded, "the value cannot be encoded")
    })?;
    let length = encoded.len();
    give_chunk(out, encoded, length)
}

/// Passes the first `length` bytes of a chunk that is not empty.
fn give_chunk(out: Out<callgate_buffer>, chunk: Chunk, length: usize) -> Result<()> {
    let data = chunk.as_ptr().cast();
    let owner = handles::insert(Arc::new(chunk))?.cast();
    out.set(callgate_buffer { data, length, owner });
    Ok(())
}

/// Frees the bytes of a buffer and zeroes it, so that freeing it again does nothing. Freeing NULL or a
/// zeroed buffer does nothing.
#[no_mangle]
pub unsafe extern "C" fn callgate_buffer_free(buffer: *mut callgate_buffer) {
    guard_value((), || {
        if buffer.is_null() {
            return;
        }
        // SAFETY: the header requires a buffer filled by Callgate, or zeros.
        let full = unsafe { buffer.replace(empty()) };
        handles::discard(full.owner.cast::<Chunk>());
    });
}
