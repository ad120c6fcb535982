//! Fingerprints of the keys by which TLS peers are known.

use std::fmt;
use std::str::FromStr;

const PREFIX: &str = "sha256:";

/// The SHA-256 hash of a public key, as certificates hold it (its *SubjectPublicKeyInfo*). A certificate that
/// is renewed for the same key keeps it. The text is `sha256:` and 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyFingerprint(pub [u8; 32]);

impl fmt::Display for KeyFingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(PREFIX)?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for KeyFingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl FromStr for KeyFingerprint {
    type Err = String;

    fn from_str(text: &str) -> Result<KeyFingerprint, String> {
        let digits = text.strip_prefix(PREFIX).unwrap_or_default().as_bytes();
        let mut bytes = [0; 32];
        if digits.len() != 2 * bytes.len() || !digits.iter().all(u8::is_ascii_hexdigit) {
            let message = format!(
                "the fingerprint of a key is sha256: and 64 hexadecimal digits, not {text:?}"
            );
            return Err(message);
        }
        let value = |digit: u8| (digit as char).to_digit(16).expect("a digit") as u8;
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks(2)) {
            *byte = 16 * value(pair[0]) + value(pair[1]);
        }
        Ok(KeyFingerprint(bytes))
    }
}
