//! Text for C: NUL-terminated, and with its length, for text that contains NULs.

use std::ffi::c_char;

use crate::ffi::arguments::Out;

/// Owned text with a terminating NUL.
#[derive(Default)]
pub(in crate::ffi) struct Text(Vec<u8>);

impl Text {
    pub(in crate::ffi) fn new(text: &str) -> Text {
        Text::default().replaced(text)
    }

    /// Another text, in the same memory if it fits.
    pub(in crate::ffi) fn replaced(mut self, text: &str) -> Text {
        self.0.clear();
        self.0.reserve_exact(text.len() + 1);
        self.0.extend_from_slice(text.as_bytes());
        self.0.push(0);
        self
    }

    pub(in crate::ffi) fn as_ptr(&self) -> *const c_char {
        self.0.as_ptr().cast()
    }

    pub(in crate::ffi) fn len(&self) -> usize {
        self.0.len() - 1
    }
}

/// Returns text that lives in an object, and stores its length if wanted. Missing text is empty, never
/// NULL, so that it can be printed.
pub(in crate::ffi) fn hand_out(text: Option<&Text>, length: Out<usize>) -> *const c_char {
    length.set(text.map_or(0, Text::len));
    text.map_or(c"".as_ptr(), Text::as_ptr)
}
