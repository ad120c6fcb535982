use std::fmt;

use crate::name::{is_plain, is_plain_ascii};

/// The name of an interface or a method, in UTF-8. Most uses compare its bytes only, so it becomes text on
/// demand.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Name<'a> {
    bytes: &'a [u8],
    plain: bool,
}

impl<'a> Name<'a> {
    /// `None` if the bytes are not UTF-8.
    #[inline]
    pub(super) fn read(bytes: &'a [u8]) -> Option<Name<'a>> {
        if is_plain_ascii(bytes) {
            return Some(Name { bytes, plain: true });
        }
        std::str::from_utf8(bytes).ok().map(Name::from)
    }

    /// A name that is already known to be plain.
    #[inline]
    pub(crate) fn plain(text: &'a str) -> Name<'a> {
        Name { bytes: text.as_bytes(), plain: true }
    }

    /// The name as bytes.
    pub fn as_bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The name as text.
    pub fn as_str(&self) -> &'a str {
        // It was checked on construction.
        std::str::from_utf8(self.bytes).unwrap_or_default()
    }

    /// Whether it has no control characters.
    pub fn is_plain(&self) -> bool {
        self.plain
    }
}

impl<'a> From<&'a str> for Name<'a> {
    #[inline]
    fn from(text: &'a str) -> Name<'a> {
        Name { bytes: text.as_bytes(), plain: is_plain(text) }
    }
}

impl fmt::Debug for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}
