use rmp::encode;

use super::Name;

/// Appends MessagePack values in their shortest forms. Writing to a `Vec` cannot fail, so the results of
/// rmp are ignored.
pub(super) struct Writer<'o> {
    out: &'o mut Vec<u8>,
}

impl<'o> Writer<'o> {
    pub fn new(out: &'o mut Vec<u8>) -> Writer<'o> {
        Writer { out }
    }

    #[inline]
    pub fn uint(&mut self, value: impl Into<u64>) -> &mut Self {
        match value.into() {
            // Inlined for single-byte values, which headers are full of.
            small @ 0..=0x7f => self.out.push(small as u8),
            value => drop(encode::write_uint(self.out, value)),
        }
        self
    }

    pub fn int(&mut self, value: i64) -> &mut Self {
        let _ = encode::write_sint(self.out, value);
        self
    }

    #[inline]
    pub fn str(&mut self, value: &str) -> &mut Self {
        self.text(value.as_bytes())
    }

    #[inline]
    pub fn name(&mut self, name: Name<'_>) -> &mut Self {
        self.text(name.as_bytes())
    }

    /// A string of these bytes, which must be UTF-8.
    #[inline(always)]
    fn text(&mut self, bytes: &[u8]) -> &mut Self {
        match bytes.len() {
            small @ 0..=0x1f => self.out.push(0xa0 | small as u8),
            count => drop(encode::write_str_len(self.out, length(count))),
        }
        self.out.extend_from_slice(bytes);
        self
    }

    #[inline]
    pub fn nil(&mut self) -> &mut Self {
        self.out.push(0xc0);
        self
    }

    /// The head of an array; write its values next.
    #[inline]
    pub fn array(&mut self, count: usize) -> &mut Self {
        match count {
            small @ 0..=0xf => self.out.push(0x90 | small as u8),
            count => drop(encode::write_array_len(self.out, length(count))),
        }
        self
    }

    /// The head of a map; write its pairs next.
    pub fn map(&mut self, pairs: usize) -> &mut Self {
        let _ = encode::write_map_len(self.out, length(pairs));
        self
    }

    /// The head of binary data; append its bytes next.
    pub fn bin(&mut self, count: usize) -> &mut Self {
        let _ = encode::write_bin_len(self.out, length(count));
        self
    }

    /// A value that is already encoded.
    pub fn raw(&mut self, value: &[u8]) -> &mut Self {
        self.out.extend_from_slice(value);
        self
    }

    /// The value as `write` writes it, or nil.
    #[inline]
    pub fn optional<T>(
        &mut self,
        value: Option<T>,
        write: impl FnOnce(&mut Self, T) -> &mut Self,
    ) -> &mut Self {
        match value {
            Some(value) => write(self, value),
            None => self.nil(),
        }
    }
}

/// A length that does not fit exceeds every frame limit too: such a frame is never sent.
#[inline]
fn length(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
