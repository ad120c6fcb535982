//! The pieces in which bytes travel through a pipe. Their lengths are what makes the end of sending visible:
//! see docs/internals/windows.md.

/// The size of a piece's length.
pub(super) const HEADER: usize = 4;

/// What a sender writes to end its sending: a piece without bytes.
pub(super) const END: [u8; HEADER] = header(0);

/// What precedes a piece of this length.
pub(super) const fn header(length: usize) -> [u8; HEADER] {
    (length as u32).to_le_bytes()
}

/// What the next bytes of a stream are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// This many of them belong to the length of the next piece.
    Header(usize),
    /// This many of them are content.
    Content(usize),
    /// The peer has ended its sending.
    End,
}

/// Finds the content of a stream that comes in pieces, or has none.
pub(super) enum Pieces {
    /// All bytes are content.
    None,
    /// Bytes left of the present piece.
    Within(usize),
    /// The beginning of a length.
    Between([u8; HEADER], usize),
    Ended,
}

impl Pieces {
    pub(super) fn new(has_pieces: bool) -> Pieces {
        match has_pieces {
            true => Pieces::Between([0; HEADER], 0),
            false => Pieces::None,
        }
    }

    /// What the next bytes are, of which there must be some. The caller takes all of a header, and reports
    /// how much content it took.
    pub(super) fn next(&mut self, bytes: &[u8]) -> Next {
        match self {
            Pieces::None => Next::Content(bytes.len()),
            Pieces::Within(left) => Next::Content(bytes.len().min(*left)),
            Pieces::Ended => Next::End,
            Pieces::Between(header, have) => {
                let count = bytes.len().min(HEADER - *have);
                header[*have..*have + count].copy_from_slice(&bytes[..count]);
                *have += count;
                if *have == HEADER {
                    *self = match u32::from_le_bytes(*header) {
                        0 => Pieces::Ended,
                        length => Pieces::Within(length as usize),
                    };
                }
                Next::Header(count)
            }
        }
    }

    /// Notes that content was taken.
    pub(super) fn took(&mut self, count: usize) {
        if let Pieces::Within(left) = self {
            *left -= count;
            if *left == 0 {
                *self = Pieces::Between([0; HEADER], 0);
            }
        }
    }

    pub(super) fn has_ended(&self) -> bool {
        matches!(self, Pieces::Ended)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The content of bytes that arrive in steps of this size.
    fn content(pieces: &mut Pieces, bytes: &[u8], step: usize) -> Vec<u8> {
        let mut content = Vec::new();
        for mut rest in bytes.chunks(step) {
            while !rest.is_empty() {
                let taken = match pieces.next(rest) {
                    Next::Header(count) => count,
                    Next::Content(count) => {
                        content.extend(&rest[..count]);
                        pieces.took(count);
                        count
                    }
                    Next::End => return content,
                };
                rest = &rest[taken..];
            }
        }
        content
    }

    #[test]
    fn content_is_found_wherever_the_bytes_are_cut() {
        let sent = [&header(5)[..], b"hello", &header(1), b" ", &header(5), b"world", &END, b"x"];
        let sent = sent.concat();
        for step in 1..=sent.len() {
            let mut pieces = Pieces::new(true);
            assert_eq!(content(&mut pieces, &sent, step), b"hello world", "in steps of {step}");
            assert!(pieces.has_ended());
        }
    }

    #[test]
    fn without_pieces_all_is_content() {
        let mut pieces = Pieces::new(false);
        assert_eq!(content(&mut pieces, &[0; 9], 2), [0; 9]);
        assert!(!pieces.has_ended());
    }

    #[test]
    fn a_claimed_length_takes_no_memory() {
        let mut pieces = Pieces::new(true);
        assert_eq!(pieces.next(&[0xff; 9]), Next::Header(4));
        assert_eq!(pieces.next(&[0xff; 5]), Next::Content(5));
    }
}
