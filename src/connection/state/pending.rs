//! Calls that wait for their replies.
//!
//! A slot goes through one life per call, and ends in exactly one outcome, whichever comes first:
//!
//! ```text
//!            ┌── reply, error, lost connection ──> Done ── caller takes it ──> free
//! Waiting ───┤                 cancelled
//!            └── the deadline passes ────────────> Abandoned ── late reply, or the end ──> free
//! ```
//!
//! A cancelled or abandoned slot stays in the table, because its late reply returns the call's credit.

use std::time::Instant;

use crate::connection::state::context::Ancestry;
use crate::connection::state::id_map::QuickMap;
use crate::connection::state::outbox::Written;
use crate::error::{Error, Execution, Result, Status};
use crate::sync::atomic::{AtomicU64, Ordering};
use crate::sync::{Arc, EventCount, Mutex, WakeMask};
use crate::wire::Frame;

/// The position of a call none of whose bytes has an offset in the stream yet.
const NO_POSITION: u64 = u64::MAX;

/// How many slots are kept for reuse, so that a warm call allocates none.
const SPARE_SLOTS: usize = 64;

/// What a call returns with its reply, and what it is nested in.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cost {
    pub bytes: u64,
    /// How many calls it is nested in.
    pub depth: u32,
    /// Whether it uses the allowance for nested calls.
    pub nested: bool,
    pub ancestry: Option<Arc<Ancestry>>,
}

enum Stage {
    Waiting,
    Done(Result<Frame>),
    Abandoned,
}

struct SlotState {
    stage: Stage,
    promoted: bool,
    /// Whether the caller sleeps, or is about to, and must be woken.
    asleep: bool,
    /// The position of the call's frame, which determines the offset of its last byte in the stream.
    position: u64,
    /// Receives the outcome of a call that nobody waits for.
    on_done: Option<OnDone>,
}

/// Receives the outcome of a call that nobody waits for. Must not wait.
pub(crate) type OnDone = Box<dyn FnOnce(Result<Frame>) + Send>;

impl SlotState {
    const NEW: SlotState = SlotState {
        stage: Stage::Waiting,
        promoted: false,
        asleep: false,
        position: NO_POSITION,
        on_done: None,
    };

    /// What is known of a call without a reply while its connection continues.
    fn execution(&self) -> Execution {
        if self.position == NO_POSITION {
            Execution::NotRun
        } else {
            Execution::Unknown
        }
    }
}

/// Where the reply to one call is awaited.
pub(crate) struct ReplySlot {
    state: Mutex<SlotState>,
    /// Wakes the callers of the connection; this slot's caller by `wake_bit`.
    events: Arc<EventCount>,
    wake_bit: WakeMask,
}

/// Why [`ReplySlot::wait`] returned.
pub(crate) enum Woken {
    /// There is an outcome.
    Done,
    /// Nobody reads the connection: this caller must.
    Promoted,
    TimedOut,
}

impl ReplySlot {
    fn new(events: Arc<EventCount>, wake_bit: WakeMask) -> ReplySlot {
        ReplySlot { state: Mutex::new(SlotState::NEW), events, wake_bit }
    }

    fn renew(&mut self) {
        *self.state.get_mut() = SlotState::NEW;
    }

    /// Whether some of the call's bytes may have been sent.
    pub fn has_position(&self) -> bool {
        self.position().is_some()
    }

    /// The position of the call's frame, once it has one.
    pub fn position(&self) -> Option<u64> {
        Some(self.state.lock().position).filter(|&position| position != NO_POSITION)
    }

    /// Notes where the call's last byte will be in the stream, before any byte is sent. False if the call
    /// already has an outcome: then nothing may be sent.
    pub fn assign_position(&self, position: u64) -> bool {
        let mut state = self.state.lock();
        let waiting = matches!(state.stage, Stage::Waiting);
        if waiting {
            state.position = position;
        }
        waiting
    }

    /// Passes the outcome to a function, on the thread where it arrives, instead of keeping it. Call it
    /// before sending; the connection may already have ended the call.
    pub fn on_done(&self, done: OnDone) {
        let mut state = self.state.lock();
        match std::mem::replace(&mut state.stage, Stage::Abandoned) {
            Stage::Done(outcome) => {
                drop(state);
                done(outcome);
            }
            other => {
                state.stage = other;
                state.on_done = Some(done);
            }
        }
    }

    /// The caller no longer waits, because it cancelled or the deadline passed. False if there already was
    /// an outcome.
    pub fn cancel(&self, status: Status) -> bool {
        match self.settle(|state| Err(cancelled(status, state.execution()))) {
            Some(sleeper) => {
                self.events.notify(sleeper);
                true
            }
            None => false,
        }
    }

    /// Sets the outcome if there is none yet. Returns the bit to wake the caller by, if it sleeps.
    fn settle(&self, outcome: impl FnOnce(&SlotState) -> Result<Frame>) -> Option<WakeMask> {
        let mut state = self.state.lock();
        if !matches!(state.stage, Stage::Waiting) {
            return None;
        }
        let outcome = outcome(&state);
        match state.on_done.take() {
            Some(done) => {
                state.stage = Stage::Abandoned;
                drop(state);
                done(outcome);
                Some(WakeMask::NONE)
            }
            None => {
                state.stage = Stage::Done(outcome);
                Some(self.sleeper(&state))
            }
        }
    }

    fn sleeper(&self, state: &SlotState) -> WakeMask {
        if state.asleep {
            self.wake_bit
        } else {
            WakeMask::NONE
        }
    }

    /// Whether there is an outcome.
    pub fn is_done(&self) -> bool {
        matches!(self.state.lock().stage, Stage::Done(_))
    }

    /// Takes the outcome, or gives the call up as timed out: later replies are dropped.
    pub fn take_or_abandon(&self) -> Result<Frame> {
        let mut state = self.state.lock();
        match std::mem::replace(&mut state.stage, Stage::Abandoned) {
            Stage::Done(outcome) => outcome,
            Stage::Waiting | Stage::Abandoned => {
                Err(cancelled(Status::TimedOut, state.execution()))
            }
        }
    }

    /// Asks the waiting caller to read the connection. False if it no longer waits.
    pub fn promote(&self) -> bool {
        let mut state = self.state.lock();
        if !matches!(state.stage, Stage::Waiting) {
            return false;
        }
        state.promoted = true;
        let sleeper = self.sleeper(&state);
        drop(state);
        self.events.notify(sleeper);
        true
    }

    /// Waits for an outcome that is certain to come soon, because the connection is ending.
    pub fn wait_done(&self) -> Result<Frame> {
        loop {
            self.wait(None);
            let mut state = self.state.lock();
            match std::mem::replace(&mut state.stage, Stage::Abandoned) {
                Stage::Done(outcome) => return outcome,
                other => state.stage = other,
            }
        }
    }

    /// Waits for an outcome, for a promotion or for the deadline.
    pub fn wait(&self, deadline: Option<Instant>) -> Woken {
        let mut late = false;
        loop {
            let mut state = self.state.lock();
            state.asleep = false;
            if !matches!(state.stage, Stage::Waiting) {
                return Woken::Done;
            }
            if std::mem::take(&mut state.promoted) {
                return Woken::Promoted;
            }
            if late {
                return Woken::TimedOut;
            }
            state.asleep = true;
            let ticket = self.events.ticket();
            drop(state);
            late = self.events.sleep(ticket, self.wake_bit, deadline);
        }
    }
}

fn cancelled(status: Status, execution: Execution) -> Error {
    let message = match status {
        Status::Cancelled => "the call was cancelled by its caller",
        _ => "the deadline passed before the reply came",
    };
    Error::new(status, message).of_call(execution)
}

type Calls = QuickMap<u64, (Arc<ReplySlot>, Cost)>;

struct Table {
    calls: Calls,
    spare: Vec<Arc<ReplySlot>>,
    /// The number of slots made, which determines the bit of the next one.
    made: usize,
    /// The number of calls that have had slots.
    opened: u64,
    /// Why no more calls are accepted.
    ended: Option<Error>,
}

/// What the id of a reply refers to.
#[derive(Debug)]
pub(crate) enum Replied {
    /// A call of ours, with what it returns. `caller` is the bit to wake its caller by, if it sleeps.
    Call { cost: Cost, caller: Option<WakeMask> },
    /// A call that already had its reply.
    Late,
    /// No call of ours: a violation by the peer.
    NeverIssued,
}

/// All calls of one connection that wait for replies.
pub(crate) struct Pending {
    table: Mutex<Table>,
    next_id: AtomicU64,
    events: Arc<EventCount>,
}

impl Pending {
    pub fn new() -> Pending {
        let calls = Calls::default();
        let table = Table { calls, spare: Vec::new(), made: 0, opened: 0, ended: None };
        Pending { table: Mutex::new(table), next_id: AtomicU64::new(1), events: Arc::default() }
    }

    /// Issues an id for a new call.
    pub fn issue(&self) -> u64 {
        self.next_id.fetch_add(1, Ordering::Relaxed)
    }

    /// Makes the slot for the call with this id, before any of its bytes is sent.
    pub fn open(&self, id: u64, cost: Cost) -> Result<Arc<ReplySlot>> {
        let mut table = self.table.lock();
        if let Some(reason) = &table.ended {
            return Err(reason.clone().of_call(Execution::NotRun));
        }
        let slot = table.spare.pop().unwrap_or_else(|| {
            let wake_bit = WakeMask::of(table.made);
            table.made += 1;
            Arc::new(ReplySlot::new(self.events.clone(), wake_bit))
        });
        table.calls.insert(id, (slot.clone(), cost));
        table.opened += 1;
        Ok(slot)
    }

    /// Removes a call of which nothing has been sent.
    pub fn cancel(&self, id: u64) -> Option<Cost> {
        self.table.lock().calls.remove(&id).map(|(_, cost)| cost)
    }

    /// Sets the reply to the call with this id. Does not wake the caller: see [`Pending::wake`].
    pub fn reply(&self, id: u64, outcome: impl FnOnce() -> Result<Frame>) -> Replied {
        let mut table = self.table.lock();
        let Some((slot, cost)) = table.calls.remove(&id) else {
            return if self.was_issued(id) { Replied::Late } else { Replied::NeverIssued };
        };
        drop(table);
        let outcome = outcome();
        Replied::Call { cost, caller: slot.settle(|_| outcome) }
    }

    /// Wakes callers that have their replies, all in one system call.
    pub fn wake(&self, callers: WakeMask) {
        self.events.notify(callers);
    }

    /// The depth and the cause of a call nested in `parent`, a call of ours; `None` if that awaits no reply.
    pub fn within(&self, parent: u64) -> Option<(u32, Option<Arc<Ancestry>>)> {
        let table = self.table.lock();
        table.calls.get(&parent).map(|(_, cost)| (cost.depth + 1, cost.ancestry.clone()))
    }

    /// Whether this is the id of a call of ours, with or without a reply.
    pub fn was_issued(&self, id: u64) -> bool {
        (1..self.next_id.load(Ordering::Relaxed)).contains(&id)
    }

    /// Whether any call has no reply yet, given up or not.
    pub fn awaits_replies(&self) -> bool {
        !self.table.lock().calls.is_empty()
    }

    /// How many calls there were, and how many of them have no reply yet.
    pub fn counts(&self) -> (u64, u64) {
        let table = self.table.lock();
        (table.opened, table.calls.len() as u64)
    }

    /// Whether any caller still waits for its reply.
    pub fn has_waiting(&self) -> bool {
        let waits = |slot: &ReplySlot| matches!(slot.state.lock().stage, Stage::Waiting);
        self.table.lock().calls.values().any(|(slot, _)| waits(slot))
    }

    /// Keeps a slot for the next call, if nothing else refers to it.
    pub fn recycle(&self, mut slot: Arc<ReplySlot>) {
        if let Some(alone) = Arc::get_mut(&mut slot) {
            alone.renew();
            let mut table = self.table.lock();
            if table.spare.len() < SPARE_SLOTS {
                table.spare.push(slot);
            }
        }
    }

    /// Ends all calls with `reason`. Those whose last byte was handed to the operating system may have run.
    pub fn end(&self, reason: &Error, written: &Written) {
        let mut table = self.table.lock();
        table.ended.get_or_insert_with(|| reason.clone());
        let calls = std::mem::take(&mut table.calls);
        drop(table);
        let mut callers = WakeMask::NONE;
        for (slot, _) in calls.into_values() {
            let ended = slot.settle(|state| {
                let left = written.covers(state.position);
                let execution = if left { Execution::Unknown } else { Execution::NotRun };
                Err(reason.clone().of_call(execution))
            });
            callers |= ended.unwrap_or(WakeMask::NONE);
        }
        self.wake(callers);
    }
}

#[cfg(test)]
mod tests;
