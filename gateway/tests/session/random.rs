//! Two sides, whose messages travel through a carrier that loses, doubles, reorders and forges them.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use callgate_gateway::session::{
    Lost, Piece, Received, Session, Tag, Terms, LARGEST_PIECE, WINDOW,
};

use crate::{stream, HEARTBEAT};

/// SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut number = self.0;
        number = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        number = (number ^ (number >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        number ^ (number >> 31)
    }

    fn below(&mut self, count: u64) -> u64 {
        self.next() % count
    }
}

/// One side with its streams.
struct Side {
    session: Session,
    /// Bytes of the stream that it must carry, and how many of them it has sent.
    stream: Vec<u8>,
    sent: usize,
    has_finished: bool,
    /// Pieces that the slow local stream has not taken yet.
    kept: VecDeque<Vec<u8>>,
    handed_on: Vec<u8>,
    /// What is on its way to the peer.
    messages: VecDeque<Vec<u8>>,
    lost: Option<Lost>,
}

/// The faults of a run: one in this number of messages; 0 for none.
#[derive(Clone, Copy)]
struct Faults {
    lost: u64,
    doubled: u64,
    swapped: u64,
    forged: u64,
}

impl Side {
    fn new(sent: u8, received: u8, stream: Vec<u8>, now: Instant) -> Side {
        let (sent, received) = (Tag::new([sent; 16]), Tag::new([received; 16]));
        let terms = Terms { sent, received, heartbeat: HEARTBEAT, peer_heartbeat: HEARTBEAT };
        Side {
            session: Session::new(terms, now),
            stream,
            sent: 0,
            has_finished: false,
            kept: VecDeque::new(),
            handed_on: Vec::new(),
            messages: VecDeque::new(),
            lost: None,
        }
    }

    /// Sends a piece, or the end behind the last one, if the peer takes it.
    fn send(&mut self, random: &mut Random, now: Instant) {
        if self.has_finished {
            return;
        }
        if self.sent == self.stream.len() {
            self.has_finished = true;
            return self.messages.push_back(self.session.finish(now));
        }
        let most = LARGEST_PIECE.min(self.stream.len() - self.sent);
        let length = 1 + random.below(most as u64) as usize;
        let piece = Piece::new(&self.stream[self.sent..self.sent + length]);
        if self.session.may_send(&piece) {
            self.sent += length;
            self.messages.push_back(self.session.send(piece, now));
        }
    }

    fn hand_on(&mut self, now: Instant) {
        if let Some(piece) = self.kept.pop_front() {
            self.handed_on.extend(&piece);
            self.messages.extend(self.session.handed_on(piece.len(), now));
        }
    }

    fn tick(&mut self, now: Instant) {
        match self.session.tick(now) {
            Ok(heartbeat) => self.messages.extend(heartbeat),
            Err(lost) => self.lost = Some(lost),
        }
    }

    fn receive(&mut self, message: &[u8], now: Instant) {
        match self.session.receive(message, now) {
            Ok(Received::Data) => self.kept.push_back(stream(message).to_vec()),
            Ok(_) => {}
            Err(lost) => self.lost = Some(lost),
        }
        let kept: usize = self.kept.iter().map(Vec::len).sum();
        assert!(kept as u64 <= WINDOW, "memory is bounded by the window");
    }
}

/// Lets one message of `from` arrive at `to`, or something else happen to it.
fn carry(from: &mut Side, to: &mut Side, faults: Faults, random: &mut Random, now: Instant) {
    let mut happens = |one_in: u64| one_in > 0 && random.below(one_in) == 0;
    if happens(faults.swapped) && from.messages.len() > 1 {
        from.messages.swap(0, 1);
    }
    let Some(message) = from.messages.pop_front() else { return };
    if happens(faults.lost) {
        return;
    }
    if happens(faults.forged) {
        let mut forged = message.clone();
        forged[9] ^= 1;
        to.receive(&forged, now);
    }
    if happens(faults.doubled) {
        to.receive(&message, now);
    }
    to.receive(&message, now);
}

/// Runs a session with random steps until both streams have ended or a side has noticed a loss.
fn run(seed: u64, faults: Faults) -> [Side; 2] {
    let mut random = Random(seed);
    let mut now = Instant::now();
    let mut streams = [0, 1].map(|_| {
        let length = random.below(3 * WINDOW) as usize;
        (0..length).map(|at| (at % 251) as u8).collect::<Vec<u8>>()
    });
    let mut left = Side::new(1, 2, std::mem::take(&mut streams[0]), now);
    let mut right = Side::new(2, 1, std::mem::take(&mut streams[1]), now);
    while left.lost.is_none() && right.lost.is_none() {
        let has_ended = |side: &Side| side.session.has_ended() && side.kept.is_empty();
        if has_ended(&left) && has_ended(&right) {
            break;
        }
        let (one, other) = match random.below(2) {
            0 => (&mut left, &mut right),
            _ => (&mut right, &mut left),
        };
        match random.below(8) {
            0 | 1 => one.send(&mut random, now),
            2 | 3 => one.hand_on(now),
            4 => {
                now += Duration::from_millis(random.below(100));
                one.tick(now);
                other.tick(now);
            }
            _ => carry(one, other, faults, &mut random, now),
        }
    }
    [left, right]
}

#[test]
fn streams_arrive_whole_whatever_is_doubled_and_forged() {
    for seed in 0..40 {
        let faults = Faults { lost: 0, doubled: 7, swapped: 0, forged: 5 };
        let [left, right] = run(seed, faults);
        assert_eq!((left.lost, right.lost), (None, None), "seed {seed}");
        assert!(right.handed_on == left.stream && left.handed_on == right.stream, "seed {seed}");
    }
}

#[test]
fn whatever_is_lost_or_reordered_a_side_gets_the_beginning_of_the_stream_or_notices() {
    let (mut noticed, mut whole) = (0, 0);
    for seed in 0..100 {
        let faults = Faults { lost: 100, doubled: 9, swapped: 200, forged: 11 };
        let [left, right] = run(seed, faults);
        for (to, from) in [(&left, &right), (&right, &left)] {
            assert!(from.stream.starts_with(&to.handed_on), "seed {seed}");
        }
        let is_noticed = left.lost.is_some() || right.lost.is_some();
        let is_whole = right.handed_on == left.stream && left.handed_on == right.stream;
        assert!(is_noticed || is_whole, "seed {seed}");
        noticed += usize::from(is_noticed);
        whole += usize::from(!is_noticed);
    }
    assert!(
        noticed > 20 && whole > 2,
        "the faults are neither too rare nor too frequent: {noticed}, {whole}"
    );
}
