//! Text that C reads: NUL-terminated, and with its length for text that holds NULs itself.

use std::ffi::c_char;

use super::input::Out;

/// Owned text with a NUL after it, so that C can use it as it is.
#[derive(Default)]
pub(super) struct Text(Vec<u8>);

impl Text {
    pub(super) fn new(text: &str) -> Text {
        Text::default().replaced(text)
    }

    /// Another text, in the same memory if it is enough.
    pub(super) fn replaced(mut self, text: &str) -> Text {
        self.0.clear();
        self.0.reserve_exact(text.len() + 1);
        self.0.extend_from_slice(text.as_bytes());
        self.0.push(0);
        self
    }

    pub(super) fn as_ptr(&self) -> *const c_char {
        self.0.as_ptr().cast()
    }

    pub(super) fn len(&self) -> usize {
        self.0.len() - 1
    }
}

/// Hands out text that lives in an object: its start is returned, its length stored if wanted. No
/// text is the empty one, never NULL, so that it can be printed as it is.
pub(super) fn hand_out(text: Option<&Text>, length: Out<usize>) -> *const c_char {
    length.set(text.map_or(0, Text::len));
    text.map_or(c"".as_ptr(), Text::as_ptr)
}
