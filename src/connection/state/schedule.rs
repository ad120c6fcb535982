//! Which inbound calls may start, and which must wait.
//!
//! A root call takes one of a few running slots. A nested call, made on behalf of a call that waits for it,
//! must not queue behind its own ancestor, and has an allowance of its own. A one-way call holds back what
//! was sent after it in the same lane and with the same parent. A call to an ordered interface holds back
//! all later ones to that interface, except those nested in it. So nothing ever waits for an ancestor, or
//! for something that an ancestor waits behind.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};

use crate::connection::state::inbound::Inbound;
use crate::error::{Error, Status};
use crate::limits::Limits;

/// What becomes of a call that has arrived.
pub(crate) enum Admission {
    /// It may start now.
    Start,
    /// It must wait for others: [`Schedule::enqueue`] it.
    Wait,
    /// It cannot run.
    Refused(Error),
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
    /// What waits behind the call that holds each of these lanes. The holder, a one-way call or a call to
    /// an ordered interface, runs or is queued.
    lanes: HashMap<Lane, Held>,
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

    /// Handles the arrival of a call, which stays where it is, since moving it takes longer than this.
    pub fn arrive(&mut self, call: &mut Inbound) -> Admission {
        if self.ended {
            let error = Error::new(Status::Closed, "the connection is closing");
            return Admission::Refused(error);
        }
        if call.is_nested() {
            if let Some(error) = self.refuses_nested(call) {
                return Admission::Refused(error);
            }
        }
        // Most calls find no lane held, and hold none.
        if !self.lanes.is_empty() || call.holds_lane() {
            if self.runs_within_holder(call) {
                // A call never queues behind its own ancestor; only its siblings come before it.
                call.ordered = None;
            }
            match self.lanes.entry(Lane::of(call)) {
                Entry::Occupied(_) => return Admission::Wait,
                Entry::Vacant(free) if call.holds_lane() => {
                    free.insert(Held { holder: call.scope_id, behind: VecDeque::new() });
                }
                Entry::Vacant(_) => {}
            }
        }
        match self.admit(call) {
            true => Admission::Start,
            false => Admission::Wait,
        }
    }

    /// Keeps a call that has arrived and must wait: behind the holder of its lane, or for a running slot.
    pub fn enqueue(&mut self, mut call: Inbound) {
        call.compact();
        match self.lanes.get_mut(&Lane::of(&call)) {
            Some(held) if held.holder != call.scope_id => held.behind.push_back(call),
            _ => self.queue.push_back(call),
        }
    }

    fn refuses_nested(&self, call: &Inbound) -> Option<Error> {
        if call.depth > self.deepest {
            let message = format!("calls are nested more than {} deep", self.deepest);
            return Some(Error::new(Status::LimitExceeded, message));
        }
        (self.nested >= self.most_nested).then(|| self.too_many_nested())
    }

    /// Whether it is nested in the call that holds the interface that it calls.
    fn runs_within_holder(&self, call: &Inbound) -> bool {
        call.ordered.is_some()
            && self.lanes.get(&Lane::of(call)).is_some_and(|held| call.is_caused_by(held.holder))
    }

    /// Gives a call a slot; false if it must queue for one. A nested call, for which there must be room, does
    /// not wait for a slot, since its ancestor may hold it.
    fn admit(&mut self, call: &mut Inbound) -> bool {
        if call.is_nested() {
            self.nested += 1;
            call.runs_as = RunsAs::Nested;
            return true;
        }
        // Nested calls may wait behind a call to an ordered interface, so that call must not wait for a
        // slot. At most one for each such interface exceeds the limit.
        let free =
            call.ordered.is_some() || (self.roots < self.most_roots && self.queue.is_empty());
        if free {
            self.roots += 1;
            call.runs_as = RunsAs::Root;
        }
        free
    }

    /// Why a nested call gets no slot.
    pub fn too_many_nested(&self) -> Error {
        let message = format!("{} nested calls are already running", self.most_nested);
        Error::new(Status::LimitExceeded, message)
    }

    fn free(&mut self, runs_as: RunsAs) {
        match runs_as {
            RunsAs::Nothing => {}
            RunsAs::Root => self.roots -= 1,
            RunsAs::Nested => self.nested -= 1,
        }
    }

    /// Handles the return of a call that had started; others may be [`Schedule::ready`] now. Returns nested
    /// calls that waited for their lane, and that are refused since [too many](Schedule::too_many_nested)
    /// run.
    #[must_use]
    pub fn finish(&mut self, done: &Finished) -> Vec<Inbound> {
        self.free(done.runs_as);
        let refused = match done.holds {
            Some(lane) => self.advance_lane(lane, done.scope_id),
            None => Vec::new(),
        };
        while self.roots < self.most_roots {
            let Some(mut next) = self.queue.pop_front() else {
                break;
            };
            self.roots += 1;
            next.runs_as = RunsAs::Root;
            self.ready.push_back(next);
        }
        refused
    }

    /// The next one-way call of the lane that a one-way call held until now. It takes over the lane and the
    /// slot, to run on the same thread, unless others wait for a slot.
    pub fn follow(&mut self, done: &Finished) -> Option<Inbound> {
        let takes_over = done.one_way && done.runs_as == RunsAs::Root && self.queue.is_empty();
        let lane = done.holds.filter(|_| takes_over)?;
        let held = self.lanes.get_mut(&lane).filter(|held| held.holder == done.scope_id)?;
        held.behind.front().filter(|next| next.is_one_way() && !next.is_nested())?;
        let mut next = held.behind.pop_front()?;
        held.holder = next.scope_id;
        next.runs_as = done.runs_as;
        Some(next)
    }

    /// Releases what waited behind the call that held a lane, up to the next call that holds it. Returns the
    /// nested calls for which there is no room.
    fn advance_lane(&mut self, lane: Lane, holder: u64) -> Vec<Inbound> {
        let mut refused = Vec::new();
        while let Some(held) = self.lanes.get_mut(&lane).filter(|held| held.holder == holder) {
            let Some(mut call) = held.behind.pop_front() else {
                self.lanes.remove(&lane);
                return refused;
            };
            if call.is_nested() && self.nested >= self.most_nested {
                refused.push(call);
                continue;
            }
            if call.holds_lane() {
                held.holder = call.scope_id;
            }
            if self.admit(&mut call) {
                self.ready.push_back(call);
            } else {
                self.queue.push_back(call);
            }
        }
        refused
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
        for call in &left {
            self.free(call.runs_as);
        }
        left.extend(self.queue.drain(..));
        let mut lanes: Vec<_> = self.lanes.drain().collect();
        lanes.sort_unstable_by_key(|(lane, _)| *lane);
        left.extend(lanes.into_iter().flat_map(|(_, held)| held.behind));
        left
    }
}

/// Which allowance a running call uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RunsAs {
    /// None: it was not admitted.
    Nothing,
    Root,
    Nested,
}

/// What keeps calls in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Lane {
    /// One sending thread on one proxy, as the peer numbers them, within one parent call.
    Sender { lane: u64, parent: Option<u64> },
    /// All calls to an ordered interface, as the owner numbers them.
    Ordered(usize),
}

impl Lane {
    fn of(call: &Inbound) -> Lane {
        let sender = Lane::Sender { lane: call.lane, parent: call.parent };
        call.ordered.map_or(sender, Lane::Ordered)
    }
}

/// A lane with a call that must finish before others of the lane start.
struct Held {
    holder: u64,
    behind: VecDeque<Inbound>,
}

/// What the schedule must know about a call that has returned.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Finished {
    pub one_way: bool,
    runs_as: RunsAs,
    /// The lane that it may have held.
    holds: Option<Lane>,
    scope_id: u64,
}

impl Finished {
    /// What [`Schedule::finish`] will need when the call has returned.
    pub fn of(call: &Inbound) -> Finished {
        Finished {
            one_way: call.is_one_way(),
            runs_as: call.runs_as,
            holds: call.holds_lane().then(|| Lane::of(call)),
            scope_id: call.scope_id,
        }
    }
}
