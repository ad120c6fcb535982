//! Names of interfaces and methods: 1 to 1,024 bytes without control characters.

use crate::error::{Error, Result, Status};
use crate::limits::NAME;
use crate::text::{is_control, quoted};

/// Refuses an invalid name; `what` describes it in the message.
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
        format!("{what} must not contain control characters, but '{}' does", quoted(name))
    } else {
        let (shortest, longest) = (NAME.start(), NAME.end());
        format!("{what} must have {shortest} to {longest} bytes, not {}", name.len())
    };
    Error::new(Status::InvalidArgument, message)
}

/// Refuses a name that is not valid for an interface served by a program.
///
/// # Errors
/// Invalid argument.
pub(crate) fn check_served(what: &str, name: &str) -> Result<()> {
    check(what, name)?;
    if !is_reserved(name) {
        return Ok(());
    }
    let message =
        format!("{what} must not begin with {RESERVED}, as '{name}' does: such names are reserved");
    Err(Error::new(Status::InvalidArgument, message))
}

/// The prefix of interfaces that Callgate itself serves.
const RESERVED: &str = "callgate.";

/// The interface by which a host says what it serves.
pub(crate) const HOST_INTERFACE: &str = "callgate.Host";

/// Whether Callgate itself serves this interface.
pub(crate) fn is_reserved(interface: &str) -> bool {
    interface.starts_with(RESERVED)
}

/// Refuses an invalid prefix of names; the empty prefix is valid.
///
/// # Errors
/// Invalid argument.
pub(crate) fn check_prefix(what: &str, prefix: &str) -> Result<()> {
    if prefix.is_empty() {
        return Ok(());
    }
    check(what, prefix)
}

/// Whether a text has no control characters. Fast for short ASCII names, since every inbound call needs it.
#[inline]
pub(crate) fn is_plain(text: &str) -> bool {
    is_plain_ascii(text.as_bytes()) || !text.contains(is_control)
}

/// Whether all bytes are between space and tilde.
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

/// Whether each of eight bytes is between space and tilde. A byte below space borrows; a byte above tilde
/// carries or has its highest bit set. What that does to its neighbours no longer matters.
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
