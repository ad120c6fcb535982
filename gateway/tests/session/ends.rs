use callgate_gateway::session::{Lost, Received, WINDOW};

use crate::Pair;

#[test]
fn each_direction_ends_by_itself() {
    let mut pair = Pair::new();
    let end = pair.left.finish(pair.now);
    assert_eq!(pair.deliver(&end), Ok(Received::End));
    assert!(!pair.left.has_ended() && !pair.right.has_ended());
    let answer = pair.right.send(callgate_gateway::session::Piece::new(b"more"), pair.now);
    assert_eq!(pair.left.receive(&answer, pair.now), Ok(Received::Data));
    let end = pair.right.finish(pair.now);
    assert_eq!(pair.left.receive(&end, pair.now), Ok(Received::End));
    assert!(pair.left.has_ended() && pair.right.has_ended());
}

#[test]
fn behind_its_end_a_peer_sends_no_data() {
    let mut pair = Pair::new();
    let data = pair.data(b"x");
    let end = pair.left.finish(pair.now);
    let second = pair.left.finish(pair.now);
    pair.deliver(&data).unwrap();
    pair.deliver(&end).unwrap();
    assert_eq!(pair.deliver(&second), Err(Lost::Unruly));
}

#[test]
fn a_peer_that_has_ended_gets_no_credit_and_no_heartbeat_that_nobody_receives() {
    let mut pair = Pair::new();
    let half = WINDOW as usize / 2;
    let data = pair.data(&vec![0; half]);
    let end = pair.left.finish(pair.now);
    pair.deliver(&data).unwrap();
    pair.deliver(&end).unwrap();
    assert_eq!(pair.right.handed_on(half, pair.now), None);
    pair.right.finish(pair.now);
    pair.now += 100 * crate::HEARTBEAT;
    assert_eq!(pair.right.tick(pair.now), Ok(None));
}

#[test]
fn a_reset_ends_the_session_with_its_reason() {
    let mut pair = Pair::new();
    let reset = pair.left.reset("the host is gone", pair.now);
    assert_eq!(pair.deliver(&reset), Err(Lost::Reset("the host is gone".into())));
}

#[test]
fn a_message_that_nobody_receives_ends_a_session_that_goes_on() {
    let mut pair = Pair::new();
    assert_eq!(pair.left.unreceived(), Err(Lost::Gone));
    let end = pair.left.finish(pair.now);
    assert_eq!(pair.left.unreceived(), Err(Lost::Gone));
    pair.deliver(&end).unwrap();
    assert_eq!(pair.right.unreceived(), Err(Lost::Gone));
    let end = pair.right.finish(pair.now);
    pair.left.receive(&end, pair.now).unwrap();
    assert_eq!((pair.left.unreceived(), pair.right.unreceived()), (Ok(()), Ok(())));
}
