//! One-way calls and replies that are held back: each is sent, by whichever thread, or counted when the
//! connection ends, if nobody else would notice; and the frames of one thread leave in order.

use std::time::Duration;

use shuttle::thread::{self, JoinHandle};

use super::wire::{Half, Unattended, Wire, FRAME};
use super::{closed, explore, perhaps, soon};
use crate::connection::state::outbox::{
    AfterSend, Blocking, Cut, Ended, Order, Outbox, OutboxLimits,
};
use crate::error::Result;
use crate::sync::atomic::Ordering;
use crate::sync::{Arc, Mutex};

/// How many queued bytes make senders wait, and how many one-way calls trigger a write.
const LIMIT: usize = 3 * FRAME;
const ENOUGH: usize = 2;

const LIMITS: OutboxLimits = OutboxLimits {
    queue: LIMIT,
    held: ENOUGH,
    prompted: 1,
    write_timeout: Duration::from_secs(3600),
};

/// Kinds of frames that may be held back.
#[derive(Clone, Copy)]
enum Kind {
    OneWay,
    Call,
    Answer,
}

/// The sending side of a connection.
pub(super) struct Side {
    pub wire: Arc<Wire>,
    pub outbox: Outbox,
    /// How much was sent, and how many one-way calls were dropped; set once it has ended.
    pub ended_with: Mutex<Option<Ended>>,
    ended: Mutex<bool>,
    tickers: Mutex<Vec<JoinHandle<()>>>,
}

impl Side {
    fn new() -> Arc<Side> {
        Side::cutting(Cut::NONE)
    }

    pub fn cutting(cut: Cut) -> Arc<Side> {
        let wire = Arc::new(Wire::default());
        let half = Box::new(Half(wire.clone()));
        let outbox = Outbox::new(half, LIMITS, cut);
        let (ended_with, ended, tickers) = (Mutex::default(), Mutex::default(), Mutex::default());
        Arc::new(Side { wire, outbox, ended_with, ended, tickers })
    }

    pub fn end(&self) {
        self.end_after(|outbox| outbox.send_last(&closed()));
    }

    /// Ends like a stream that is cut off.
    pub fn cut_off(&self) {
        self.end_after(|_| {});
    }

    fn end_after(&self, first: impl FnOnce(&Outbox)) {
        if !std::mem::replace(&mut *self.ended.lock(), true) {
            first(&self.outbox);
            self.wire.shut_down();
            *self.ended_with.lock() = Some(self.outbox.end(&closed()));
        }
    }

    pub fn after_sending(self: &Arc<Self>, rest: Result<AfterSend>) -> Result<()> {
        match rest {
            Ok(AfterSend::Done) => {}
            Ok(AfterSend::NeedsFlush) => {
                if self.outbox.flush().is_err() {
                    self.end();
                }
            }
            Ok(AfterSend::Held) if perhaps() => {
                self.after_sending(Ok(self.outbox.has_no_ticks()))?;
            }
            Ok(AfterSend::Held) => {
                let side = self.clone();
                let ticker = thread::spawn(move || side.tick());
                self.tickers.lock().push(ticker);
            }
            Ok(AfterSend::Broken(_)) => self.end(),
            Err(error) => {
                self.end();
                return Err(error);
            }
        }
        Ok(())
    }

    /// Does what the monitor does.
    fn tick(self: &Arc<Self>) {
        loop {
            let ticked = self.outbox.tick();
            self.after_sending(Ok(ticked.after)).ok();
            if !ticked.again {
                return;
            }
            thread::yield_now();
        }
    }

    /// Sends a frame of this kind.
    fn send(self: &Arc<Self>, id: u8, kind: Kind) -> Result<()> {
        let slices: [&[u8]; 2] = [&[id], &[id]];
        // Without waiting, a frame may leave in part, as when its deadline passes meanwhile.
        let blocking = if perhaps() { Blocking::Never } else { Blocking::Until(None) };
        let order = Order::Free;
        let sent = match kind {
            Kind::OneWay => self.outbox.post(slices, order, |_| true, blocking, &Unattended),
            Kind::Call => self.outbox.call(slices, order, |_| true, blocking, &Unattended),
            Kind::Answer => self.outbox.reply(slices, |_| true, blocking, &Unattended),
        };
        self.after_sending(sent)
    }

    /// Sends these frames one after the other on a thread, which returns the ids of those that were sent.
    fn sender(self: &Arc<Self>, ids: &'static [u8], kind: Kind) -> JoinHandle<Vec<u64>> {
        let side = self.clone();
        thread::spawn(move || {
            let sent = ids.iter().take_while(|&&id| side.send(id, kind).is_ok());
            sent.map(|&id| id.into()).collect()
        })
    }

    /// Replies to these calls, like a leader that sometimes finds the next call at hand.
    fn leader(self: &Arc<Self>, ids: &'static [u8]) -> JoinHandle<Vec<u64>> {
        let side = self.clone();
        thread::spawn(move || {
            let mut sent = Vec::new();
            for &id in ids {
                if perhaps() {
                    side.outbox.cork_replies();
                } else if side.after_sending(Ok(side.outbox.uncork_replies())).is_err() {
                    break;
                }
                if side.send(id, Kind::Answer).is_err() {
                    break;
                }
                sent.push(id.into());
            }
            sent
        })
    }

    /// Waits until nobody ticks any more.
    pub fn join_tickers(&self) {
        loop {
            let Some(ticker) = self.tickers.lock().pop() else { return };
            ticker.join().unwrap();
        }
    }

    /// The frames that have arrived, when no more can.
    fn arrived(&self) -> Vec<u64> {
        self.wire.shut_down();
        std::iter::from_fn(|| self.wire.next()).collect()
    }
}

/// Those of `ids` that have arrived, in order of arrival.
fn among(arrived: &[u64], ids: &[u64]) -> Vec<u64> {
    arrived.iter().copied().filter(|id| ids.contains(id)).collect()
}

#[test]
fn what_is_held_back_leaves_in_order_by_ticks_alone() {
    explore(|| {
        let side = Side::new();
        let senders = [side.sender(&[1, 2, 3], Kind::OneWay), side.sender(&[4, 5], Kind::OneWay)];
        let call = side.sender(&[6], Kind::Call);
        let sent = senders.map(|sender| sender.join().unwrap());
        assert_eq!(call.join().unwrap(), [6]);
        side.join_tickers();
        let arrived = side.arrived();
        assert_eq!(arrived.len(), 6);
        for ids in &sent {
            assert_eq!(among(&arrived, ids), *ids);
        }
    });
}

#[test]
fn what_is_held_back_when_the_connection_ends_is_counted_once() {
    explore(|| {
        let side = Side::new();
        let senders = [side.sender(&[1, 2, 3], Kind::OneWay), side.sender(&[4, 5], Kind::OneWay)];
        let call = side.sender(&[6], Kind::Call);
        let ender = {
            let side = side.clone();
            thread::spawn(move || side.end())
        };
        let sent = senders.map(|sender| sender.join().unwrap()).concat();
        call.join().unwrap();
        ender.join().unwrap();
        side.join_tickers();
        let arrived = among(&side.arrived(), &sent);
        let dropped = side.ended_with.lock().as_ref().expect("it has ended").dropped;
        assert_eq!(arrived.len() + dropped, sent.len(), "{arrived:?} of {sent:?}");
    });
}

#[test]
fn what_was_taken_before_the_connection_ends_leaves_if_there_is_room() {
    explore(|| {
        let side = Side::new();
        side.wire.wide.store(true, Ordering::Relaxed);
        let senders = [side.sender(&[1, 2, 3], Kind::OneWay), side.sender(&[4, 5], Kind::OneWay)];
        let ender = {
            let side = side.clone();
            thread::spawn(move || side.end())
        };
        let sent = senders.map(|sender| sender.join().unwrap()).concat();
        ender.join().unwrap();
        side.join_tickers();
        assert_eq!(among(&side.arrived(), &sent).len(), sent.len());
    });
}

#[test]
fn what_was_taken_before_closing_has_left_after_it() {
    explore(|| {
        let side = Side::new();
        let senders = [side.sender(&[1, 2, 3], Kind::OneWay), side.sender(&[4, 5], Kind::OneWay)];
        let closer = {
            let side = side.clone();
            thread::spawn(move || {
                side.outbox.close(&closed());
                side.after_sending(Ok(side.outbox.release())).unwrap();
                let in_time = side.outbox.wait_sent(soon()).is_some();
                side.wire.shut_down();
                in_time
            })
        };
        let in_time = closer.join().unwrap();
        let sent = senders.map(|sender| sender.join().unwrap()).concat();
        side.join_tickers();
        assert!(side.arrived().len() == sent.len() || !in_time);
    });
}

#[test]
fn answers_that_wait_for_others_leave_in_order_by_ticks_alone() {
    explore(|| {
        let side = Side::new();
        let leader = side.leader(&[1, 2, 3]);
        let caller = side.sender(&[4, 5], Kind::Call);
        side.outbox.cork_next_call();
        let sent = [leader, caller].map(|sender| sender.join().unwrap());
        side.join_tickers();
        let arrived = side.arrived();
        assert_eq!(arrived.len(), 5);
        for ids in &sent {
            assert_eq!(among(&arrived, ids), *ids);
        }
    });
}
