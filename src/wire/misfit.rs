//! Calls with a well-formed header that must not be served all the same.

use std::fmt;

use super::{metadata, Name, MUST_UNDERSTAND};
use crate::error::Status;
use crate::limits::{METADATA_BYTES, METADATA_PAIRS};
use crate::name::is_plain;
use crate::text::quoted;

/// Why a call with a well-formed header cannot be served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misfit<'a> {
    /// The flags that must be understood but are unknown.
    Flags(u64),
    /// A name with control characters, which must not reach a log, or a language whose strings end at one.
    Name(&'a str),
    /// The same for a metadata key.
    Key(&'a str),
    /// More metadata than allowed.
    MetadataLimit,
}

impl Misfit<'_> {
    /// The status of the error that the caller gets.
    pub fn status(&self) -> Status {
        match self {
            Misfit::Flags(_) => Status::Unsupported,
            Misfit::Name(_) | Misfit::Key(_) => Status::ContractMismatch,
            Misfit::MetadataLimit => Status::LimitExceeded,
        }
    }
}

impl fmt::Display for Misfit<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const CONTAINS: &str = "must not contain control characters, but";
        match self {
            Misfit::Flags(flags) => {
                write!(f, "the call has a flag that must be understood but is unknown: {flags:#x}")
            }
            Misfit::Name(name) => write!(f, "names {CONTAINS} '{}' does", quoted(name)),
            Misfit::Key(key) => write!(f, "metadata keys {CONTAINS} '{}' does", quoted(key)),
            Misfit::MetadataLimit => write!(
                f,
                "the metadata of a call has at most {METADATA_PAIRS} pairs and {METADATA_BYTES} bytes"
            ),
        }
    }
}

/// Why a call cannot be served, given what its header says about it; `names` are those of the interface and
/// the method.
#[inline]
pub(super) fn misfit<'a>(
    flags: u64,
    names: [Name<'a>; 2],
    signature: Option<&'a str>,
    metadata: Option<&'a [u8]>,
) -> Option<Misfit<'a>> {
    let plain = names[0].is_plain() & names[1].is_plain();
    if (flags & MUST_UNDERSTAND == 0) & plain & signature.is_none() & metadata.is_none() {
        return None;
    }
    rare_misfit(flags, names, signature, metadata)
}

#[cold]
fn rare_misfit<'a>(
    flags: u64,
    names: [Name<'a>; 2],
    signature: Option<&'a str>,
    metadata: Option<&'a [u8]>,
) -> Option<Misfit<'a>> {
    if flags & MUST_UNDERSTAND != 0 {
        return Some(Misfit::Flags(flags & MUST_UNDERSTAND));
    }
    if let Some(name) = names.into_iter().find(|name| !name.is_plain()) {
        return Some(Misfit::Name(name.as_str()));
    }
    let signature = signature.filter(|signature| !is_plain(signature));
    signature.map(Misfit::Name).or_else(|| metadata.and_then(metadata_misfit))
}

/// Why metadata must not be sent or given to a delegate, if so.
pub(crate) fn metadata_misfit(raw: &[u8]) -> Option<Misfit<'_>> {
    if raw.len() > METADATA_BYTES || metadata::count(raw) > METADATA_PAIRS {
        return Some(Misfit::MetadataLimit);
    }
    let mut keys = metadata::metadata_pairs(raw).map(|(key, _)| key);
    keys.find(|key| !is_plain(key)).map(Misfit::Key)
}
