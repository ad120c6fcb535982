//! The messages of a session, as bytes.
//!
//! | bytes | what |
//! |---|---|
//! | 1 | the version, 1 |
//! | 1 | the kind |
//! | 16 | the tag of the direction |
//! | 8 | the sequence number, little-endian: 0 for the first message of the direction, and then one more each |
//! | rest | by the kind: bytes of the stream; a total of credit (8 bytes, little-endian); a reason in UTF-8; nothing |

use std::fmt;

/// The version of the format.
pub const VERSION: u8 = 1;

/// How many bytes stand before the rest.
pub const HEADER: usize = 26;

/// The longest reason of a reset, in bytes.
pub const LONGEST_REASON: usize = 256;

mod kind {
    pub const DATA: u8 = 0;
    pub const CREDIT: u8 = 1;
    pub const HEARTBEAT: u8 = 2;
    pub const END: u8 = 3;
    pub const RESET: u8 = 4;
}

/// A random number that every message of a direction carries. Only the two sides know it, so a message without
/// it comes from somebody else.
#[derive(Clone, Copy)]
pub struct Tag([u8; 16]);

impl Tag {
    /// A tag from random bytes.
    pub const fn new(bytes: [u8; 16]) -> Tag {
        Tag(bytes)
    }

    /// Its bytes.
    pub fn bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// Whether these bytes are the tag, in a time that says nothing about where they differ.
    fn is(&self, bytes: &[u8]) -> bool {
        let differences =
            self.0.iter().zip(bytes).fold(0, |found, (own, other)| found | (own ^ other));
        bytes.len() == self.0.len() && std::hint::black_box(differences) == 0
    }
}

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tag(secret)")
    }
}

/// What a message says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content<'a> {
    /// The next bytes of the stream, at least one.
    Data(&'a [u8]),
    /// The cost of all data that its sender has handed on.
    Credit(u64),
    /// The sender is there.
    Heartbeat,
    /// No data follows.
    End,
    /// The session is over, for this reason.
    Reset(&'a str),
}

/// A message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message<'a> {
    /// Which message of its direction it is.
    pub sequence: u64,
    /// What it says.
    pub content: Content<'a>,
}

/// Why bytes are no message of the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// They lack the tag: the peer has not sent them.
    Forged,
    /// The peer has sent them, and they break the format.
    Malformed,
}

impl<'a> Message<'a> {
    /// Reads a message of the direction with this tag.
    ///
    /// # Errors
    /// As [`Unreadable`] says.
    pub fn decode(bytes: &'a [u8], tag: &Tag) -> Result<Message<'a>, Unreadable> {
        let (header, rest) = bytes.split_at_checked(HEADER).ok_or(Unreadable::Forged)?;
        if !tag.is(&header[2..18]) {
            return Err(Unreadable::Forged);
        }
        let content = match (header[0], header[1], rest) {
            (VERSION, kind::DATA, [_, ..]) => Content::Data(rest),
            (VERSION, kind::CREDIT, _) => Content::Credit(number(rest)?),
            (VERSION, kind::HEARTBEAT, []) => Content::Heartbeat,
            (VERSION, kind::END, []) => Content::End,
            (VERSION, kind::RESET, _) => Content::Reset(reason(rest)?),
            _ => return Err(Unreadable::Malformed),
        };
        Ok(Message { sequence: number(&header[18..])?, content })
    }

    /// The bytes of the message.
    pub fn encode(&self, tag: &Tag) -> Vec<u8> {
        let number;
        let (kind, rest): (u8, &[u8]) = match self.content {
            Content::Data(bytes) => (kind::DATA, bytes),
            Content::Credit(total) => {
                number = total.to_le_bytes();
                (kind::CREDIT, &number)
            }
            Content::Heartbeat => (kind::HEARTBEAT, &[]),
            Content::End => (kind::END, &[]),
            Content::Reset(reason) => (kind::RESET, shortened(reason).as_bytes()),
        };
        let mut message = Piece::new(rest);
        message.write_header(kind, tag, self.sequence);
        message.0
    }
}

/// Bytes of the stream that will be sent in one message, with room for its header.
#[derive(Debug)]
pub struct Piece(Vec<u8>);

impl Piece {
    /// A copy of the bytes.
    pub fn new(bytes: &[u8]) -> Piece {
        let mut message = Vec::with_capacity(HEADER + bytes.len());
        message.resize(HEADER, 0);
        message.extend_from_slice(bytes);
        Piece(message)
    }

    /// How many bytes of the stream it has.
    pub fn length(&self) -> usize {
        self.0.len() - HEADER
    }

    /// The message of this piece.
    pub(super) fn into_data(mut self, tag: &Tag, sequence: u64) -> Vec<u8> {
        self.write_header(kind::DATA, tag, sequence);
        self.0
    }

    fn write_header(&mut self, kind: u8, tag: &Tag, sequence: u64) {
        self.0[0] = VERSION;
        self.0[1] = kind;
        self.0[2..18].copy_from_slice(&tag.0);
        self.0[18..HEADER].copy_from_slice(&sequence.to_le_bytes());
    }
}

fn number(bytes: &[u8]) -> Result<u64, Unreadable> {
    bytes.try_into().map(u64::from_le_bytes).map_err(|_| Unreadable::Malformed)
}

fn reason(bytes: &[u8]) -> Result<&str, Unreadable> {
    let text = std::str::from_utf8(bytes).map_err(|_| Unreadable::Malformed)?;
    if text.len() > LONGEST_REASON {
        return Err(Unreadable::Malformed);
    }
    Ok(text)
}

fn shortened(reason: &str) -> &str {
    let mut end = reason.len().min(LONGEST_REASON);
    while !reason.is_char_boundary(end) {
        end -= 1;
    }
    &reason[..end]
}
