use std::borrow::Cow;
use std::fmt;

/// Bytes that violate the protocol; the text says what was expected and what was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed(pub Cow<'static, str>);

impl Malformed {
    /// Never inlined, to keep it off the path of well-formed messages.
    #[cold]
    pub(super) fn new(reason: impl Into<Cow<'static, str>>) -> Malformed {
        Malformed(reason.into())
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Malformed {}
