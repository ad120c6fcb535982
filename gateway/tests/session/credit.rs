use callgate_gateway::session::message::{Content, Message};
use callgate_gateway::session::{
    cost, Lost, Piece, Received, Tag, LARGEST_PIECE, MOST_WAITING, WINDOW,
};

use crate::Pair;

/// Sends pieces of this length until the peer takes no more; returns the messages.
fn fill(pair: &mut Pair, length: usize) -> Vec<Vec<u8>> {
    let mut messages = Vec::new();
    while pair.left.may_send(&Piece::new(&vec![0; length])) {
        messages.push(pair.data(&vec![0; length]));
    }
    messages
}

#[test]
fn a_side_sends_no_more_than_the_window() {
    for length in [1, 100, 5000, LARGEST_PIECE] {
        let messages = fill(&mut Pair::new(), length);
        let total = messages.len() as u64 * cost(length);
        assert!(total <= WINDOW && total + cost(length) > WINDOW, "{length}: {total}");
        assert!(messages.len() < MOST_WAITING);
    }
}

#[test]
fn what_is_handed_on_gives_credit_back() {
    let mut pair = Pair::new();
    let mut sent = 0;
    for _ in 0..10 {
        let messages = fill(&mut pair, LARGEST_PIECE);
        sent += messages.len();
        for message in messages {
            assert_eq!(pair.deliver(&message), Ok(Received::Data));
            if let Some(credit) = pair.right.handed_on(LARGEST_PIECE, pair.now) {
                assert_eq!(pair.left.receive(&credit, pair.now), Ok(Received::Credit));
            }
        }
    }
    assert!(sent as u64 * cost(LARGEST_PIECE) > 5 * WINDOW);
}

#[test]
fn few_credits_are_sent() {
    let mut pair = Pair::new();
    let messages = fill(&mut pair, 1);
    let mut credits = 0;
    for message in &messages {
        pair.deliver(message).unwrap();
        credits += usize::from(pair.right.handed_on(1, pair.now).is_some());
    }
    assert!((1..=4).contains(&credits), "{credits} for {} messages", messages.len());
}

#[test]
fn a_peer_that_sends_more_than_its_credit_ends_the_session() {
    let mut pair = Pair::new();
    let messages = fill(&mut pair, LARGEST_PIECE);
    for message in &messages {
        pair.deliver(message).unwrap();
    }
    let content = Content::Data(&[0; LARGEST_PIECE]);
    let more = Message { sequence: messages.len() as u64, content }.encode(&Tag::new([1; 16]));
    assert_eq!(pair.deliver(&more), Err(Lost::Unruly));
}

#[test]
fn a_peer_that_takes_more_than_was_sent_ends_the_session() {
    for total in [0, cost(3) + 1, u64::MAX] {
        let mut pair = Pair::new();
        pair.data(b"abc");
        let credit =
            Message { sequence: 0, content: Content::Credit(total) }.encode(&Tag::new([2; 16]));
        assert_eq!(pair.left.receive(&credit, pair.now), Err(Lost::Unruly), "{total}");
    }
}

#[test]
fn credit_does_not_fall() {
    let mut pair = Pair::new();
    pair.data(b"abc");
    for (sequence, total, expected) in
        [(0, 2, Ok(Received::Credit)), (1, 2, Err(Lost::Unruly)), (2, 1, Err(Lost::Unruly))]
    {
        let credit =
            Message { sequence, content: Content::Credit(total) }.encode(&Tag::new([2; 16]));
        assert_eq!(pair.left.receive(&credit, pair.now), expected);
    }
}
