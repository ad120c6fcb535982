//! Where the header of a frame ends.

use super::check::skip_values;
use super::kind;
use super::reader::Reader;

/// The number of bytes before a frame's payload; all of them for a message without payload. The frame may be
/// cut off behind its header. `None` if the header is malformed or incomplete.
pub fn header_length(frame: &[u8]) -> Option<usize> {
    let mut reader = Reader::new(frame);
    let elements = reader.array("frame").ok()?;
    let payloads = match Reader::new(reader.rest).uint("kind").ok()? {
        kind::REFUSE | kind::CANCEL | kind::CREDIT | kind::PING | kind::PONG | kind::GOODBYE => 0,
        _ => 1,
    };
    skip_values(&mut reader, elements.checked_sub(payloads)?, "header").ok()?;
    Some(frame.len() - reader.rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{encode_ping, encode_refuse};

    #[test]
    fn the_header_ends_before_the_payload() {
        // A reply to call 1 with the result [7].
        let reply = [0x94, 6, 1, 0, 0x91, 7];
        assert_eq!(header_length(&reply), Some(4));
        assert_eq!(header_length(&reply[..4]), Some(4));
        assert_eq!(header_length(&reply[..3]), None);
        let (mut ping, mut refuse) = (Vec::new(), Vec::new());
        encode_ping(&mut ping, 300);
        encode_refuse(&mut refuse, 9, "not you");
        for frame in [ping, refuse] {
            assert_eq!(header_length(&frame[4..]), Some(frame.len() - 4));
        }
        assert_eq!(header_length(&[]), None);
        assert_eq!(header_length(&[0x90]), None);
        assert_eq!(header_length(&[0xa1, b'x']), None);
    }
}
