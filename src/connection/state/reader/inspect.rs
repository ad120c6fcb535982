//! What an inspection of a connection finds, once a tick: whether some thread reads, and whether calls wait
//! behind a long one.

use std::mem;
use std::time::{Duration, Instant};

use super::{Inspector, Leader, ReaderRole, State};

/// With at least this many turns since the last inspection, calls are so quick that the next inspection may
/// skip a tick: a long call among them is noticed after two and a half ticks at most, and is rare.
const QUICK_TURNS: u64 = 64;

/// With at most this many turns, about one call per tick, it may skip a tick too: there is hardly anyone
/// for a long call to delay, and waking for an inspection costs as much as a call.
const FEW_TURNS: u64 = 2;

/// A call that has run for this long at a tick counts as long: another thread reads on.
const LONG: Duration = Duration::from_micros(400);

/// A connection is no longer inspected after this many ticks without a change.
const QUIET_TICKS: u32 = 10;

/// What an inspection calls for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Inspection {
    /// Nothing: the inbox is in good hands.
    Ok,
    /// Nothing, and the next inspection may skip a tick.
    OkForTwoTicks,
    /// A thread that calls [`ReaderRole::succeed`]: the leader has served for a whole tick.
    NeedsLeader,
    /// No more inspections until [`Watch`](super::Watch) asks for them.
    Idle,
}

impl<I> ReaderRole<I> {
    /// Makes sure that some thread reads, because this one is about to wait for something else.
    pub fn ensure_reader(&self) -> Inspection {
        let mut state = self.state.lock();
        if state.inbox.is_none() || state.ended {
            return Inspection::Ok;
        }
        self.find_reader(&mut state)
    }

    fn find_reader(&self, state: &mut State<I>) -> Inspection {
        match &mut state.leader {
            Leader::Serving { successor_called, .. } => {
                if !mem::replace(successor_called, true) {
                    return Inspection::NeedsLeader;
                }
            }
            Leader::Reading | Leader::Away { .. } => self.recall(state),
        }
        Inspection::Ok
    }

    /// Called once per tick: reports a leader stuck in a long call, or an inbox that nobody has read for a
    /// whole tick.
    pub fn inspect(&self, now: Instant) -> Inspection {
        let mut state = self.state.lock();
        let long = match state.leader {
            Leader::Serving { since: Some(since), .. } => {
                now.saturating_duration_since(since) >= LONG
            }
            _ => false,
        };
        let unread = long && state.inbox.is_some();
        self.find(&mut state, unread)
    }

    pub(super) fn find(&self, state: &mut State<I>, unread_for_long: bool) -> Inspection {
        if state.ended {
            return Inspection::Idle;
        }
        let turns = state.turns - state.inspected_turns;
        if turns > 0 && !unread_for_long {
            state.inspected_turns = state.turns;
            state.quiet_ticks = 0;
            let calm = turns >= QUICK_TURNS || (turns <= FEW_TURNS && !state.leader.is_serving());
            return if calm { Inspection::OkForTwoTicks } else { Inspection::Ok };
        }
        state.quiet_ticks = state.quiet_ticks.saturating_add(1);
        if state.inbox.is_some() {
            return self.find_reader(state);
        }
        if state.quiet_ticks < QUIET_TICKS {
            return Inspection::Ok;
        }
        state.near = 0;
        state.inspector = Inspector::Nobody;
        Inspection::Idle
    }
}
