//! Calls that wait for their replies.
//!
//! A cancelled or abandoned slot stays in the table, because its late reply returns the call's credit.

mod slot;

use crate::connection::state::context::Ancestry;
use crate::connection::state::id_map::QuickMap;
use crate::connection::state::outbox::Written;
use crate::error::{Error, Execution, Result};
use crate::sync::atomic::{AtomicU64, Ordering};
use crate::sync::{Arc, EventCount, Mutex, WakeMask};
use crate::wire::Frame;

pub(crate) use slot::{ReplySlot, Woken};

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
        self.table.lock().calls.values().any(|(slot, _)| slot.is_waiting())
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
