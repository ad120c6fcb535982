//! Names of interfaces and methods: 1 to 1,024 bytes without control characters.

use crate::error::{Error, Result, Status};
use crate::limits::NAME;
use crate::text::{is_control, quoted};

/// Refuses what is no name; `what` says whose it is.
///
/// # Errors
/// Invalid argument.
#[inline]
pub(crate) fn check(what: &str, name: &str) -> Result<()> {
    if NAME.contains(&name.len()) && is_plain(name) {
        return Ok(());
    }
    Err(no_name(what, name))
}

#[cold]
fn no_name(what: &str, name: &str) -> Error {
    let message = if NAME.contains(&name.len()) {
        format!("{what} has no control characters, but '{}' does", quoted(name))
    } else {
        let (shortest, longest) = (NAME.start(), NAME.end());
        format!("{what} has {shortest} to {longest} bytes, not {}", name.len())
    };
    Error::new(Status::InvalidArgument, message)
}

/// Refuses what is no name of an interface that a program can serve.
///
/// # Errors
/// Invalid argument.
pub(crate) fn check_served(what: &str, name: &str) -> Result<()> {
    check(what, name)?;
    if !is_reserved(name) {
        return Ok(());
    }
    let message =
        format!("{what} does not begin with {RESERVED}, as '{name}' does: Callgate serves those");
    Err(Error::new(Status::InvalidArgument, message))
}

/// How the names of interfaces begin that are the implementation's own.
const RESERVED: &str = "callgate.";

/// Whether an interface is the implementation's own.
pub(crate) fn is_reserved(interface: &str) -> bool {
    interface.starts_with(RESERVED)
}

/// Refuses what is no beginning of names; it may be empty.
///
/// # Errors
/// Invalid argument.
pub(crate) fn check_prefix(what: &str, prefix: &str) -> Result<()> {
    if prefix.is_empty() {
        return Ok(());
    }
    check(what, prefix)
}

/// Whether a text has no control characters. Quick for short names in ASCII, as most are: every call
/// that comes in is asked.
#[inline]
pub(crate) fn is_plain(text: &str) -> bool {
    is_plain_ascii(text.as_bytes()) || !text.contains(is_control)
}

/// Whether all are from a space to a tilde.
#[inline]
pub(crate) fn is_plain_ascii(bytes: &[u8]) -> bool {
    if let Some(last) = bytes.last_chunk() {
        let mut words = bytes.chunks_exact(8).filter_map(|word| word.first_chunk());
        return words.all(|word| is_plain_word(*word)) && is_plain_word(*last);
    }
    if let (Some([a, b, c, d]), Some([e, f, g, h])) = (bytes.first_chunk(), bytes.last_chunk()) {
        return is_plain_word([*a, *b, *c, *d, *e, *f, *g, *h]);
    }
    bytes.iter().all(|byte| matches!(byte, b' '..=b'~'))
}

/// Whether each of eight bytes is from a space to a tilde. One below a space borrows, one above a tilde
/// carries or has its highest bit set; what they do to their neighbours no longer matters then.
#[inline]
fn is_plain_word(bytes: [u8; 8]) -> bool {
    const EACH: u64 = 0x0101_0101_0101_0101;
    let word = u64::from_ne_bytes(bytes);
    let spaces = u64::from(b' ') * EACH;
    (word | word.wrapping_sub(spaces) | word.wrapping_add(EACH)) & (0x80 * EACH) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_byte_counts_wherever_it_stands() {
        for length in 1..=20 {
            for place in 0..length {
                for byte in 0..=0x7f_u8 {
                    let mut bytes = vec![b'I'; length];
                    bytes[place] = byte;
                    let plain = (0x20..0x7f).contains(&byte);
                    assert_eq!(is_plain_ascii(&bytes), plain, "{byte} at {place} of {length}");
                    let name = String::from_utf8(bytes).expect("ASCII");
                    assert_eq!(is_plain(&name), plain, "{name:?}");
                }
            }
        }
    }

    #[test]
    fn other_characters_are_fine() {
        for name in ["é", "Größe.Größe", "ИмяПоРусски", "名前", "I\u{200c}J"] {
            assert!(check("a name", name).is_ok(), "{name}");
        }
        for name in ["Größe\n", "Größe\u{85}Größe", "\u{202e}I"] {
            assert!(!is_plain(name), "{name:?}");
        }
    }
}
