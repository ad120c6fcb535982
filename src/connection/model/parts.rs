//! Frames in parts: each arrives once and complete, before later small ones of its lane; and the end knows
//! which were sent.

use shuttle::thread::{self, JoinHandle};

use super::hold::Side;
use super::wire::Unattended;
use super::{closed, explore, perhaps, soon};
use crate::connection::state::outbox::{Blocking, Cut, Order};
use crate::error::Result;
use crate::sync::modelled::explore::choose;
use crate::sync::{Arc, Mutex};
use crate::wire::{encode_reply, FrameBuffer, Message};

/// Frames of more than nine bytes leave in parts of four.
const CUT: Cut = Cut { above: 9, part: 4 };
const LARGE: usize = 6;
const SMALL: usize = 1;

/// The frames that were sent: number and position.
type Sent = Arc<Mutex<Vec<(u64, u64)>>>;

/// Sends a frame with this number. Replies stand for frames of all kinds, since only their order matters
/// here.
fn send(side: &Arc<Side>, id: u64, size: usize, order: Order, sent: &Sent) -> Result<()> {
    let mut head = Vec::new();
    encode_reply(&mut head, id, 0, size);
    let assign_position = |position| {
        sent.lock().push((id, position));
        true
    };
    let blocking = if perhaps() { Blocking::Never } else { Blocking::Until(None) };
    let payload = vec![id as u8; size];
    let slices = [head.as_slice(), &payload];
    let outcome = match order {
        Order::Lane(_) if perhaps() => {
            side.outbox.post(slices, order, assign_position, blocking, &Unattended)
        }
        _ => side.outbox.send(slices, order, assign_position, blocking, &Unattended),
    };
    side.after_sending(outcome)
}

/// Sends frames of one lane on a thread.
fn lane(
    side: &Arc<Side>,
    lane: u64,
    frames: &'static [(u64, usize)],
    sent: &Sent,
) -> JoinHandle<()> {
    let (side, sent) = (side.clone(), sent.clone());
    thread::spawn(move || {
        for &(id, size) in frames {
            if send(&side, id, size, Order::Lane(lane), &sent).is_err() {
                return;
            }
        }
    })
}

/// The numbers of the frames that have arrived completely, in order.
fn arrived(side: &Side) -> Vec<u64> {
    let mut buffer = FrameBuffer::new(1 << 10);
    buffer.accept_parts();
    let mut ids = Vec::new();
    for byte in side.wire.bytes() {
        buffer.room().and_then(|room| room.append(&[byte])).unwrap();
        while let Some(frame) = buffer.next_frame().expect("well-formed") {
            match Message::decode(&frame).expect("well-formed") {
                Message::Reply { id, result, .. } => {
                    assert!(
                        result.iter().all(|&byte| u64::from(byte) == id),
                        "frames are mixed up"
                    );
                    ids.push(id);
                }
                other => panic!("{other:?}"),
            }
        }
    }
    ids
}

#[test]
fn frames_in_parts_arrive_whole_and_lanes_in_order() {
    explore(|| {
        let (side, sent) = (Side::cutting(CUT), Sent::default());
        let senders = [
            lane(&side, 1, &[(1, LARGE), (2, SMALL), (3, LARGE)], &sent),
            lane(&side, 2, &[(4, SMALL), (5, LARGE), (6, SMALL)], &sent),
        ];
        send(&side, 7, SMALL, Order::Free, &sent).unwrap();
        for sender in senders {
            sender.join().unwrap();
        }
        side.join_tickers();
        let arrived = arrived(&side);
        assert_eq!(arrived.len(), 7, "{arrived:?}");
        for lane in [[1, 2, 3], [4, 5, 6]] {
            let order: Vec<u64> = arrived.iter().copied().filter(|id| lane.contains(id)).collect();
            assert_eq!(order, lane);
        }
    });
}

#[test]
fn what_must_not_overtake_a_frame_arrives_behind_it() {
    explore(|| {
        let (side, sent) = (Side::cutting(CUT), Sent::default());
        let other = lane(&side, 2, &[(3, LARGE)], &sent);
        let caller = lane(&side, 1, &[(1, LARGE)], &sent);
        let canceller = {
            let (side, sent) = (side.clone(), sent.clone());
            thread::spawn(move || {
                let known = sent.lock().iter().find(|(id, _)| *id == 1).copied();
                if let Some((_, position)) = known {
                    send(&side, 2, SMALL, Order::Behind(position), &sent).unwrap();
                }
            })
        };
        for thread in [other, caller, canceller] {
            thread.join().unwrap();
        }
        side.join_tickers();
        let arrived = arrived(&side);
        let assign_position = |id| arrived.iter().position(|&other| other == id);
        assert!(
            assign_position(2).is_none_or(|cancel| assign_position(1).unwrap() < cancel),
            "{arrived:?}"
        );
        assert_eq!(arrived.len(), sent.lock().len());
    });
}

#[test]
fn the_end_tells_which_frames_in_parts_were_handed_over() {
    explore(|| {
        let (side, sent) = (Side::cutting(CUT), Sent::default());
        let senders = [
            lane(&side, 1, &[(1, LARGE), (2, SMALL)], &sent),
            lane(&side, 2, &[(3, LARGE), (4, SMALL)], &sent),
        ];
        // Until some frames may have left.
        (0..choose(100)).for_each(|_| thread::yield_now());
        match perhaps() {
            true => side.end(),
            false => side.cut_off(),
        }
        for sender in senders {
            sender.join().unwrap();
        }
        side.join_tickers();
        let arrived = arrived(&side);
        let ended = side.ended_with.lock();
        let written = &ended.as_ref().expect("it has ended").written;
        for &(id, position) in &*sent.lock() {
            assert_eq!(written.covers(position), arrived.contains(&id), "{id} of {arrived:?}");
        }
    });
}

#[test]
fn frames_in_parts_that_were_taken_before_closing_have_left_after_it() {
    explore(|| {
        let (side, sent) = (Side::cutting(CUT), Sent::default());
        let senders = [
            lane(&side, 1, &[(1, LARGE), (2, SMALL)], &sent),
            lane(&side, 2, &[(3, LARGE)], &sent),
        ];
        side.outbox.close(&closed());
        side.after_sending(Ok(side.outbox.release())).unwrap();
        let written = side.outbox.wait_sent(soon());
        let whole = arrived(&side);
        if let Some(written) = written {
            for &(id, position) in &*sent.lock() {
                assert!(written.covers(position) && whole.contains(&id), "{id} of {whole:?}");
            }
        }
        for sender in senders {
            sender.join().unwrap();
        }
        side.join_tickers();
    });
}
