//! The bits of a handle.

use super::NoHandle;
use crate::process::Process;

/// Bits for the slot: a million slots on 32-bit machines, sixteen million elsewhere.
pub(super) const SLOT_BITS: u32 = if usize::BITS == 32 { 20 } else { 24 };
/// Bits for the process. After this many generations of forks the number repeats: a token of an early
/// ancestor is then taken for one of this process, and almost certainly found to be stale.
const PROCESS_BITS: u32 = if usize::BITS == 32 { 2 } else { 8 };
/// Bits for the generation: the rest of a token.
pub(super) const GENERATION_BITS: u32 = usize::BITS - SLOT_BITS - PROCESS_BITS;
/// The last generation of a slot, which is then retired.
pub(super) const LAST_GENERATION: usize = usize::MAX >> (SLOT_BITS + PROCESS_BITS);

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct HandleBits {
    pub(super) generation: usize,
    process: usize,
    pub(super) slot: usize,
}

impl HandleBits {
    pub(super) fn new(generation: usize, process: Process, slot: usize) -> HandleBits {
        HandleBits { generation, process: number(process), slot }
    }

    #[inline]
    pub(super) fn unpack(bits: usize) -> HandleBits {
        HandleBits {
            slot: bits & ((1 << SLOT_BITS) - 1),
            process: (bits >> SLOT_BITS) & ((1 << PROCESS_BITS) - 1),
            generation: bits >> (SLOT_BITS + PROCESS_BITS),
        }
    }

    /// Never 0, which would be NULL: generations begin at 1.
    pub(super) fn pack(self) -> usize {
        (self.generation << (SLOT_BITS + PROCESS_BITS)) | (self.process << SLOT_BITS) | self.slot
    }

    /// Refuses a handle of a process other than `now`.
    #[inline]
    pub(super) fn check(self, now: Process) -> Result<HandleBits, NoHandle> {
        let now = number(now);
        // Generations begin at 1: a token with generation 0 never was a handle.
        if self.process == now || self.generation == 0 {
            return Ok(self);
        }
        Err(if self.process < now { NoHandle::Gone } else { NoHandle::Unknown })
    }
}

/// The process number stored in tokens.
fn number(process: Process) -> usize {
    process.generation() as usize & ((1 << PROCESS_BITS) - 1)
}
