//! Which inbound call may start, and which has to wait.
//!
//! A root call takes one of a few running slots; a nested one, made within a call that waits for
//! it, must not queue behind its own ancestor and has an allowance of its own. Within a lane a
//! one-way call holds back what was sent after it.

use std::collections::{HashMap, VecDeque};

use crate::connection::inbound::Inbound;
use crate::error::{Error, Status};
use crate::limits::Limits;

/// What becomes of a call that has arrived.
pub(crate) enum Admission {
    /// It runs now.
    Start(Inbound),
    /// It waits for others.
    Queued,
    /// It cannot run.
    Refused(Inbound, Error),
}

/// The inbound calls of one connection that run or wait.
pub(crate) struct Schedule {
    most_roots: usize,
    most_nested: usize,
    deepest: u32,
    roots: usize,
    nested: usize,
    /// Root calls that wait for a running slot.
    queue: VecDeque<Inbound>,
    /// What waits behind the one-way call that each of these lanes has running or queued.
    lanes: HashMap<u64, VecDeque<Inbound>>,
    /// Calls that may start now.
    ready: VecDeque<Inbound>,
    ended: bool,
}

impl Schedule {
    pub fn new(limits: &Limits) -> Schedule {
        Schedule {
            most_roots: limits.running_calls,
            most_nested: limits.nested_calls,
            deepest: limits.nesting_depth as u32,
            roots: 0,
            nested: 0,
            queue: VecDeque::new(),
            lanes: HashMap::new(),
            ready: VecDeque::new(),
            ended: false,
        }
    }

    /// A call has arrived.
    pub fn arrive(&mut self, mut call: Inbound) -> Admission {
        if self.ended {
            return Admission::Refused(
                call,
                Error::new(Status::Closed, "the connection is closing"),
            );
        }
        if call.depth > self.deepest {
            let message = format!("calls within calls are more than {} deep", self.deepest);
            return Admission::Refused(call, Error::new(Status::LimitExceeded, message));
        }
        if call.is_nested() && self.nested >= self.most_nested {
            let message = format!("{} nested calls run already", self.most_nested);
            return Admission::Refused(call, Error::new(Status::LimitExceeded, message));
        }
        if !self.lanes.is_empty() {
            if let Some(behind) = self.lanes.get_mut(&call.lane) {
                call.compact();
                behind.push_back(call);
                return Admission::Queued;
            }
        }
        if call.is_one_way() {
            self.lanes.insert(call.lane, VecDeque::new());
        }
        match self.admit(call) {
            Some(call) => Admission::Start(call),
            None => Admission::Queued,
        }
    }

    /// Gives a call a slot, or queues it.
    fn admit(&mut self, mut call: Inbound) -> Option<Inbound> {
        if call.is_nested() && self.nested < self.most_nested {
            self.nested += 1;
            return Some(call);
        }
        // One that waited for its lane until no nested call was allowed any more counts as a root.
        call.parent = None;
        if self.roots < self.most_roots && self.queue.is_empty() {
            self.roots += 1;
            return Some(call);
        }
        call.compact();
        self.queue.push_back(call);
        None
    }

    /// A call that had started has returned; others may be [`Schedule::ready`] now.
    pub fn finish(&mut self, done: &Finished) {
        if done.nested {
            self.nested -= 1;
        } else {
            self.roots -= 1;
        }
        if done.one_way {
            self.advance_lane(done.lane);
        }
        while self.roots < self.most_roots {
            let Some(next) = self.queue.pop_front() else {
                break;
            };
            self.roots += 1;
            self.ready.push_back(next);
        }
    }

    /// Lets go what waited behind a lane's one-way call, up to the next one-way call.
    fn advance_lane(&mut self, lane: u64) {
        loop {
            let next = self.lanes.get_mut(&lane).and_then(VecDeque::pop_front);
            let Some(call) = next else {
                self.lanes.remove(&lane);
                return;
            };
            let holds = call.is_one_way();
            if let Some(call) = self.admit(call) {
                self.ready.push_back(call);
            }
            if holds {
                return;
            }
        }
    }

    /// A call that may start now.
    pub fn ready(&mut self) -> Option<Inbound> {
        self.ready.pop_front()
    }

    /// Whether nothing runs or waits to run.
    pub fn is_idle(&self) -> bool {
        self.roots == 0 && self.nested == 0 && self.queue.is_empty() && self.lanes.is_empty()
    }

    /// Starts no more calls; returns those that have not started.
    pub fn end(&mut self) -> Vec<Inbound> {
        self.ended = true;
        let mut left: Vec<Inbound> = self.ready.drain(..).collect();
        // Ready calls hold a slot already.
        for call in &left {
            if call.is_nested() {
                self.nested -= 1;
            } else {
                self.roots -= 1;
            }
        }
        left.extend(self.queue.drain(..));
        left.extend(self.lanes.drain().flat_map(|(_, behind)| behind));
        left
    }
}

/// What the schedule must know of a call that has returned.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Finished {
    pub lane: u64,
    pub nested: bool,
    pub one_way: bool,
}

impl Finished {
    /// What to tell of that call when it has returned.
    pub fn of(call: &Inbound) -> Finished {
        Finished { lane: call.lane, nested: call.is_nested(), one_way: call.is_one_way() }
    }
}
