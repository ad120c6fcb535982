//! Handles: what C holds in the shape of a typed pointer is a token, never dereferenced, looked up
//! here. A token names a slot and the slot's generation, which moves on when the handle is freed,
//! so that a stale handle finds nothing.
//!
//! Threads share nothing but the slot they look up: each slot has its own lock, held for one clone
//! of an `Arc`, and slots never move. Free slots are kept per shard, and threads are spread over
//! the shards.
//!
//! A child that was forked has a table of its own, since locks of its parent's may be held for ever.
//! Tokens say whose they are, so that those of the parent are told from it by looking at nothing.

use std::any::Any;
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};

use once_cell::sync::OnceCell;

use crate::sync::{Arc, Mutex, RwLock};
use crate::transport::Process;
use crate::{Error, Result, Status};

/// Something that C may hold a handle to.
pub(super) trait Object: Send + Sync + 'static {
    /// Its name in messages, with its article.
    const KIND: &'static str;
}

const SHARD_BITS: u32 = 4;
const SHARDS: usize = 1 << SHARD_BITS;
/// Slots of one shard: a million in all on 32-bit machines, sixteen million elsewhere.
const SLOT_BITS: u32 = if usize::BITS == 32 { 16 } else { 20 };
/// Which process' they are: beyond so many forks, each in the child of the one before, a token of an
/// early ancestor is taken for one of this process, and then most likely for a stale one.
const PROCESS_BITS: u32 = if usize::BITS == 32 { 2 } else { 8 };
/// The rest of a token. A slot whose generations are used up is retired.
const LAST_GENERATION: usize = usize::MAX >> (SHARD_BITS + SLOT_BITS + PROCESS_BITS);
/// Slots come in chunks, each twice as large as the one before.
const FIRST_CHUNK: usize = 16;
const CHUNKS: usize = (SLOT_BITS - FIRST_CHUNK.trailing_zeros()) as usize;

/// The handles of one process.
struct Table {
    process: Process,
    shards: [Shard; SHARDS],
}

/// The newest table. Those of processes before are left as they are.
static TABLE: AtomicPtr<Table> = AtomicPtr::new(std::ptr::null_mut());

/// The table of this process. Made without a lock, which could be held when a thread forks.
fn table() -> &'static Table {
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
    let made = Box::into_raw(Box::new(Table { process, shards: Default::default() }));
    match TABLE.compare_exchange(old, made, Ordering::AcqRel, Ordering::Acquire) {
        // SAFETY: it is leaked, now that others can find it.
        Ok(_) => unsafe { &*made },
        Err(_) => {
            // SAFETY: nobody else knows of it.
            drop(unsafe { Box::from_raw(made) });
            table()
        }
    }
}

#[derive(Default)]
struct Shard {
    chunks: [OnceCell<Box<[Slot]>>; CHUNKS],
    free: Mutex<Free>,
}

#[derive(Default)]
struct Free {
    slots: Vec<usize>,
    untouched: usize,
}

#[derive(Default)]
struct Slot(RwLock<State>);

#[derive(Default)]
struct State {
    generation: usize,
    live: Option<Live>,
}

struct Live {
    kind: &'static str,
    object: Arc<dyn Any + Send + Sync>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Token {
    generation: usize,
    process: usize,
    slot: usize,
    shard: usize,
}

impl Token {
    fn unpack(bits: usize) -> Token {
        Token {
            shard: bits & (SHARDS - 1),
            slot: (bits >> SHARD_BITS) & ((1 << SLOT_BITS) - 1),
            process: (bits >> (SHARD_BITS + SLOT_BITS)) & ((1 << PROCESS_BITS) - 1),
            generation: bits >> (SHARD_BITS + SLOT_BITS + PROCESS_BITS),
        }
    }

    /// Never 0, which would be NULL: generations begin at 1.
    fn pack(self) -> usize {
        (self.generation << (SHARD_BITS + SLOT_BITS + PROCESS_BITS))
            | (self.process << (SHARD_BITS + SLOT_BITS))
            | (self.slot << SHARD_BITS)
            | self.shard
    }

    /// The token of a handle of this process; an error for one of a process before.
    fn of<T: Object>(handle: *const T) -> Result<Token> {
        let token = Token::unpack(handle as usize);
        let now = own_number(table().process);
        // Generations begin at 1: what has none never was a handle.
        if token.process == now || token.generation == 0 {
            return Ok(token);
        }
        Err(if token.process < now { Process::forked() } else { stale::<T>() })
    }
}

/// The number of a process in its tokens.
fn own_number(process: Process) -> usize {
    process.generation() as usize & ((1 << PROCESS_BITS) - 1)
}

/// A new handle to `object`.
pub(super) fn insert<T: Object>(object: Arc<T>) -> Result<*mut T> {
    let (table, shard) = (table(), shard_of_this_thread());
    let slot = table.shards[shard].take_free()?;
    let live = Live { kind: T::KIND, object };
    let generation = table.shards[shard].slot(slot).ok_or_else(full)?.fill(live);
    let token = Token { generation, process: own_number(table.process), slot, shard };
    Ok(token.pack() as *mut T)
}

/// What the handle stands for.
pub(super) fn get<T: Object>(handle: *const T) -> Result<Arc<T>> {
    let token = Token::of(handle)?;
    let slot = table().shards[token.shard].slot(token.slot);
    let object = slot.and_then(|slot| slot.object(token.generation));
    typed(handle, object)
}

/// Frees the handle. The caller drops the object, when no lock is held any more.
pub(super) fn remove<T: Object>(handle: *const T) -> Result<Arc<T>> {
    let token = Token::of(handle)?;
    let shard = &table().shards[token.shard];
    let slot = shard.slot(token.slot);
    let Some(live) = slot.and_then(|slot| slot.empty::<T>(token.generation)) else {
        // Says why it was not.
        return get(handle).and_then(|_| Err(stale::<T>()));
    };
    if token.generation < LAST_GENERATION {
        shard.free.lock().slots.push(token.slot);
    }
    typed(handle, Some(live))
}

/// Frees the handle if it is one; nothing else to do for a second or a wrong one.
pub(super) fn discard<T: Object>(handle: *const T) {
    drop(remove(handle));
}

fn typed<T: Object>(handle: *const T, live: Option<Live>) -> Result<Arc<T>> {
    let live = match live {
        Some(live) => live,
        None if handle.is_null() => return Err(null(T::KIND)),
        None => return Err(stale::<T>()),
    };
    let kind = live.kind;
    live.object.downcast().map_err(|_| {
        let message = format!("the handle is {kind}'s, not {}'s", T::KIND);
        Error::new(Status::InvalidHandle, message)
    })
}

fn null(kind: &str) -> Error {
    Error::new(Status::InvalidHandle, format!("NULL was given instead of {kind}'s handle"))
}

fn stale<T: Object>() -> Error {
    let message = format!("the handle is not {}'s, or was freed", T::KIND);
    Error::new(Status::InvalidHandle, message)
}

fn full() -> Error {
    Error::new(Status::LimitExceeded, "too many handles are held: free some")
}

/// Threads take turns in choosing a shard when they first need one.
fn shard_of_this_thread() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local!(static SHARD: usize = NEXT.fetch_add(1, Ordering::Relaxed) % SHARDS);
    SHARD.with(|shard| *shard)
}

impl Shard {
    fn take_free(&self) -> Result<usize> {
        let mut free = self.free.lock();
        if let Some(slot) = free.slots.pop() {
            return Ok(slot);
        }
        let slot = free.untouched;
        let (chunk, _) = place(slot).ok_or_else(full)?;
        self.chunks[chunk].get_or_init(|| {
            let slots = FIRST_CHUNK << chunk;
            (0..slots).map(|_| Slot::default()).collect()
        });
        free.untouched += 1;
        Ok(slot)
    }

    fn slot(&self, slot: usize) -> Option<&Slot> {
        let (chunk, offset) = place(slot)?;
        self.chunks[chunk].get()?.get(offset)
    }
}

/// The chunk that holds a slot, and the slot's place in it.
fn place(slot: usize) -> Option<(usize, usize)> {
    let chunk = (slot / FIRST_CHUNK + 1).ilog2() as usize;
    let offset = slot - FIRST_CHUNK * ((1 << chunk) - 1);
    (chunk < CHUNKS).then_some((chunk, offset))
}

impl Slot {
    /// Returns the generation of the handle that this makes.
    fn fill(&self, live: Live) -> usize {
        let mut state = self.0.write();
        state.generation += 1;
        state.live = Some(live);
        state.generation
    }

    fn object(&self, generation: usize) -> Option<Live> {
        let state = self.0.read();
        let live = state.live.as_ref()?;
        (state.generation == generation)
            .then(|| Live { kind: live.kind, object: Arc::clone(&live.object) })
    }

    /// Takes out what that handle stands for, if it is of that kind.
    fn empty<T: Object>(&self, generation: usize) -> Option<Live> {
        let mut state = self.0.write();
        let is_meant = state.generation == generation;
        state.live.take_if(|live| is_meant && live.object.is::<T>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Cat(u32);
    struct Dog;

    impl Object for Cat {
        const KIND: &'static str = "a cat";
    }

    impl Object for Dog {
        const KIND: &'static str = "a dog";
    }

    fn status<T>(result: Result<T>) -> Option<Status> {
        result.err().map(|error| error.status())
    }

    #[test]
    fn a_freed_handle_finds_nothing_even_when_its_slot_is_used_again() {
        let first = insert(Arc::new(Cat(1))).unwrap();
        assert_eq!(get(first).unwrap().0, 1);
        assert_eq!(remove(first).unwrap().0, 1);
        let second = insert(Arc::new(Cat(2))).unwrap();
        assert_eq!(Token::unpack(first as usize).slot, Token::unpack(second as usize).slot);
        assert_eq!(status(get(first)), Some(Status::InvalidHandle));
        assert_eq!(status(remove(first)), Some(Status::InvalidHandle));
        assert_eq!(get(second).unwrap().0, 2);
        discard(second);
    }

    #[test]
    fn the_kind_is_checked_and_a_wrong_free_does_no_harm() {
        let cat = insert(Arc::new(Cat(3))).unwrap();
        let error = remove(cat as *const Dog).err().unwrap();
        assert_eq!(error.message(), "the handle is a cat's, not a dog's");
        assert_eq!(remove(cat).unwrap().0, 3);
        assert_eq!(status(get(std::ptr::null::<Dog>())), Some(Status::InvalidHandle));
    }

    #[test]
    fn any_bit_pattern_is_looked_up_safely() {
        for bits in
            (0..usize::BITS).flat_map(|bit| [1 << bit, usize::MAX << bit, usize::MAX >> bit])
        {
            assert_eq!(status(get(bits as *const Dog)), Some(Status::InvalidHandle));
        }
    }

    #[test]
    fn every_slot_has_its_own_place() {
        let slots = 1usize << SLOT_BITS;
        let (mut chunk, mut offset) = (0, 0);
        for slot in 0..slots - FIRST_CHUNK {
            if offset == FIRST_CHUNK << chunk {
                (chunk, offset) = (chunk + 1, 0);
            }
            assert_eq!(place(slot), Some((chunk, offset)));
            offset += 1;
        }
        assert_eq!(place(slots), None);
    }

    #[test]
    fn a_slot_whose_generations_are_used_up_is_retired() {
        let shard = shard_of_this_thread();
        let slot = table().shards[shard].take_free().unwrap();
        let cell = table().shards[shard].slot(slot).unwrap();
        cell.0.write().generation = LAST_GENERATION - 1;
        table().shards[shard].free.lock().slots.push(slot);
        let last = insert(Arc::new(Cat(4))).unwrap();
        assert_eq!(Token::unpack(last as usize).generation, LAST_GENERATION);
        discard(last);
        assert!(!table().shards[shard].free.lock().slots.contains(&slot));
    }
}
