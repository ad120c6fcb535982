//! Calls: each has one outcome, returns its credit once, and is reported as not run only if the peer never
//! had it completely.

use std::io::{self, IoSlice};
use std::time::{Duration, Instant};

use shuttle::thread;

use super::side::Gate;
use super::{closed, explore, perhaps, soon};
use crate::connection::state::outbox::{
    AfterSend, Blocking, Cut, Ended, Order, Outbox, OutboxLimits, Sender,
};
use crate::connection::state::pending::{Cost, Pending, Replied, ReplySlot, Woken};
use crate::error::{Error, Execution, Result, Status};
use crate::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use crate::sync::{Arc, Condvar, Mutex};
use crate::transport::{Handle, Sent, Transmit};
use crate::wire::Frame;

const LIMITS: OutboxLimits =
    OutboxLimits { queue: FRAME, held: 1, prompted: 1, write_timeout: Duration::from_secs(3600) };

/// Every frame has two bytes, both of which are the id of its call.
pub(super) const FRAME: usize = 2;

#[derive(Default)]
struct Stream {
    arrived: Vec<u8>,
    read: usize,
    ended: bool,
}

/// The bytes that have reached the peer.
#[derive(Default)]
pub(super) struct Wire {
    stream: Mutex<Stream>,
    changed: Condvar,
    /// Whether there is always room.
    pub wide: AtomicBool,
}

impl Wire {
    pub fn shut_down(&self) {
        self.stream.lock().ended = true;
        self.changed.notify_all();
    }

    /// The id of the next call that has arrived completely; `None` at the end.
    pub fn next(&self) -> Option<u64> {
        let mut stream = self.stream.lock();
        while stream.arrived.len() < stream.read + FRAME {
            if stream.ended {
                return None;
            }
            self.changed.wait(&mut stream);
        }
        let [first, last] = [0, 1].map(|place| stream.arrived[stream.read + place]);
        assert_eq!(first, last, "frames are mixed up");
        stream.read += FRAME;
        Some(first.into())
    }

    /// Everything that has arrived.
    pub fn bytes(&self) -> Vec<u8> {
        self.stream.lock().arrived.clone()
    }

    fn has_whole(&self, id: u64) -> bool {
        self.stream.lock().arrived.chunks_exact(FRAME).any(|frame| u64::from(frame[0]) == id)
    }
}

/// Accepts as much at a time as the checker chooses.
pub(super) struct Half(pub Arc<Wire>);

impl Transmit for Half {
    fn send(&mut self, slices: &[IoSlice<'_>], _: &[Handle]) -> io::Result<Sent> {
        let full = perhaps() && !self.0.wide.load(Ordering::Relaxed);
        let mut stream = self.0.stream.lock();
        if stream.ended {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        if full {
            return Ok(Sent::Full);
        }
        stream.arrived.extend(slices.iter().find_map(|slice| slice.first()));
        drop(stream);
        self.0.changed.notify_all();
        Ok(Sent::Bytes(1))
    }

    fn wait_writable(&mut self, _: Instant) -> io::Result<bool> {
        thread::yield_now();
        Ok(true)
    }
}

fn reply() -> Result<Frame> {
    Err(Error::new(Status::RemoteError, "it failed").of_call(Execution::Ran))
}

pub(super) struct Unattended;

impl Sender for Unattended {
    fn about_to_block(&self) {}
}

/// The sending side of a connection with its calls: what `connection::call` does with them.
struct Side {
    wire: Arc<Wire>,
    outbox: Outbox,
    pending: Pending,
    /// How many calls have returned their credit.
    given: AtomicUsize,
    /// The calls whose outcome was set by something other than the end.
    settled: Mutex<Vec<u64>>,
    ended: Mutex<bool>,
}

impl Side {
    fn new() -> Arc<Side> {
        let wire = Arc::new(Wire::default());
        let half = Box::new(Half(wire.clone()));
        let outbox = Outbox::new(half, LIMITS, Cut::NONE);
        let (pending, given) = (Pending::new(), AtomicUsize::new(0));
        let (settled, ended) = (Mutex::default(), Mutex::default());
        Arc::new(Side { wire, outbox, pending, given, settled, ended })
    }

    fn end(&self) {
        if !std::mem::replace(&mut *self.ended.lock(), true) {
            self.wire.shut_down();
            let Ended { written, .. } = self.outbox.end(&closed());
            self.pending.end(&closed(), &written);
        }
    }

    fn open(&self) -> Option<(u64, Arc<ReplySlot>)> {
        let id = self.pending.issue();
        self.pending.open(id, Cost::default()).ok().map(|slot| (id, slot))
    }

    fn send(&self, id: u64, slot: &ReplySlot, blocking: Blocking) -> Result<()> {
        let byte = [u8::try_from(id).unwrap()];
        let assign_position = |position| slot.assign_position(position);
        if perhaps() {
            self.outbox.cork_next_call();
        }
        match self.outbox.call([&byte, &byte], Order::Free, assign_position, blocking, &Unattended)
        {
            Ok(AfterSend::Done | AfterSend::Held) => Ok(()),
            Ok(AfterSend::NeedsFlush) => {
                if self.outbox.flush().is_err() {
                    self.end();
                }
                Ok(())
            }
            Ok(AfterSend::Broken(_)) => {
                self.end();
                Ok(())
            }
            Err(error) => {
                self.end();
                Err(error)
            }
        }
    }

    /// Calls, and waits for the outcome.
    fn call(&self, id: u64, slot: Arc<ReplySlot>, deadline: Option<Instant>) -> Error {
        if let Err(error) = self.send(id, &slot, Blocking::Until(None)) {
            if slot.has_position() {
                return slot.wait_done().unwrap_err();
            }
            self.take_back(id);
            return error.of_call(Execution::NotRun);
        }
        while let Woken::Promoted = slot.wait(deadline) {}
        let failed = slot.take_or_abandon().unwrap_err();
        if failed.status() == Status::TimedOut {
            self.cancelled(id, &slot);
        }
        failed
    }

    fn settled(&self, id: u64) {
        let mut settled = self.settled.lock();
        assert!(!settled.contains(&id), "call {id} has two outcomes");
        settled.push(id);
    }

    fn cancelled(&self, id: u64, slot: &ReplySlot) {
        self.settled(id);
        if !slot.has_position() {
            self.take_back(id);
        }
    }

    fn take_back(&self, id: u64) {
        if self.pending.cancel(id).is_some() {
            self.given.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// Replies to every call that arrives, until the end; twice each, which no peer should do.
    fn answer_all(&self) {
        while let Some(id) = self.wire.next() {
            for _ in 0..2 {
                match self.pending.reply(id, reply) {
                    Replied::Call { caller, .. } => {
                        self.given.fetch_add(1, Ordering::SeqCst);
                        if let Some(caller) = caller {
                            self.settled(id);
                            self.pending.wake(caller);
                        }
                    }
                    Replied::Late => {}
                    Replied::NeverIssued => panic!("call {id} was issued"),
                }
            }
        }
    }

    /// What must be true of every call once the connection has ended.
    fn check(&self, id: u64, outcome: &Error) {
        assert!(
            outcome.execution() != Execution::NotRun || !self.wire.has_whole(id),
            "the peer may have run a call reported as not run: {outcome:?}"
        );
    }
}

#[test]
fn a_call_has_one_outcome_and_it_is_true() {
    explore(|| {
        let side = Side::new();
        let calls = [(None, false), (Some(soon()), false), (None, true)];
        let callers = calls.map(|(deadline, cancels)| {
            let side = side.clone();
            thread::spawn(move || {
                let (id, slot) = side.open()?;
                let canceller = cancels.then(|| {
                    let (side, slot) = (side.clone(), slot.clone());
                    thread::spawn(move || {
                        if slot.cancel(Status::Cancelled) {
                            side.cancelled(id, &slot);
                        }
                    })
                });
                let outcome = side.call(id, slot, deadline);
                if let Some(canceller) = canceller {
                    canceller.join().unwrap();
                }
                Some((id, outcome))
            })
        });
        let peer = {
            let side = side.clone();
            thread::spawn(move || side.answer_all())
        };
        let ender = {
            let side = side.clone();
            thread::spawn(move || side.end())
        };
        let outcomes = callers.map(|caller| caller.join().unwrap());
        ender.join().unwrap();
        peer.join().unwrap();
        for (id, outcome) in outcomes.iter().flatten() {
            side.check(*id, outcome);
        }
        let made = outcomes.iter().flatten().count();
        assert!(side.given.load(Ordering::SeqCst) <= made, "credit was given back twice");
    });
}

#[test]
fn without_an_end_every_call_gives_its_credit_back() {
    explore(|| {
        let side = Side::new();
        let callers = [None, Some(soon()), None].map(|deadline| {
            let side = side.clone();
            thread::spawn(move || {
                let (id, slot) = side.open().unwrap();
                side.call(id, slot, deadline).status()
            })
        });
        let peer = {
            let side = side.clone();
            thread::spawn(move || side.answer_all())
        };
        let [first, hurried, last] = callers.map(|caller| caller.join().unwrap());
        assert_eq!([first, last], [Status::RemoteError; 2]);
        assert!(matches!(hurried, Status::RemoteError | Status::TimedOut));
        // Everything was sent: every caller waited for its own frame, or left it to one that did.
        side.wire.shut_down();
        peer.join().unwrap();
        assert_eq!(side.given.load(Ordering::SeqCst), 3);
    });
}

#[test]
fn a_started_call_is_completed_once() {
    explore(|| {
        let side = Side::new();
        let threads = [Side::answer_all, Side::end].map(|run| {
            let side = side.clone();
            thread::spawn(move || run(&side))
        });
        let Some((id, slot)) = side.open() else {
            threads.into_iter().for_each(|thread| thread.join().unwrap());
            return;
        };
        let (done, outcomes) = (Arc::new(Gate::default()), Arc::new(Mutex::new(Vec::new())));
        let (opens, notes) = (done.clone(), outcomes.clone());
        slot.on_done(Box::new(move |outcome: Result<Frame>| {
            notes.lock().push(outcome.unwrap_err());
            opens.open();
        }));
        let cancelling = {
            let (side, slot) = (side.clone(), slot.clone());
            thread::spawn(move || {
                if slot.cancel(Status::TimedOut) {
                    side.cancelled(id, &slot);
                }
            })
        };
        if let Err(error) = side.send(id, &slot, Blocking::Never) {
            if !slot.has_position() {
                let error = error.of_call(Execution::NotRun);
                if let Replied::Call { .. } = side.pending.reply(id, || Err(error)) {
                    side.given.fetch_add(1, Ordering::SeqCst);
                }
            }
        }
        done.wait();
        for thread in threads.into_iter().chain([cancelling]) {
            thread.join().unwrap();
        }
        let outcomes = outcomes.lock();
        assert_eq!(outcomes.len(), 1);
        side.check(id, &outcomes[0]);
        assert!(side.given.load(Ordering::SeqCst) <= 1, "credit was given back twice");
    });
}
