use callgate_gateway::session::{Lost, Received};

use crate::{stream, Pair};

#[test]
fn messages_in_order_are_the_stream() {
    let mut pair = Pair::new();
    for bytes in [&b"one"[..], b"t", &[0; 4000]] {
        let message = pair.data(bytes);
        assert_eq!(pair.deliver(&message), Ok(Received::Data));
        assert_eq!(stream(&message), bytes);
    }
}

#[test]
fn a_doubled_message_is_dropped() {
    let mut pair = Pair::new();
    let (first, second) = (pair.data(b"1"), pair.data(b"2"));
    assert_eq!(pair.deliver(&first), Ok(Received::Data));
    assert_eq!(pair.deliver(&first), Ok(Received::Nothing));
    assert_eq!(pair.deliver(&second), Ok(Received::Data));
    assert_eq!(pair.deliver(&first), Ok(Received::Nothing));
}

#[test]
fn a_lost_message_ends_the_session_at_the_next_one() {
    let mut pair = Pair::new();
    let (_, _, third) = (pair.data(b"1"), pair.data(b"2"), pair.data(b"3"));
    assert_eq!(pair.deliver(&third), Err(Lost::Gap(2)));
}

#[test]
fn reordered_messages_end_the_session() {
    let mut pair = Pair::new();
    let (_first, second) = (pair.data(b"1"), pair.data(b"2"));
    assert_eq!(pair.deliver(&second), Err(Lost::Gap(1)));
}

#[test]
fn a_heartbeat_shows_that_the_last_message_was_lost() {
    let mut pair = Pair::new();
    pair.data(b"lost");
    pair.now += crate::HEARTBEAT;
    let heartbeat = pair.left.tick(pair.now).unwrap().expect("one is due");
    assert_eq!(pair.deliver(&heartbeat), Err(Lost::Gap(1)));
}
