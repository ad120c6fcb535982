//! The states of a sending side: whether a thread writes, whether frames are accepted, and whether ticks
//! come.
//!
//! The queue's flags are no states of theirs, since every combination occurs: a connection that is used in
//! both directions corks replies and its next call at the same time, a flush may be on its way while a
//! thread writes, and whatever is queued may be urgent or not.

use std::mem;

use crate::connection::state::outbox::{AfterSend, Order};
use crate::error::Error;
use crate::transport::Transmit;

/// Which thread has the transmitting half.
///
/// ```text
///        a thread takes the half          it has waited for room for a while
///  Idle ────────────────────────> Writing ──────────────────────────────────> Stalled
///  │ ^                             │   ^                                        │
///  │ └───── it gives it back ──────┘   └────────── its write has ended ─────────┘
///  └──> Ended
/// ```
pub(super) enum Writer {
    /// None: the half is here.
    Idle(Box<dyn Transmit>),
    /// One that will give the half back soon.
    Writing,
    /// One that may wait for long.
    Stalled,
    /// None: the stream has ended, and the half was dropped.
    Ended,
}

impl Writer {
    pub fn is_idle(&self) -> bool {
        matches!(self, Writer::Idle(_))
    }

    /// Whether a thread has the half.
    pub fn is_busy(&self) -> bool {
        matches!(self, Writer::Writing | Writer::Stalled)
    }

    /// Takes the half, if it is here.
    #[inline]
    pub fn take_half(&mut self) -> Option<Box<dyn Transmit>> {
        match mem::replace(self, Writer::Writing) {
            Writer::Idle(half) => Some(half),
            other => {
                *self = other;
                None
            }
        }
    }

    /// The writing thread may wait for long.
    pub fn note_stalled(&mut self) {
        *self = Writer::Stalled;
    }

    /// A write has ended; the thread still has the half.
    #[inline]
    pub fn note_written(&mut self) {
        if let Writer::Stalled = self {
            *self = Writer::Writing;
        }
    }
}

/// Whether frames are accepted.
///
/// ```text
///  Open ────> NoCalls ────> Closed ────> Ended
/// ```
///
/// Each may follow any before it.
pub(super) enum Gate {
    Open,
    /// No calls and one-way calls, since the peer has said goodbye.
    NoCalls(Error),
    /// No more, but those before may still leave.
    Closed(Error),
    /// No more, and none leaves.
    Ended(Error),
}

impl Gate {
    /// Why a frame of this order is not accepted, if so.
    #[inline]
    pub fn refuses(&self, order: Order) -> Option<&Error> {
        match self {
            Gate::Open => None,
            Gate::NoCalls(reason) => matches!(order, Order::Lane(_)).then_some(reason),
            Gate::Closed(reason) | Gate::Ended(reason) => Some(reason),
        }
    }

    pub fn has_ended(&self) -> bool {
        matches!(self, Gate::Ended(_))
    }

    pub fn refuse_calls(&mut self, reason: &Error) {
        if let Gate::Open = self {
            *self = Gate::NoCalls(reason.clone());
        }
    }

    pub fn close(&mut self, reason: &Error) {
        if let Gate::Open | Gate::NoCalls(_) = self {
            *self = Gate::Closed(reason.clone());
        }
    }

    pub fn end(&mut self, reason: &Error) {
        if !self.has_ended() {
            *self = Gate::Ended(reason.clone());
        }
    }
}

/// Ticks stop after this many with nothing held back.
const QUIET_TICKS: u32 = 10;

/// Whether something that is held back is written by a tick.
///
/// ```text
///         something is held back
///  Off ─────────────────────────────> Coming
///   ^                                   │
///   └─ nothing was held for long, or ───┘
///      nobody ticks
/// ```
pub(super) enum Ticks {
    Off,
    Coming {
        /// How many of the last ones have found nothing held back.
        quiet: u32,
    },
}

impl Ticks {
    /// Requests ticks, because something is held back.
    pub fn ask(&mut self) -> AfterSend {
        match self {
            Ticks::Coming { .. } => AfterSend::Done,
            Ticks::Off => {
                *self = Ticks::Coming { quiet: 0 };
                AfterSend::Held
            }
        }
    }

    /// Handles a tick, which has found something held back or not. False if no more are needed.
    pub fn tick(&mut self, held: bool) -> bool {
        let quiet = match self {
            Ticks::Coming { quiet } if !held => *quiet + 1,
            _ => u32::from(!held),
        };
        let again = quiet < QUIET_TICKS;
        *self = if again { Ticks::Coming { quiet } } else { Ticks::Off };
        again
    }
}
