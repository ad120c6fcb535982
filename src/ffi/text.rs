//! Text that C reads: NUL-terminated, and with its length for text that holds NULs itself.

use std::ffi::c_char;

use super::input::Out;

/// Owned text with a NUL after it, so that C can use it as it is.
pub(super) struct Text(Box<[u8]>);

impl Text {
    pub(super) fn new(text: &str) -> Text {
        let mut bytes = Vec::with_capacity(text.len() + 1);
        bytes.extend_from_slice(text.as_bytes());
        bytes.push(0);
        Text(bytes.into_boxed_slice())
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
