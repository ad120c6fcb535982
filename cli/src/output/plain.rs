//! Text from other programs, made safe for terminals and logs.

use std::fmt::{self, Display, Write as _};
use std::io::{self, Write};

/// Whether a character could end a line, control a terminal or reverse the direction of text. PROTOCOL.md
/// has the list.
fn is_control(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{2028}' | '\u{2029}' | '\u{61c}' | '\u{200e}' | '\u{200f}'
            | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// How many bytes of a text are shown: more than anyone reads.
const LONGEST: usize = 4096;

/// Shows text on one line, with control characters escaped, and cut if it is long.
pub struct Plain<'a>(pub &'a str);

impl Display for Plain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, c) in self.0.char_indices() {
            match c {
                _ if place >= LONGEST => {
                    return write!(f, "... ({} bytes more)", self.0.len() - place);
                }
                c if is_control(c) => write!(f, "{}", c.escape_default())?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

/// Writes JSON, with the control characters that JSON leaves as they are escaped. Those occur in strings
/// alone. Each write must be whole characters, as those of `serde_json` are.
pub struct PlainWriter<W>(pub W);

impl<W: Write> Write for PlainWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes).map(|()| bytes.len())
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        let text = std::str::from_utf8(bytes).map_err(io::Error::other)?;
        let mut rest = text;
        while let Some(place) = rest.find(|c| is_control(c) && c != '\n') {
            let (before, from) = rest.split_at(place);
            let control = from.chars().next().expect("found above");
            write!(self.0, "{before}\\u{:04x}", control as u32)?;
            rest = &from[control.len_utf8()..];
        }
        self.0.write_all(rest.as_bytes())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_text_is_cut() {
        let long = "é".repeat(LONGEST);
        let shown = Plain(&long).to_string();
        assert!(shown.ends_with(&format!("é... ({LONGEST} bytes more)")), "{shown}");
    }

    #[test]
    fn control_characters_are_escaped_in_text_and_in_json() {
        let text = "a\n\u{1b}[2J\u{9b}é\u{202e}";
        assert_eq!(Plain(text).to_string(), r"a\n\u{1b}[2J\u{9b}é\u{202e}");
        let mut out = PlainWriter(Vec::new());
        serde_json::to_writer(&mut out, text).unwrap();
        let written = String::from_utf8(out.0).unwrap();
        assert_eq!(written, r#""a\n\u001b[2J\u009bé\u202e""#);
        assert_eq!(serde_json::from_str::<String>(&written).unwrap(), text);
    }
}
