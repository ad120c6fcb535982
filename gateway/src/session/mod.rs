//! A session: the bytes of one connection, both ways, in messages that may be lost, doubled, reordered or forged.
//!
//! This is a state machine. It neither sends nor receives, has no clock and no threads: its owner passes in each
//! message that has arrived and the time, and publishes the messages that it returns, in their order. Nothing is
//! repaired: a message that is missing ends the session, as a connection that is lost ends.

mod lost;
pub mod message;
mod receiving;
mod sending;

use std::time::{Duration, Instant};

pub use lost::Lost;
use message::{Content, Message, Unreadable};
pub use message::{Piece, Tag, HEADER};
use receiving::{Place, Receiving};
use sending::Sending;

/// How much data a side sends before the other has handed some of it on, as [`cost`] counts it.
pub const WINDOW: u64 = 1024 * 1024;

/// The most bytes of the stream in one message.
pub const LARGEST_PIECE: usize = 64 * 1024;

/// How many heartbeats of the peer may be missing before the session ends.
pub const MISSED_HEARTBEATS: u32 = 3;

/// What a message with this number of bytes counts for. Each counts for a KiB beside them, so that many small
/// messages do not take more memory than a few large ones.
pub fn cost(bytes: usize) -> u64 {
    bytes as u64 + 1024
}

/// The most messages of one direction that may be waiting to be read: data for the whole window, and others,
/// which are few.
pub const MOST_WAITING: usize = 2 * (WINDOW / 1024) as usize;

/// What both sides of a session have agreed on.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    /// The tag of the messages that this side sends.
    pub sent: Tag,
    /// The tag of the messages that it receives.
    pub received: Tag,
    /// The longest time in which this side sends nothing.
    pub heartbeat: Duration,
    /// The same of the peer.
    pub peer_heartbeat: Duration,
}

/// What a message means to the owner of the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Received {
    /// The bytes behind its [`HEADER`] are the next ones of the stream. Once they have been handed on,
    /// [`Session::handed_on`] must be called.
    Data,
    /// The peer's stream has ended.
    End,
    /// The peer takes more data: [`Session::may_send`] may have become true.
    Credit,
    /// Nothing.
    Nothing,
    /// It is not the peer's, and was ignored.
    Forged,
}

/// One side of a session.
#[derive(Debug)]
pub struct Session {
    terms: Terms,
    sending: Sending,
    receiving: Receiving,
    last_sent: Instant,
    last_received: Instant,
}

impl Session {
    /// A session that begins now.
    pub fn new(terms: Terms, now: Instant) -> Session {
        Session {
            terms,
            sending: Sending::default(),
            receiving: Receiving::default(),
            last_sent: now,
            last_received: now,
        }
    }

    /// Takes in a message that has arrived.
    ///
    /// # Errors
    /// The session is over, and with it the connection.
    pub fn receive(&mut self, bytes: &[u8], now: Instant) -> Result<Received, Lost> {
        let message = match Message::decode(bytes, &self.terms.received) {
            Ok(message) => message,
            Err(Unreadable::Forged) => return Ok(Received::Forged),
            Err(Unreadable::Malformed) => return Err(Lost::Malformed),
        };
        match self.receiving.place(message.sequence) {
            Place::Next => {}
            Place::Doubled => return Ok(Received::Nothing),
            Place::Gap(missing) => return Err(Lost::Gap(missing)),
        }
        self.last_received = now;
        match message.content {
            Content::Data(bytes) => self.receiving.data(bytes.len()).map(|()| Received::Data),
            Content::Credit(total) => self.sending.credit(total).map(|()| Received::Credit),
            Content::Heartbeat => Ok(Received::Nothing),
            Content::End => self.receiving.end().map(|()| Received::End),
            Content::Reset(reason) => Err(Lost::Reset(reason.to_owned())),
        }
    }

    /// Notes that nobody has received a message that this side has sent.
    ///
    /// # Errors
    /// The session is over, unless both streams had ended: then the peer has left with everything.
    pub fn unreceived(&self) -> Result<(), Lost> {
        match self.has_ended() {
            true => Ok(()),
            false => Err(Lost::Gone),
        }
    }

    /// Notes that the data of a message with this number of bytes has been handed on. Returns a message if the
    /// peer needs to know.
    pub fn handed_on(&mut self, bytes: usize, now: Instant) -> Option<Vec<u8>> {
        let total = self.receiving.handed_on(bytes)?;
        Some(self.message(Content::Credit(total), now))
    }

    /// Whether the peer takes this piece now.
    pub fn may_send(&self, piece: &Piece) -> bool {
        self.sending.has_credit_for(piece.length())
    }

    /// The message that sends a piece, which the peer must take: see [`Session::may_send`].
    pub fn send(&mut self, piece: Piece, now: Instant) -> Vec<u8> {
        self.last_sent = now;
        self.sending.data(piece.length());
        piece.into_data(&self.terms.sent, self.sending.next_sequence())
    }

    /// The message that ends this side's stream. No piece may follow.
    pub fn finish(&mut self, now: Instant) -> Vec<u8> {
        self.sending.ended = true;
        self.message(Content::End, now)
    }

    /// The message that ends the session.
    pub fn reset(&mut self, reason: &str, now: Instant) -> Vec<u8> {
        self.message(Content::Reset(reason), now)
    }

    /// Looks at the clock; the owner calls it a few times in each heartbeat. Returns a heartbeat if one is due.
    ///
    /// # Errors
    /// The peer has been silent for too long.
    pub fn tick(&mut self, now: Instant) -> Result<Option<Vec<u8>>, Lost> {
        if self.has_ended() {
            return Ok(None);
        }
        let silence = now.saturating_duration_since(self.last_received);
        if silence >= self.terms.peer_heartbeat * MISSED_HEARTBEATS {
            return Err(Lost::Silence(silence));
        }
        let idle = now.saturating_duration_since(self.last_sent);
        Ok((idle >= self.terms.heartbeat).then(|| self.message(Content::Heartbeat, now)))
    }

    /// Whether both streams have ended. Then neither side sends anything more.
    pub fn has_ended(&self) -> bool {
        self.sending.ended && self.receiving.has_ended()
    }

    fn message(&mut self, content: Content<'_>, now: Instant) -> Vec<u8> {
        self.last_sent = now;
        Message { sequence: self.sending.next_sequence(), content }.encode(&self.terms.sent)
    }
}
