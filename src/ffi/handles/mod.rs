//! Handles: what C sees as a typed pointer is a token. It is never dereferenced, only looked up here. A
//! token names a slot and the slot's generation. Freeing the handle advances the generation, so a stale
//! handle finds nothing.
//!
//! A look-up takes no lock. It counts itself in the slot, so the object stays alive while it is in use,
//! even if another thread frees the handle. Threads share only the slots that they look up.
//!
//! A token also names the process that made it, so a forked child recognises its parent's handles without
//! reading any memory of the parent's. So does a process that exits on Windows, where no lock can be trusted.

mod bits;
pub(super) mod borrowed;
mod slot;
mod table;

use std::any::TypeId;
use std::ops::Deref;

use self::bits::HandleBits;
use self::slot::{Ended, Live, Slot};
use self::table::table;
use crate::process::Process;
use crate::sync::Arc;
use crate::{Error, Result, Status};

/// An object that C may hold a handle to.
pub(super) trait Object: Send + Sync + 'static {
    /// The object's name in messages, with its article.
    const KIND: &'static str;
}

/// Makes a handle to `object`.
pub(super) fn insert<T: Object>(object: Arc<T>) -> Result<*mut T> {
    let table = table();
    let slot = table.take_free()?;
    let live = Live { kind: T::KIND, object_type: TypeId::of::<T>(), object };
    // SAFETY: the slot was free, and now belongs to this thread alone.
    let generation = unsafe { slot.fill(live) };
    Ok(HandleBits::new(generation, table.process, slot.number as usize).pack() as *mut T)
}

/// The object behind the handle.
#[inline]
pub(super) fn get<T: Object>(handle: *const T) -> Result<Borrowed<T>> {
    find(handle).map(|(found, _)| found).map_err(NoHandle::error::<T>)
}

/// The object behind the handle, if the reason for its absence does not matter.
#[inline]
pub(super) fn look_up<T: Object>(handle: *const T) -> Option<Borrowed<T>> {
    find(handle).map(|(found, _)| found).ok()
}

/// The object behind the handle, with no other user. Waits while there is one, so it suits only uses that
/// are short and run no code of the program.
#[inline]
pub(super) fn get_alone<T: Object>(handle: *const T) -> Result<Borrowed<T>> {
    loop {
        match find(handle).map_err(NoHandle::error::<T>)? {
            (found, true) => return Ok(found),
            (found, false) => drop(found),
        }
        std::thread::yield_now();
    }
}

/// The object behind the handle, and whether this is its only user.
#[inline(always)]
fn find<T: Object>(handle: *const T) -> Result<(Borrowed<T>, bool), NoHandle> {
    if handle.is_null() {
        return Err(NoHandle::Null);
    }
    let table = table();
    let bits = HandleBits::unpack(handle as usize).check(table.process)?;
    let slot = table.slot(bits.slot).ok_or(NoHandle::Unknown)?;
    let entered = slot.enter(bits.generation);
    let user = User(slot);
    let (live, alone) = entered.ok_or(NoHandle::Unknown)?;
    if live.object_type != TypeId::of::<T>() {
        return Err(NoHandle::OfAnother(live.kind));
    }
    // SAFETY: the object has that type, and stays alive until this use ends.
    let object = unsafe { &*Arc::as_ptr(&live.object).cast::<T>() };
    Ok((Borrowed { object, live, user }, alone))
}

/// Frees the handle. Returns its object unless it is still in use: then the last user drops it.
pub(super) fn remove<T: Object>(handle: *const T) -> Result<Option<Arc<T>>> {
    let live = get(handle)?.user.end().map_err(NoHandle::error::<T>)?;
    Ok(live.and_then(|live| live.object.downcast().ok()))
}

/// Frees the handle; does nothing for an invalid one.
pub(super) fn discard<T: Object>(handle: *const T) {
    if let Some(found) = look_up(handle) {
        drop(found.user.end());
    }
}

/// A use of the object behind a handle.
pub(super) struct Borrowed<T: Object> {
    object: &'static T,
    live: &'static Live,
    user: User,
}

impl<T: Object> Borrowed<T> {
    /// Another reference to the object, to keep.
    pub(super) fn share(&self) -> Arc<T> {
        let object = Arc::clone(&self.live.object).downcast();
        object.unwrap_or_else(|_| unreachable!("its type was checked"))
    }
}

impl<T: Object> Deref for Borrowed<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        self.object
    }
}

/// A use of a slot, which ends on drop.
struct User(&'static Slot);

impl User {
    /// Frees the handle and ends the use. Returns the object unless others still use it.
    fn end(self) -> Result<Option<Live>, NoHandle> {
        let live = match self.0.end() {
            Ended::Empty(live) => {
                table().give_back(self.0);
                live
            }
            Ended::InUse => None,
            Ended::Before => return Err(NoHandle::Unknown),
        };
        std::mem::forget(self);
        Ok(live)
    }
}

impl Drop for User {
    #[inline]
    fn drop(&mut self) {
        if let Some(live) = self.0.leave() {
            table().give_back(self.0);
            // Last, since dropping it may run the program's code.
            drop(live);
        }
    }
}

/// Why a handle is invalid.
enum NoHandle {
    Null,
    /// It was freed, or never was a handle.
    Unknown,
    /// It was made in another process.
    Gone,
    /// It has this kind instead.
    OfAnother(&'static str),
}

impl NoHandle {
    #[cold]
    fn error<T: Object>(self) -> Error {
        let message = match self {
            NoHandle::Null => format!("the handle is NULL; expected the handle of {}", T::KIND),
            NoHandle::Unknown => {
                format!("the handle was freed, or is not the handle of {}", T::KIND)
            }
            NoHandle::Gone => return Process::gone(),
            NoHandle::OfAnother(kind) => {
                format!("the handle is that of {kind}, not of {}", T::KIND)
            }
        };
        Error::new(Status::InvalidHandle, message)
    }
}

#[cold]
fn full() -> Error {
    Error::new(Status::LimitExceeded, "there are too many handles; free some")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::Barrier;

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
        assert_eq!(remove(first).unwrap().unwrap().0, 1);
        let second = insert(Arc::new(Cat(2))).unwrap();
        assert_eq!(
            HandleBits::unpack(first as usize).slot,
            HandleBits::unpack(second as usize).slot
        );
        assert_eq!(status(get(first)), Some(Status::InvalidHandle));
        assert_eq!(status(remove(first)), Some(Status::InvalidHandle));
        assert_eq!(get(second).unwrap().0, 2);
        discard(second);
    }

    #[test]
    fn the_kind_is_checked_and_a_wrong_free_does_no_harm() {
        let cat = insert(Arc::new(Cat(3))).unwrap();
        let error = remove(cat as *const Dog).err().unwrap();
        assert_eq!(error.message(), "the handle is that of a cat, not of a dog");
        assert_eq!(remove(cat).unwrap().unwrap().0, 3);
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
    fn of_many_who_free_a_handle_one_does_and_the_last_user_drops_the_object() {
        const ROUNDS: u32 = 500;
        const THREADS: usize = 4;
        let cats: Vec<Arc<Cat>> = (0..ROUNDS).map(|round| Arc::new(Cat(round))).collect();
        let (together, handle) = (Barrier::new(THREADS), AtomicUsize::new(0));
        let free = || {
            let frees = cats.iter().map(|cat| {
                if together.wait().is_leader() {
                    handle.store(insert(cat.clone()).unwrap() as usize, Ordering::SeqCst);
                }
                together.wait();
                let handle = handle.load(Ordering::SeqCst) as *const Cat;
                let _use = get(handle);
                remove(handle).is_ok()
            });
            frees.collect::<Vec<bool>>()
        };
        let freed: Vec<Vec<bool>> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(free)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        for (round, cat) in cats.iter().enumerate() {
            let freed = freed.iter().filter(|freed| freed[round]).count();
            assert_eq!((freed, Arc::strong_count(cat)), (1, 1), "round {round}");
        }
    }

    #[test]
    fn what_is_freed_while_it_is_used_stays_until_its_last_user_leaves() {
        let object = Arc::new(Cat(4));
        let cat = insert(object.clone()).unwrap();
        let (first, second) = (get(cat).unwrap(), get(cat).unwrap());
        assert!(remove(cat).unwrap().is_none());
        assert_eq!(status(get(cat)), Some(Status::InvalidHandle));
        assert_eq!(status(remove(cat)), Some(Status::InvalidHandle));
        drop(first);
        assert_eq!((second.0, Arc::strong_count(&object)), (4, 2));
        drop(second);
        assert_eq!(Arc::strong_count(&object), 1);
    }
}
