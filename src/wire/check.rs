//! Checks MessagePack values without recursion and without allocating, whatever they claim.

use super::reader::{Head, Reader};
use super::Malformed;
use crate::limits::NESTING;

/// Checks that `bytes` are exactly one well-formed MessagePack value, nested at most 64 arrays and maps
/// deep.
pub fn check_value(bytes: &[u8]) -> Result<(), Malformed> {
    let rest = skip_value(bytes)?;
    Reader::new(rest).end("value")
}

/// Checks the first value of `bytes` like [`check_value`], and returns the bytes that follow it.
pub fn skip_value(bytes: &[u8]) -> Result<&[u8], Malformed> {
    let mut reader = Reader::new(bytes);
    skip_values(&mut reader, 1, "value")?;
    Ok(reader.rest)
}

/// Skips `count` values, and checks each.
pub(super) fn skip_values(
    reader: &mut Reader<'_>,
    count: usize,
    field: &str,
) -> Result<(), Malformed> {
    for _ in 0..count {
        // Arguments are an array, and results are often a number: the outer two levels need no stack.
        for _ in 0..skip_head(reader, field)?.unwrap_or(0) {
            if let Some(count) = skip_head(reader, field)? {
                skip_nested(reader, count, field)?;
            }
        }
    }
    Ok(())
}

/// Skips the `count` values of an array or map on the second level.
fn skip_nested(reader: &mut Reader<'_>, count: usize, field: &str) -> Result<(), Malformed> {
    let mut open = Open::new(count);
    while open.next() {
        if let Some(count) = skip_head(reader, field)? {
            open.enter(count, field)?;
        }
    }
    Ok(())
}

/// Skips a value, of an array or map only the head; returns how many values that has.
#[inline]
fn skip_head(reader: &mut Reader<'_>, field: &str) -> Result<Option<usize>, Malformed> {
    let count = match reader.head(field)? {
        Head::Nil | Head::Bool | Head::Float | Head::Uint(_) | Head::Negative(_) => {
            return Ok(None);
        }
        Head::Text(length) => return reader.text(length, field).map(|_| None),
        Head::Bytes(length) | Head::Ext(length) => return reader.take(length, field).map(|_| None),
        Head::Array(count) => count,
        Head::Map(pairs) => pairs.saturating_mul(2),
    };
    if count > reader.rest.len() {
        return Err(Malformed::new(format!(
            "{field}: {count} values expected, only {} bytes are left",
            reader.rest.len()
        )));
    }
    Ok(Some(count))
}

/// The levels above those that [`Open`] keeps.
const OUTER_LEVELS: usize = 2;

/// The arrays and maps from the second level on that are open at the current position.
struct Open {
    /// How many values are still to come at the current level.
    left: usize,
    /// The same for the enclosing levels.
    around: [usize; NESTING - OUTER_LEVELS],
    depth: usize,
}

impl Open {
    fn new(count: usize) -> Open {
        Open { left: count, around: [0; NESTING - OUTER_LEVELS], depth: 0 }
    }

    /// Moves on to the next value, leaving arrays and maps that have ended; `false` at the end of the
    /// outermost.
    fn next(&mut self) -> bool {
        while self.left == 0 {
            if self.depth == 0 {
                return false;
            }
            self.depth -= 1;
            self.left = self.around[self.depth];
        }
        self.left -= 1;
        true
    }

    /// Enters an array or map of `count` values.
    fn enter(&mut self, count: usize, field: &str) -> Result<(), Malformed> {
        if self.depth == self.around.len() {
            return Err(Malformed::new(format!(
                "{field}: arrays and maps are nested more than {NESTING} deep"
            )));
        }
        self.around[self.depth] = self.left;
        self.depth += 1;
        self.left = count;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(bytes: &[u8]) -> String {
        check_value(bytes).expect_err("refused").to_string()
    }

    fn nested(levels: usize) -> Vec<u8> {
        let mut bytes = vec![0x91; levels];
        bytes.push(0xc0);
        bytes
    }

    #[test]
    fn values_of_every_type_pass() {
        let values: &[&[u8]] = &[
            &[0x00],
            &[0xe0],
            &[0xc0],
            &[0xc3],
            &[0xcc, 5],
            &[0xd0, 5],
            &[0xcf, 255, 255, 255, 255, 255, 255, 255, 255],
            &[0xd3, 128, 0, 0, 0, 0, 0, 0, 0],
            &[0xca, 0x7f, 0xc0, 0, 0],
            &[0xcb, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0],
            &[0xa2, 0xc3, 0xa9],
            &[0xd9, 1, b'a'],
            &[0xda, 0, 1, b'a'],
            &[0xdb, 0, 0, 0, 1, b'a'],
            &[0xc4, 1, 0xff],
            &[0xc5, 0, 1, 0xff],
            &[0xc6, 0, 0, 0, 1, 0xff],
            &[0x90],
            &[0xdc, 0, 2, 1, 2],
            &[0xdd, 0, 0, 0, 1, 0x80],
            &[0x81, 0xa1, b'k', 0x91, 0xc2],
            &[0x82, 1, 1, 1, 1],
            &[0xde, 0, 1, 0xc0, 0xc0],
            &[0xdf, 0, 0, 0, 1, 0xc0, 0xc0],
            &[0xd6, 0xff, 0, 0, 0, 1],
            &[0xc7, 0, 5],
            &[0xc8, 0, 1, 5, 9],
            &[0xc9, 0, 0, 0, 1, 5, 9],
        ];
        for value in values {
            assert_eq!(check_value(value), Ok(()), "{value:02x?}");
            let followed = [value, &[0xc1][..]].concat();
            assert_eq!(skip_value(&followed), Ok(&[0xc1][..]), "{value:02x?}");
        }
    }

    #[test]
    fn every_cut_is_refused() {
        let whole = [
            0x83, 0xa1, b'a', 0x92, 0xcd, 1, 0, 0xc4, 1, 7, 1, 0xd4, 1, 1, 2, 0xcb, 0, 0, 0, 0, 0,
            0, 0, 0,
        ];
        assert_eq!(check_value(&whole), Ok(()));
        for length in 0..whole.len() {
            assert!(check_value(&whole[..length]).is_err(), "cut at {length}");
        }
    }

    #[test]
    fn nesting_is_limited_in_arrays_maps_and_empty_ones() {
        assert_eq!(check_value(&nested(64)), Ok(()));
        assert!(reason(&nested(65)).contains("nested more than 64 deep"));
        let mut empty = vec![0x91; 64];
        empty.push(0x90);
        assert!(reason(&empty).contains("nested more than 64 deep"));
        let maps: Vec<u8> = [0x81, 0x01].repeat(65).into_iter().chain([0xc0]).collect();
        assert!(reason(&maps).contains("nested more than 64 deep"));
        assert_eq!(check_value(&maps[2..]), Ok(()));
    }

    #[test]
    fn depth_is_given_back() {
        let mut bytes = vec![0x92];
        for _ in 0..2 {
            bytes.extend(nested(63));
        }
        assert_eq!(check_value(&bytes), Ok(()));
    }

    #[test]
    fn a_million_levels_need_no_stack() {
        let small_stack = std::thread::Builder::new().stack_size(64 * 1024);
        let walk = small_stack.spawn(|| reason(&vec![0x91; 1_000_000]));
        let refused = walk.expect("spawn").join().expect("no overflow");
        assert!(refused.contains("nested more than 64 deep"));
    }

    #[test]
    fn lies_about_lengths_are_refused() {
        for marker in [0xdb, 0xc6, 0xc9, 0xdd, 0xdf] {
            let lie = [marker, 255, 255, 255, 255, 1, 1];
            assert!(reason(&lie).contains("are left"), "{marker:02x}");
        }
    }

    #[test]
    fn what_is_no_value_is_refused() {
        assert!(reason(&[]).contains("1 bytes expected"));
        assert!(reason(&[0x91, 0xc1]).contains("0xc1"));
        assert!(reason(&[0xa1, 0xff]).contains("not UTF-8"));
        assert!(reason(&[1, 2]).contains("1 bytes too many"));
    }
}
