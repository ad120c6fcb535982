//! Inbound calls without a reply, counted, and told apart by their ids.
//!
//! A call that uses the id of another one without a reply would get a reply that is not its own, so it ends
//! the connection. Most calls arrive while no other has none: then only the latest id is kept. Further ids
//! are in a table until it is empty.

use crate::connection::state::id_map::QuickMap;
use crate::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use crate::sync::Mutex;

/// Set in the count while the table has all ids.
const IN_TABLE: usize = 1 << (usize::BITS - 1);

/// The calls of one connection's peer that have no reply.
#[derive(Default)]
pub(crate) struct Unanswered {
    count: AtomicUsize,
    /// The id of the latest call that arrived while there was no other.
    lone: AtomicU64,
    table: Mutex<QuickMap<u64, ()>>,
}

impl Unanswered {
    /// Adds a call that has arrived, on the thread that reads. False if another call has its id; then it is
    /// not added.
    #[inline]
    pub fn add(&self, id: u64) -> bool {
        if self.count.fetch_add(1, Ordering::AcqRel) == 0 {
            self.lone.store(id, Ordering::Relaxed);
            return true;
        }
        self.add_to_table(id)
    }

    #[cold]
    fn add_to_table(&self, id: u64) -> bool {
        let mut table = self.table.lock();
        let before = self.count.fetch_or(IN_TABLE, Ordering::AcqRel);
        if before & IN_TABLE == 0 && before > 1 {
            // From now on its removal waits for the table.
            table.insert(self.lone.load(Ordering::Relaxed), ());
        }
        let is_new = table.insert(id, ()).is_none();
        if !is_new {
            self.count.fetch_sub(1, Ordering::AcqRel);
        }
        is_new
    }

    /// Removes a call, before its reply can reach the peer.
    #[inline]
    pub fn remove(&self, id: u64) {
        if self.count.fetch_sub(1, Ordering::AcqRel) & IN_TABLE != 0 {
            self.remove_from_table(id);
        }
    }

    #[cold]
    fn remove_from_table(&self, id: u64) {
        let mut table = self.table.lock();
        table.remove(&id);
        if table.is_empty() {
            self.count.fetch_and(!IN_TABLE, Ordering::AcqRel);
        }
    }

    /// Whether a call has no reply yet, asked on the thread that reads.
    pub fn contains(&self, id: u64) -> bool {
        match self.count.load(Ordering::Acquire) {
            0 => false,
            count if count & IN_TABLE != 0 => self.table.lock().contains_key(&id),
            _ => self.lone.load(Ordering::Relaxed) == id,
        }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.count.load(Ordering::Acquire) & !IN_TABLE
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.count() == 0
    }
}

#[cfg(all(test, not(callgate_shuttle)))]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_taken_until_its_call_is_removed() {
        let calls = Unanswered::default();
        for _ in 0..3 {
            assert!(calls.add(1));
            assert!(!calls.add(1), "the only call has it");
            assert!(calls.contains(1) && !calls.contains(2));
            assert!(calls.add(2) && calls.add(3));
            assert!(!calls.add(1) && !calls.add(2) && !calls.add(3));
            calls.remove(1);
            assert!(!calls.contains(1) && calls.contains(2) && calls.contains(3));
            assert!(calls.add(1) && !calls.is_empty());
            [3, 2, 1].iter().for_each(|&id| calls.remove(id));
            assert!(calls.is_empty() && !calls.contains(1));
        }
        assert!(calls.add(7));
        calls.remove(7);
        assert!(calls.add(7), "nothing is left behind");
    }
}
