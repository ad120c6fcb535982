//! The state machine of a session, by itself: what it makes of messages that come as they were sent, and otherwise.

mod credit;
mod ends;
mod messages;
mod order;
mod random;
mod silence;

use std::time::{Duration, Instant};

use callgate_gateway::session::{Lost, Piece, Received, Session, Tag, Terms, HEADER};

const HEARTBEAT: Duration = Duration::from_secs(5);
const TAGS: [Tag; 2] = [Tag::new([1; 16]), Tag::new([2; 16])];

/// Both sides of a session, and their clock.
struct Pair {
    left: Session,
    right: Session,
    now: Instant,
}

impl Pair {
    fn new() -> Pair {
        let now = Instant::now();
        let side = |sent, received| {
            let terms = Terms { sent, received, heartbeat: HEARTBEAT, peer_heartbeat: HEARTBEAT };
            Session::new(terms, now)
        };
        Pair { left: side(TAGS[0], TAGS[1]), right: side(TAGS[1], TAGS[0]), now }
    }

    /// A message from left to right.
    fn data(&mut self, bytes: &[u8]) -> Vec<u8> {
        let piece = Piece::new(bytes);
        assert!(self.left.may_send(&piece));
        self.left.send(piece, self.now)
    }

    /// What the right side makes of a message.
    fn deliver(&mut self, message: &[u8]) -> Result<Received, Lost> {
        self.right.receive(message, self.now)
    }
}

/// The bytes of the stream in a message.
fn stream(message: &[u8]) -> &[u8] {
    &message[HEADER..]
}
