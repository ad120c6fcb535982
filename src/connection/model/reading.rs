//! Reading: some thread reads whenever a thread waits, and all threads return in the end. Two cannot read
//! at once, since there is only one inbox and it cannot be copied.

use super::side::{Event, Gate, Side};
use super::{explore, perhaps, soon};
use crate::error::Status;
use crate::sync::atomic::{AtomicUsize, Ordering};
use crate::sync::Arc;

/// A caller that waits for its reply.
fn call(side: &Arc<Side>) {
    let (id, slot) = side.open().unwrap();
    side.reply_later(id);
    let failed = side.await_reply(slot, None, false).unwrap_err();
    assert_eq!(failed.status(), Status::RemoteError, "an undisturbed call gets its reply");
}

/// A caller whose deadline may pass at any time.
fn call_in_time(side: &Arc<Side>) {
    let (id, slot) = side.open().unwrap();
    side.reply_later(id);
    let failed = side.await_reply(slot, Some(soon()), false).unwrap_err();
    assert!(matches!(failed.status(), Status::RemoteError | Status::TimedOut));
}

/// A caller that cancels at any time.
fn call_and_cancel(side: &Arc<Side>) {
    let (id, slot) = side.open().unwrap();
    if perhaps() {
        side.reply_later(id);
    }
    let cancelled = slot.clone();
    side.spawn(move |side| side.cancel(&cancelled));
    let failed = side.await_reply(slot, None, true).unwrap_err();
    assert!(matches!(failed.status(), Status::RemoteError | Status::Cancelled));
}

/// A started call. The gate opens when it is done, which must happen exactly once.
fn start(side: &Arc<Side>) -> Arc<Gate> {
    let (gate, done) = (Arc::new(Gate::default()), AtomicUsize::new(0));
    if let Ok((id, slot)) = side.open() {
        side.reader.add_started_call();
        let (there, opens) = (side.clone(), gate.clone());
        slot.on_done(Box::new(move |_| {
            assert_eq!(done.fetch_add(1, Ordering::SeqCst), 0);
            there.reader.remove_started_call();
            opens.open();
        }));
        side.reply_later(id);
    } else {
        gate.open();
    }
    gate
}

/// Runs threads on a side, ends the side when they have returned, and waits for all others.
fn run(monitored: bool, threads: Vec<fn(&Arc<Side>)>) {
    let side = Side::start(monitored);
    let callers = threads.into_iter().map(|body| {
        let gate = Arc::new(Gate::default());
        let done = gate.clone();
        side.spawn(move |side| {
            body(side);
            done.open();
        });
        gate
    });
    callers.collect::<Vec<_>>().iter().for_each(|gate| gate.wait());
    side.end();
    side.join();
}

#[test]
fn callers_read_for_each_other() {
    explore(|| run(false, vec![call, call, call_in_time]));
}

#[test]
fn a_caller_that_cancels_leaves_reading_to_the_others() {
    explore(|| run(false, vec![call, call_and_cancel, call_and_cancel]));
}

#[test]
fn a_started_call_is_read_for_by_the_leader() {
    explore(|| run(false, vec![call_in_time, |side| start(side).wait(), call]));
}

#[test]
fn a_request_is_served_while_callers_read() {
    fn requested(side: &Arc<Side>) {
        let served = Arc::new(Gate::default());
        let serves = served.clone();
        side.wire.send(Event::Request(Box::new(move || serves.open())));
        served.wait();
    }
    explore(|| run(true, vec![call, requested, call_in_time]));
}

/// Two requests; the first runs until the second has been served.
fn long_request(side: &Arc<Side>) {
    let [first, second] = [(); 2].map(|()| Arc::new(Gate::default()));
    let (serves_first, awaited) = (first.clone(), second.clone());
    side.wire.send(Event::Request(Box::new(move || {
        awaited.wait();
        serves_first.open();
    })));
    let serves_second = second.clone();
    side.wire.send(Event::Request(Box::new(move || serves_second.open())));
    first.wait();
}

#[test]
fn a_leader_that_serves_for_long_is_succeeded() {
    explore(|| run(true, vec![long_request]));
}

#[test]
fn callers_and_a_succeeded_leader_get_on() {
    explore(|| run(true, vec![long_request, call, call_in_time]));
}

#[test]
fn somebody_reads_while_a_sender_waits_for_room() {
    fn send(side: &Arc<Side>) {
        let room = Arc::new(Gate::default());
        let makes_room = room.clone();
        // The peer makes room once its request has been read.
        side.wire.send(Event::Request(Box::new(move || makes_room.open())));
        side.about_to_block();
        room.wait();
    }
    explore(|| run(true, vec![send, call, call_in_time]));
}

#[test]
fn all_return_when_the_connection_ends() {
    explore(|| {
        let side = Side::start(true);
        for _ in 0..2 {
            side.spawn(|side| {
                if let Ok((id, slot)) = side.open() {
                    if perhaps() {
                        side.reply_later(id);
                    }
                    side.await_reply(slot, None, false).unwrap_err();
                }
            });
        }
        side.spawn(|side| start(side).wait());
        side.wire.send(Event::Request(Box::new(|| {})));
        if perhaps() {
            side.wire.end();
        } else {
            side.end();
        }
        side.join();
    });
}
