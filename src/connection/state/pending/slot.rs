//! Where the reply to one call is awaited.
//!
//! A slot goes through one life per call, and ends in exactly one outcome, whichever comes first:
//!
//! ```text
//!            ┌── reply, error, lost connection ──> Done ── caller takes it ──> free
//! Waiting ───┤                 cancelled
//!            └── the deadline passes ────────────> Abandoned ── late reply, or the end ──> free
//! ```

use std::time::Instant;

use crate::error::{Error, Execution, Result, Status};
use crate::sync::{Arc, EventCount, Mutex, WakeMask};
use crate::wire::Frame;

/// The position of a call none of whose bytes has an offset in the stream yet.
const NO_POSITION: u64 = u64::MAX;

enum Stage {
    Waiting,
    Done(Result<Frame>),
    Abandoned,
}

pub(super) struct SlotState {
    stage: Stage,
    promoted: bool,
    /// Whether the caller sleeps, or is about to, and must be woken.
    asleep: bool,
    /// The position of the call's frame, which determines the offset of its last byte in the stream.
    pub(super) position: u64,
    /// Receives the outcome of a call that nobody waits for.
    on_done: Option<OnDone>,
}

/// Receives the outcome of a call that nobody waits for. Must not wait.
type OnDone = Box<dyn FnOnce(Result<Frame>) + Send>;

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
    pub(super) fn new(events: Arc<EventCount>, wake_bit: WakeMask) -> ReplySlot {
        ReplySlot { state: Mutex::new(SlotState::NEW), events, wake_bit }
    }

    pub(super) fn renew(&mut self) {
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
    pub(super) fn settle(
        &self,
        outcome: impl FnOnce(&SlotState) -> Result<Frame>,
    ) -> Option<WakeMask> {
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

    /// Whether a caller still waits.
    pub(super) fn is_waiting(&self) -> bool {
        matches!(self.state.lock().stage, Stage::Waiting)
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
