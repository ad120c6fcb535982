//! A call's metadata: a map of strings to strings, e.g. a trace context.

use super::reader::Reader;
use super::writer::Writer;
use super::Malformed;

const FIELD: &str = "metadata";

/// The pairs of a call's metadata, in the order written. Ends at the first byte that is not metadata.
pub fn metadata_pairs(raw: &[u8]) -> impl Iterator<Item = (&str, &str)> {
    let mut reader = Reader::new(raw);
    let count = reader.map(FIELD).unwrap_or(0);
    (0..count).map_while(move |_| pair(&mut reader).ok())
}

/// The number of pairs of a call's metadata.
pub(super) fn count(raw: &[u8]) -> usize {
    Reader::new(raw).map(FIELD).unwrap_or(0)
}

/// Appends metadata to `out`.
pub fn write_metadata<'a>(
    out: &mut Vec<u8>,
    pairs: impl IntoIterator<Item = (&'a str, &'a str), IntoIter: ExactSizeIterator>,
) {
    let pairs = pairs.into_iter();
    let mut write = Writer::new(out);
    write.map(pairs.len());
    for (key, value) in pairs {
        write.str(key).str(value);
    }
}

/// Reads metadata, checks it, and returns its bytes.
pub(super) fn read<'a>(reader: &mut Reader<'a>) -> Result<&'a [u8], Malformed> {
    let whole = reader.rest;
    for _ in 0..reader.map(FIELD)? {
        pair(reader)?;
    }
    Ok(&whole[..whole.len() - reader.rest.len()])
}

fn pair<'a>(reader: &mut Reader<'a>) -> Result<(&'a str, &'a str), Malformed> {
    Ok((reader.str("metadata key")?, reader.str("metadata value")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_survive() {
        for count in [0, 1, 15, 16] {
            let pairs = vec![("traceparent", "00-é"); count];
            let mut raw = Vec::new();
            write_metadata(&mut raw, pairs.iter().copied());
            assert_eq!(metadata_pairs(&raw).collect::<Vec<_>>(), pairs);

            let followed = [&raw[..], &[0x90]].concat();
            let mut reader = Reader::new(&followed);
            assert_eq!(read(&mut reader), Ok(&raw[..]));
            assert_eq!(reader.rest, [0x90]);
        }
    }

    #[test]
    fn only_strings_are_metadata() {
        let refused: &[&[u8]] = &[
            &[0x90],
            &[0x81, 1, 0xa0],
            &[0x81, 0xa0, 0xc0],
            &[0x81, 0xa0, 0xa1, 0xff],
            &[0xdf, 255, 255, 255, 255],
        ];
        for raw in refused {
            assert!(read(&mut Reader::new(raw)).is_err(), "{raw:02x?}");
            assert_eq!(metadata_pairs(raw).count(), 0, "{raw:02x?}");
        }
    }
}
