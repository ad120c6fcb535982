//! Buffers

use std::ffi::c_void;

use super::guard::guard_value;
use super::handles::{self, Object};
use super::input::Out;
use crate::{Reply, Result};

/// Bytes that Callgate made and the program owns: free them with callgate_buffer_free().
#[repr(C)]
pub struct callgate_buffer {
    /// The first byte; NULL when there is none.
    pub data: *const c_void,
    /// How many there are.
    pub length: usize,
    /// Callgate's own.
    pub owner: *mut callgate_buffer_owner,
}

/// What keeps a buffer's bytes.
pub struct callgate_buffer_owner(());

/// The owner is a handle to the memory that the bytes were received in, so that it needs none itself.
impl Object for Vec<u8> {
    const KIND: &'static str = "a buffer";
}

/// Hands over a reply without copying it.
pub(super) fn give(out: Out<callgate_buffer>, reply: Reply) -> Result<()> {
    if !out.is_wanted() {
        return Ok(());
    }
    let (data, length) = (reply.as_ptr().cast(), reply.len());
    let owner = handles::insert(reply.into_chunk())?.cast();
    out.set(callgate_buffer { data, length, owner });
    Ok(())
}

/// Frees the bytes of a buffer and empties it, so that freeing it again does nothing. NULL and a
/// buffer of zeros are fine.
#[no_mangle]
pub unsafe extern "C" fn callgate_buffer_free(buffer: *mut callgate_buffer) {
    guard_value((), || {
        if buffer.is_null() {
            return;
        }
        let empty =
            callgate_buffer { data: std::ptr::null(), length: 0, owner: std::ptr::null_mut() };
        // SAFETY: the header asks for a buffer that Callgate filled, or for zeros.
        let full = unsafe { buffer.replace(empty) };
        handles::discard(full.owner.cast::<Vec<u8>>());
    });
}
