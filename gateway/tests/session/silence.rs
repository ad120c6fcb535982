use std::time::Duration;

use callgate_gateway::session::{Lost, Received, MISSED_HEARTBEATS};

use crate::{Pair, HEARTBEAT};

const MOMENT: Duration = Duration::from_millis(1);

#[test]
fn a_side_that_has_sent_nothing_sends_a_heartbeat() {
    let mut pair = Pair::new();
    pair.now += HEARTBEAT - MOMENT;
    assert_eq!(pair.left.tick(pair.now), Ok(None));
    pair.now += MOMENT;
    let heartbeat = pair.left.tick(pair.now).unwrap().expect("one is due");
    assert_eq!(pair.deliver(&heartbeat), Ok(Received::Nothing));
    assert_eq!(pair.left.tick(pair.now), Ok(None));
}

#[test]
fn data_is_a_heartbeat() {
    let mut pair = Pair::new();
    pair.now += HEARTBEAT - MOMENT;
    pair.data(b"x");
    pair.now += HEARTBEAT - MOMENT;
    assert_eq!(pair.left.tick(pair.now), Ok(None));
}

#[test]
fn silence_ends_the_session() {
    let mut pair = Pair::new();
    let limit = HEARTBEAT * MISSED_HEARTBEATS;
    pair.now += limit - MOMENT;
    assert!(pair.right.tick(pair.now).is_ok());
    pair.now += MOMENT;
    assert_eq!(pair.right.tick(pair.now), Err(Lost::Silence(limit)));
}

#[test]
fn forged_and_doubled_messages_do_not_break_the_silence() {
    let mut pair = Pair::new();
    let message = pair.data(b"x");
    pair.deliver(&message).unwrap();
    let mut forged = message.clone();
    forged[5] ^= 1;
    pair.now += HEARTBEAT * MISSED_HEARTBEATS;
    assert_eq!(pair.deliver(&message), Ok(Received::Nothing));
    assert_eq!(pair.deliver(&forged), Ok(Received::Forged));
    assert!(matches!(pair.right.tick(pair.now), Err(Lost::Silence(_))));
}

#[test]
fn a_clock_that_goes_back_is_no_silence() {
    let mut pair = Pair::new();
    let before = pair.now;
    pair.now += HEARTBEAT;
    let message = pair.data(b"x");
    pair.deliver(&message).unwrap();
    assert_eq!(pair.right.tick(before), Ok(None));
}
