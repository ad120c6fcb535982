//! The slots of a process, and which of them are free.
//!
//! Slots are allocated in chunks and never move. Each thread keeps a few free ones, so making and freeing a
//! handle takes no lock; it fetches and returns them in batches.
//!
//! A forked child has a table of its own, since the locks of its parent's may be held for ever. So has, on Windows,
//! what is left of a process that exits.

use std::cell::RefCell;
use std::sync::atomic::{AtomicPtr, Ordering};

use super::bits::{LAST_GENERATION, SLOT_BITS};
use super::full;
use super::slot::Slot;
use crate::process::Process;
use crate::sync::Mutex;
use crate::Result;

/// The size of the first chunk; each chunk is twice as large as the one before.
const FIRST_CHUNK: usize = 64;
const CHUNKS: usize = (SLOT_BITS - FIRST_CHUNK.trailing_zeros()) as usize;
/// How many free slots a thread fetches at once; it keeps at most twice as many.
const HANDFUL: usize = 16;

/// The handles of one process.
pub(super) struct Table {
    pub(super) process: Process,
    /// The first slot of each chunk, or null; written with `free` locked.
    chunks: [AtomicPtr<Slot>; CHUNKS],
    free: Mutex<Free>,
}

/// Free slots that no thread keeps.
#[derive(Default)]
struct Free {
    slots: Vec<&'static Slot>,
    /// The first slot that was never used; none after it was either.
    untouched: usize,
}

/// The newest table. Tables of ancestor processes are left as they are.
static TABLE: AtomicPtr<Table> = AtomicPtr::new(std::ptr::null_mut());

/// The table of this process. Created without a lock, which another thread could hold during a fork.
#[inline]
pub(super) fn table() -> &'static Table {
    let found = TABLE.load(Ordering::Acquire);
    // SAFETY: null, or a table that was leaked.
    match unsafe { found.as_ref() } {
        Some(table) if table.process.is_current() => table,
        _ => replace_table(found),
    }
}

#[cold]
fn replace_table(old: *mut Table) -> &'static Table {
    let process = Process::current();
    let new = Table { process, chunks: Default::default(), free: Mutex::default() };
    let made = Box::into_raw(Box::new(new));
    match TABLE.compare_exchange(old, made, Ordering::AcqRel, Ordering::Acquire) {
        // SAFETY: it is leaked, now that other threads can find it.
        Ok(_) => unsafe { &*made },
        Err(_) => {
            // SAFETY: no other thread knows of it.
            drop(unsafe { Box::from_raw(made) });
            table()
        }
    }
}

/// The free slots that a thread keeps, and the process that they belong to.
struct ThreadSlots {
    process: Process,
    slots: Vec<&'static Slot>,
}

thread_local! {
    static KEPT: RefCell<ThreadSlots> = RefCell::new(ThreadSlots { process: table().process, slots: Vec::new() });
}

impl Drop for ThreadSlots {
    fn drop(&mut self) {
        if self.process.is_current() {
            table().free.lock().slots.append(&mut self.slots);
        }
    }
}

impl Table {
    /// The slot with this number, if it was ever used.
    #[inline]
    pub(super) fn slot(&self, number: usize) -> Option<&'static Slot> {
        let (chunk, offset) = chunk_and_offset(number)?;
        let first = self.chunks[chunk].load(Ordering::Acquire);
        // SAFETY: null, or a leaked chunk that has a slot at every offset.
        (!first.is_null()).then(|| unsafe { &*first.add(offset) })
    }

    /// Takes an empty slot, which the caller may fill.
    pub(super) fn take_free(&self) -> Result<&'static Slot> {
        let kept = self.with_kept(|slots| {
            if slots.is_empty() {
                self.free.lock().hand_out(HANDFUL, slots, self);
            }
            slots.pop()
        });
        let taken = kept.unwrap_or_else(|| {
            let mut one = Vec::new();
            self.free.lock().hand_out(1, &mut one, self);
            one.pop()
        });
        taken.ok_or_else(full)
    }

    /// Takes back an empty slot.
    pub(super) fn give_back(&self, slot: &'static Slot) {
        if slot.generation() >= LAST_GENERATION || slot.process != self.process {
            return;
        }
        let kept = self.with_kept(|slots| {
            if slots.len() == 2 * HANDFUL {
                self.free.lock().slots.extend(slots.drain(..HANDFUL));
            }
            slots.push(slot);
        });
        if kept.is_none() {
            self.free.lock().slots.push(slot);
        }
    }

    /// `None` if the thread is ending and keeps no slots any more.
    fn with_kept<R>(&self, with: impl FnOnce(&mut Vec<&'static Slot>) -> R) -> Option<R> {
        let with_own = |kept: &RefCell<ThreadSlots>| {
            let mut kept = kept.borrow_mut();
            if kept.process != self.process {
                // These belong to the parent process.
                *kept = ThreadSlots { process: self.process, slots: Vec::new() };
            }
            with(&mut kept.slots)
        };
        KEPT.try_with(with_own).ok()
    }
}

impl Free {
    /// Moves up to `count` free slots into `slots`.
    fn hand_out(&mut self, count: usize, slots: &mut Vec<&'static Slot>, table: &Table) {
        while slots.len() < count {
            if let Some(slot) = self.slots.pop() {
                slots.push(slot);
                continue;
            }
            let Some((chunk, offset)) = chunk_and_offset(self.untouched) else { return };
            if offset == 0 {
                let numbers = self.untouched..self.untouched + (FIRST_CHUNK << chunk);
                let made: Box<[Slot]> =
                    numbers.map(|number| Slot::new(number as u32, table.process)).collect();
                table.chunks[chunk].store(Box::leak(made).as_mut_ptr(), Ordering::Release);
            }
            slots.extend(table.slot(self.untouched));
            self.untouched += 1;
        }
    }
}

/// The chunk that holds a slot, and the slot's offset in it.
#[inline]
fn chunk_and_offset(slot: usize) -> Option<(usize, usize)> {
    let chunk = (slot / FIRST_CHUNK + 1).ilog2() as usize;
    let offset = slot - FIRST_CHUNK * ((1 << chunk) - 1);
    (chunk < CHUNKS).then_some((chunk, offset))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;
    use std::time::Duration;

    #[test]
    fn every_slot_has_its_own_place() {
        let slots = 1usize << SLOT_BITS;
        let (mut chunk, mut offset) = (0, 0);
        for slot in 0..slots - FIRST_CHUNK {
            if offset == FIRST_CHUNK << chunk {
                (chunk, offset) = (chunk + 1, 0);
            }
            assert_eq!(chunk_and_offset(slot), Some((chunk, offset)));
            offset += 1;
        }
        assert_eq!(chunk_and_offset(slots), None);
    }

    #[test]
    fn threads_give_back_the_slots_that_they_kept() {
        let mut first = 0;
        for _ in 0..100 {
            let taken = std::thread::spawn(|| table().take_free().unwrap().number);
            let taken = taken.join().unwrap();
            first = first.max(taken);
        }
        // Other tests use slots too, but far fewer than a hundred threads would have leaked.
        assert!(first < 50 * HANDFUL as u32, "{first}");
    }

    #[test]
    fn slots_of_another_process_are_not_given_back_since_its_lock_may_be_held() {
        let slot = table().take_free().unwrap();
        let held = table().free.lock();
        let kept = ThreadSlots { process: Process::another(), slots: vec![slot] };
        let (ended, end) = mpsc::channel();
        std::thread::spawn(move || {
            drop(kept);
            ended.send(()).unwrap();
        });
        end.recv_timeout(Duration::from_secs(10)).expect("it waits for the lock");
        drop(held);
        table().give_back(slot);
    }

    #[test]
    fn a_slot_whose_generations_are_used_up_is_retired() {
        let slot = table().take_free().unwrap();
        slot.set_generation(LAST_GENERATION);
        table().give_back(slot);
        assert_ne!(table().take_free().unwrap().number, slot.number);
        let slot = table().take_free().unwrap();
        slot.set_generation(LAST_GENERATION - 1);
        table().give_back(slot);
        assert_eq!(table().take_free().unwrap().number, slot.number);
    }
}
