//! Shows text from a peer safely to people and in logs.

use std::fmt::{self, Write};

use crate::limits::{LINE, QUOTE, QUOTED_MESSAGE};

/// Whether a character could end a log line, control a terminal, or reverse the direction of text. Names
/// contain none; logs show them escaped.
pub(crate) fn is_control(c: char) -> bool {
    matches!(c,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}'
        | '\u{2028}' | '\u{2029}'
        | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Text from a peer inside a message: control characters escaped, and cut if it is long.
pub(crate) fn quoted(text: &str) -> Plain<'_> {
    Plain { text, longest: QUOTE }
}

/// An error's message inside its description: the same, with more room.
pub(crate) fn message(text: &str) -> Plain<'_> {
    Plain { text, longest: QUOTED_MESSAGE }
}

/// A whole log line: the same, with the most room.
pub(crate) fn line(text: &str) -> Plain<'_> {
    Plain { text, longest: LINE }
}

/// Shows text on one line. Escaping is idempotent, so each layer that text passes through may apply it.
pub(crate) struct Plain<'a> {
    text: &'a str,
    longest: usize,
}

impl fmt::Display for Plain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut left = self.longest;
        for (place, c) in self.text.char_indices() {
            let written = if is_control(c) { c.escape_default().len() } else { c.len_utf8() };
            if written > left {
                return write!(f, "... ({} bytes more)", self.text.len() - place);
            }
            left -= written;
            if is_control(c) {
                write!(f, "{}", c.escape_default())?;
            } else {
                f.write_char(c)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_escaped_and_others_are_not() {
        assert_eq!(quoted("é\\ 'a'\r\n\t\u{1b}\u{9b}").to_string(), r"é\ 'a'\r\n\t\u{1b}\u{9b}");
        assert_eq!(quoted("\0\u{7f}\u{2028}\u{202e}").to_string(), r"\u{0}\u{7f}\u{2028}\u{202e}");
        let once = quoted("a\nb").to_string();
        assert_eq!(quoted(&once).to_string(), once);
    }

    #[test]
    fn long_text_is_cut_at_a_character() {
        let long = "é".repeat(QUOTE);
        let shown = quoted(&long).to_string();
        assert!(shown.ends_with(&format!("é... ({QUOTE} bytes more)")), "{shown}");
        assert!(line(&shown).to_string() == shown);
        let escaped = quoted(&"\n".repeat(QUOTE)).to_string();
        assert!(escaped.len() < QUOTE + 30);
    }
}
