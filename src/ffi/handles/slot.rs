//! A slot of the handle table: holds the object of one handle at a time, without a lock.
//!
//! One word holds the generation, whether the handle is live or was freed while in use, and the number of
//! users. Each user adds itself first and then checks whether the handle was live, so using a handle costs
//! one atomic operation to enter and one to leave:
//!
//! ```text
//! empty ── fill ──> live ── end, in use by others ──> ending ── the last user leaves ──> empty
//!                    └───── end, by its only user ────────────────────────────────────────┘
//! ```
//!
//! Users of an invalid handle come and go in every state; they never touch the object.

use std::any::{Any, TypeId};
use std::cell::UnsafeCell;

use super::bits::GENERATION_BITS;
use crate::process::Process;
use crate::sync::atomic::{AtomicUsize, Ordering};
use crate::sync::Arc;

const ENDING: usize = 1 << (usize::BITS - GENERATION_BITS - 1);
const LIVE: usize = ENDING >> 1;
/// The most users of a slot: more than a process can have threads.
const USERS: usize = LIVE - 1;
const GENERATION: u32 = usize::BITS - GENERATION_BITS;

/// The object of a live handle.
pub(super) struct Live {
    pub(super) kind: &'static str,
    pub(super) object_type: TypeId,
    pub(super) object: Arc<dyn Any + Send + Sync>,
}

/// Alone on its cache line, since every look-up writes to it.
#[repr(align(64))]
pub(super) struct Slot {
    pub(super) number: u32,
    pub(super) process: Process,
    state: AtomicUsize,
    live: UnsafeCell<Option<Live>>,
}

#[cfg(all(target_pointer_width = "64", not(callgate_shuttle)))]
const _: () = assert!(size_of::<Slot>() == 64);

// SAFETY: `live` is written only by the thread that fills or empties the slot, and read only by users who
// found it live, between the two: see each place.
unsafe impl Sync for Slot {}

impl Slot {
    pub(super) fn new(number: u32, process: Process) -> Slot {
        Slot { number, process, state: AtomicUsize::new(0), live: UnsafeCell::new(None) }
    }

    /// Makes the slot live; returns the generation of the new handle.
    ///
    /// # Safety
    /// The slot is empty, and no other thread fills it.
    pub(super) unsafe fn fill(&self, live: Live) -> usize {
        // SAFETY: nobody reads an empty slot, and the caller is the only one to fill it.
        unsafe { *self.live.get() = Some(live) };
        let before = self.state.fetch_add((1 << GENERATION) + LIVE, Ordering::Release);
        (before >> GENERATION) + 1
    }

    /// Begins a use, which must be ended with [`Slot::leave`] or [`Slot::end`] whatever it returns. Returns
    /// the object of the handle of that generation, if it is live, and whether this is its only user. The
    /// object stays until the use ends.
    #[inline]
    pub(super) fn enter(&self, generation: usize) -> Option<(&Live, bool)> {
        let before = self.state.fetch_add(1, Ordering::Acquire);
        if before & !USERS != (generation << GENERATION) | LIVE {
            return None;
        }
        // SAFETY: it was live, and is not emptied before this user and all others have left.
        let live = unsafe { (*self.live.get()).as_ref() };
        live.map(|live| (live, before & USERS == 0))
    }

    /// Ends a use. Returns the object if the handle was freed and this was its last user: then the slot is
    /// empty, and belongs to the caller.
    #[inline]
    pub(super) fn leave(&self) -> Option<Live> {
        let after = self.state.fetch_sub(1, Ordering::Release) - 1;
        if after & (ENDING | USERS) != ENDING {
            return None;
        }
        // Other users may have come and gone since; the first to get here empties the slot.
        let empty = after - ENDING;
        let emptied =
            self.state.compare_exchange(after, empty, Ordering::Acquire, Ordering::Relaxed);
        // SAFETY: this thread emptied the slot, and everybody who read it has left.
        emptied.ok().and_then(|_| unsafe { (*self.live.get()).take() })
    }

    /// Frees the handle, which the caller is using, and ends that use.
    pub(super) fn end(&self) -> Ended {
        let mut state = self.state.load(Ordering::Relaxed);
        while state & LIVE != 0 {
            let alone = state & USERS == 1;
            let next = if alone { state - LIVE } else { state - LIVE + ENDING } - 1;
            match self.state.compare_exchange_weak(state, next, Ordering::AcqRel, Ordering::Relaxed)
            {
                // SAFETY: as in `leave`.
                Ok(_) if alone => return Ended::Empty(unsafe { (*self.live.get()).take() }),
                Ok(_) => return Ended::InUse,
                Err(changed) => state = changed,
            }
        }
        Ended::Before
    }

    /// The generation of its newest handle.
    pub(super) fn generation(&self) -> usize {
        self.state.load(Ordering::Relaxed) >> GENERATION
    }

    #[cfg(test)]
    pub(super) fn set_generation(&self, generation: usize) {
        self.state.store(generation << GENERATION, Ordering::Relaxed);
    }
}

/// The result of [`Slot::end`].
pub(super) enum Ended {
    /// The slot is empty, and belongs to the caller.
    Empty(Option<Live>),
    /// The slot's last user will empty it.
    InUse,
    /// Another thread freed the handle first; the use continues.
    Before,
}
