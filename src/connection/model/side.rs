//! One side of a connection: the product's reader role and calls, with a stream of events instead of bytes.
//! The loops do what those of `connection::lead` and `connection::dispatch` do with frames.

use std::collections::{BTreeSet, VecDeque};
use std::time::{Duration, Instant};

use shuttle::thread::{self, JoinHandle};

use super::{closed, perhaps};
use crate::connection::state::outbox::Written;
use crate::connection::state::pending::{Cost, Pending, Replied, ReplySlot};
use crate::connection::state::reader::{Inspection, ReaderRole, Watch};
use crate::error::{Error, Result, Status};
use crate::sync::{Arc, Condvar, Mutex, WakeMask};
use crate::time;
use crate::wire::Frame;

/// How long a delegate seems to have run when it is inspected: hardly at all, or long.
fn a_while() -> Duration {
    if perhaps() {
        Duration::ZERO
    } else {
        Duration::from_secs(1)
    }
}

/// Something that happens once, and that threads wait for.
#[derive(Default)]
pub(super) struct Gate {
    open: Mutex<bool>,
    changed: Condvar,
}

impl Gate {
    pub fn open(&self) {
        *self.open.lock() = true;
        self.changed.notify_all();
    }

    pub fn wait(&self) {
        let mut open = self.open.lock();
        while !*open {
            self.changed.wait(&mut open);
        }
    }
}

/// What the peer sends.
pub(super) enum Event {
    Reply(u64),
    /// A call from the peer, with what its delegate does.
    Request(Box<dyn FnOnce() + Send>),
}

#[derive(Default)]
struct Stream {
    events: VecDeque<Event>,
    interrupted: bool,
    ended: bool,
}

/// Carries the peer's events.
#[derive(Default)]
pub(super) struct Wire {
    stream: Mutex<Stream>,
    changed: Condvar,
}

impl Wire {
    fn change(&self, change: impl FnOnce(&mut Stream)) {
        change(&mut self.stream.lock());
        self.changed.notify_all();
    }

    pub fn send(&self, event: Event) {
        self.change(|stream| stream.events.push_back(event));
    }

    pub fn end(&self) {
        self.change(|stream| stream.ended = true);
    }
}

enum Next {
    Event(Event),
    TimedOut,
    Interrupted,
    End,
}

/// The right to read the wire; there is only one.
pub(super) struct Inbox(Arc<Wire>);

impl Inbox {
    /// An event that arrived with the previous one.
    fn buffered(&mut self) -> Option<Event> {
        if perhaps() {
            return None;
        }
        self.0.stream.lock().events.pop_front()
    }

    fn next(&mut self, deadline: Option<Instant>, interruptible: bool) -> Next {
        let mut stream = self.0.stream.lock();
        loop {
            if let Some(event) = stream.events.pop_front() {
                return Next::Event(event);
            }
            if stream.ended {
                return Next::End;
            }
            if interruptible && std::mem::take(&mut stream.interrupted) {
                return Next::Interrupted;
            }
            match deadline {
                None => self.0.changed.wait(&mut stream),
                Some(deadline) => {
                    if self.0.changed.wait_until(&mut stream, deadline).timed_out() {
                        return Next::TimedOut;
                    }
                }
            }
        }
    }
}

enum Handled {
    Done,
    WakeCaller(WakeMask),
    Start(Box<dyn FnOnce() + Send>),
}

/// The result of reading as the leader.
enum Led {
    Serve(Box<dyn FnOnce() + Send>),
    Left,
    End,
}

pub(super) struct Side {
    pub reader: ReaderRole<Inbox>,
    pub pending: Pending,
    pub wire: Arc<Wire>,
    monitored: bool,
    /// When all delegates start, since a model has no clock.
    began: Instant,
    /// The terms that had a leader.
    terms: Mutex<BTreeSet<u64>>,
    ended: Mutex<bool>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Side {
    /// A side with a leader. Without `monitored`, it must work without a monitor.
    pub fn start(monitored: bool) -> Arc<Side> {
        let wire = Arc::new(Wire::default());
        let side = Arc::new(Side {
            reader: ReaderRole::new(Inbox(wire.clone())),
            pending: Pending::new(),
            wire,
            monitored,
            began: time::now(),
            terms: Mutex::default(),
            ended: Mutex::default(),
            threads: Mutex::default(),
        });
        side.spawn(|side| {
            if !side.monitored || perhaps() {
                side.watch(side.reader.begin(side.began));
            } else {
                side.reader.stand_by();
            }
            side.lead(0);
        });
        side
    }

    /// Runs a thread that must return.
    pub fn spawn(self: &Arc<Self>, run: impl FnOnce(&Arc<Side>) + Send + 'static) {
        let side = self.clone();
        let thread = thread::spawn(move || run(&side));
        self.threads.lock().push(thread);
    }

    /// Waits for all threads.
    pub fn join(&self) {
        loop {
            let Some(thread) = self.threads.lock().pop() else { return };
            thread.join().unwrap();
        }
    }

    /// Begins a call, to which the peer will reply at some point.
    pub fn open(self: &Arc<Self>) -> Result<(u64, Arc<ReplySlot>)> {
        let id = self.pending.issue();
        let slot = self.pending.open(id, Cost::default())?;
        Ok((id, slot))
    }

    pub fn reply_later(self: &Arc<Self>, id: u64) {
        self.spawn(move |side| side.wire.send(Event::Reply(id)));
    }

    /// Waits for the outcome of a call.
    pub fn await_reply(
        self: &Arc<Self>,
        slot: Arc<ReplySlot>,
        deadline: Option<Instant>,
        interruptible: bool,
    ) -> Result<Frame> {
        self.reader.await_outcome(&slot, deadline, |inbox| {
            self.read_as_caller(inbox, &slot, deadline, interruptible)
        });
        let outcome = slot.take_or_abandon();
        self.pending.recycle(slot);
        outcome
    }

    /// Cancels a call, like a cancel token.
    pub fn cancel(&self, slot: &ReplySlot) {
        if slot.cancel(Status::Cancelled) {
            self.wire.change(|stream| stream.interrupted = true);
        }
    }

    /// Makes sure that some thread reads, before this one waits for something else.
    pub fn about_to_block(self: &Arc<Self>) {
        if self.reader.ensure_reader() == Inspection::NeedsLeader {
            self.start_leader();
        }
    }

    pub fn end(&self) {
        if !std::mem::replace(&mut *self.ended.lock(), true) {
            self.wire.end();
            self.reader.end();
            self.pending.end(&closed(), &Written { bytes: u64::MAX, ..Written::default() });
        }
    }

    fn lead(self: &Arc<Self>, term: u64) {
        assert!(self.terms.lock().insert(term), "term {term} has two leaders");
        while let Some(inbox) = self.reader.lead(term) {
            match self.read_as_leader(inbox) {
                Led::Serve(delegate) => delegate(),
                Led::Left => {}
                Led::End => return self.end(),
            }
        }
    }

    fn read_as_leader(self: &Arc<Self>, mut inbox: Inbox) -> Led {
        let mut answered = false;
        let mut sleepers = WakeMask::NONE;
        loop {
            let event = if answered {
                inbox.buffered()
            } else {
                match inbox.next(None, false) {
                    Next::Event(event) => Some(event),
                    Next::End => return Led::End,
                    Next::TimedOut | Next::Interrupted => None,
                }
            };
            let Some(event) = event else {
                answered = false;
                let (kept, watch) = self.reader.yield_to_callers(inbox);
                self.watch(watch);
                self.pending.wake(std::mem::take(&mut sleepers));
                match kept {
                    Some(kept) => inbox = kept,
                    None => return Led::Left,
                }
                continue;
            };
            match self.handle(event) {
                Handled::Done => {}
                Handled::WakeCaller(caller) => {
                    answered = true;
                    sleepers |= caller;
                }
                Handled::Start(delegate) => {
                    self.watch(self.reader.serve(inbox, self.began));
                    self.pending.wake(sleepers);
                    return Led::Serve(delegate);
                }
            }
        }
    }

    /// Reads until the reply of this caller has arrived or the deadline has passed. False if the connection
    /// ended.
    fn read_as_caller(
        self: &Arc<Self>,
        mut inbox: Inbox,
        slot: &ReplySlot,
        deadline: Option<Instant>,
        interruptible: bool,
    ) -> bool {
        let (mut in_time, mut ended) = (true, false);
        let mut sleepers = WakeMask::NONE;
        while !ended {
            let event = match inbox.buffered() {
                None if slot.is_done() || !in_time => break,
                None => {
                    self.pending.wake(std::mem::take(&mut sleepers));
                    match inbox.next(deadline, interruptible) {
                        Next::Event(event) => Some(event),
                        Next::Interrupted => None,
                        Next::TimedOut => {
                            in_time = false;
                            None
                        }
                        Next::End => {
                            ended = true;
                            None
                        }
                    }
                }
                found => found,
            };
            match event.map(|event| self.handle(event)) {
                Some(Handled::Start(delegate)) => {
                    self.reader.note_request();
                    self.spawn(|_| delegate());
                }
                Some(Handled::WakeCaller(caller)) => sleepers |= caller,
                Some(Handled::Done) | None => {}
            }
        }
        if ended {
            self.end();
        } else {
            self.watch(self.reader.release(inbox));
        }
        self.pending.wake(sleepers);
        !ended
    }

    fn handle(&self, event: Event) -> Handled {
        match event {
            Event::Request(delegate) => Handled::Start(delegate),
            Event::Reply(id) => {
                let failed = || Err(Error::new(Status::RemoteError, "it failed"));
                match self.pending.reply(id, failed) {
                    Replied::Call { caller: Some(caller), .. } => Handled::WakeCaller(caller),
                    Replied::Call { .. } | Replied::Late => Handled::Done,
                    Replied::NeverIssued => panic!("the peer replies only to calls"),
                }
            }
        }
    }

    /// Inspects the side like the monitor, until it is no longer needed.
    fn watch(self: &Arc<Self>, watch: Watch) {
        if !watch.0 || !self.monitored {
            return;
        }
        self.spawn(|side| loop {
            match side.reader.inspect(side.began + a_while()) {
                Inspection::Idle => return,
                Inspection::NeedsLeader => side.start_leader(),
                Inspection::Ok | Inspection::OkForTwoTicks => {}
            }
            thread::yield_now();
        });
    }

    /// Starts a thread that succeeds the leader, if one is available.
    fn start_leader(self: &Arc<Self>) {
        if perhaps() {
            return self.reader.succession_failed();
        }
        self.spawn(|side| {
            if let Some(term) = side.reader.succeed() {
                side.lead(term);
            }
        });
    }
}
