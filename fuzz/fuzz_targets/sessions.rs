//! What a peer may send to a gateway, in any order, and what its local stream does meanwhile: the session goes on
//! by its rules or is over, memory stays within the window, and messages are encoded as they were decoded.

#![no_main]

#[path = "../../gateway/src/session/mod.rs"]
#[allow(dead_code)]
mod session;

use std::time::{Duration, Instant};

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;

use session::message::{Content, Message};
use session::{Lost, Piece, Received, Session, Tag, Terms, HEADER, WINDOW};

const PEER: Tag = Tag::new([1; 16]);
const OWN: Tag = Tag::new([2; 16]);

/// What happens next.
#[derive(Arbitrary, Debug)]
enum Step<'a> {
    /// A message of the peer comes, usually the next one.
    Comes(Said<'a>, i8),
    /// Any bytes come with the peer's tag, or without.
    Bytes(&'a [u8], bool),
    /// The local stream takes the oldest piece.
    HandOn,
    /// The local stream says something.
    Send(u16),
    /// It ends.
    Finish,
    /// Time passes.
    Tick(u16),
}

#[derive(Arbitrary, Debug)]
enum Said<'a> {
    Data(u16),
    Credit(u32),
    Heartbeat,
    End,
    Reset(&'a str),
}

struct Run {
    session: Session,
    now: Instant,
    /// The sequence number of the peer's next message.
    next: u64,
    /// The lengths of the pieces that the local stream has not taken.
    kept: Vec<usize>,
    sent: u64,
    has_finished: bool,
}

impl Run {
    fn step(&mut self, step: Step<'_>) -> Result<(), Lost> {
        match step {
            Step::Comes(said, shift) => {
                let zeros = [0; u16::MAX as usize];
                let content = match said {
                    Said::Data(length) => Content::Data(&zeros[..usize::from(length).max(1)]),
                    Said::Credit(total) => Content::Credit(total.into()),
                    Said::Heartbeat => Content::Heartbeat,
                    Said::End => Content::End,
                    Said::Reset(reason) => Content::Reset(reason),
                };
                // Most numbers are the right one.
                let sequence = self.next.saturating_add_signed(i64::from(shift / 100));
                self.receive(&Message { sequence, content }.encode(&PEER))?;
            }
            Step::Bytes(bytes, is_peer) => {
                let mut message = bytes.to_vec();
                if let (true, Some(tag)) = (is_peer, message.get_mut(2..18)) {
                    tag.copy_from_slice(PEER.bytes());
                }
                if let Ok(read) = Message::decode(&message, &PEER) {
                    assert_eq!(read.encode(&PEER), message);
                }
                self.receive(&message)?;
            }
            Step::HandOn if !self.kept.is_empty() => {
                let length = self.kept.remove(0);
                if let Some(message) = self.session.handed_on(length, self.now) {
                    self.check(&message);
                }
            }
            Step::Send(length) if !self.has_finished => {
                let piece = Piece::new(&vec![0; usize::from(length).max(1)]);
                if self.session.may_send(&piece) {
                    let message = self.session.send(piece, self.now);
                    self.check(&message);
                }
            }
            Step::Finish if !self.has_finished => {
                self.has_finished = true;
                let message = self.session.finish(self.now);
                self.check(&message);
            }
            Step::Tick(milliseconds) => {
                self.now += Duration::from_millis(milliseconds.into());
                if let Some(message) = self.session.tick(self.now)? {
                    self.check(&message);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn receive(&mut self, message: &[u8]) -> Result<(), Lost> {
        let read = Message::decode(message, &PEER).ok().map(|read| read.sequence);
        let received = self.session.receive(message, self.now)?;
        match (received, read) {
            (Received::Forged, read) => assert_eq!(read, None),
            (_, Some(sequence)) if sequence < self.next => assert_eq!(received, Received::Nothing),
            (_, read) => {
                assert_eq!(read, Some(self.next));
                self.next += 1;
                if received == Received::Data {
                    self.kept.push(message.len() - HEADER);
                }
            }
        }
        assert!(self.kept.iter().sum::<usize>() as u64 <= WINDOW);
        Ok(())
    }

    /// Checks a message of the session itself.
    fn check(&mut self, message: &[u8]) {
        let read = Message::decode(message, &OWN).expect("it is well-formed");
        assert_eq!(read.sequence, self.sent);
        self.sent += 1;
    }
}

fuzz_target!(|steps: Vec<Step>| {
    let now = Instant::now();
    let heartbeat = Duration::from_secs(5);
    let terms = Terms { sent: OWN, received: PEER, heartbeat, peer_heartbeat: heartbeat };
    let session = Session::new(terms, now);
    let mut run = Run { session, now, next: 0, kept: Vec::new(), sent: 0, has_finished: false };
    for step in steps {
        if run.step(step).is_err() {
            return;
        }
    }
});
