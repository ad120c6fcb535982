//! The memory that all connections of a host or client use together for what their peers send, and each
//! connection's share.
//!
//! A quarter of the budget is divided among the connections: each may always use its part. An eighth is for
//! empty memory that connections keep for their next large frame. The rest is shared. A connection gets at
//! most half of what the others of its user or address leave of that, and a user or address at most half of
//! what the others leave, except the host's own user, who could stop the host anyway. So whatever others
//! take, something is left.

use std::collections::HashMap;

use crate::sync::atomic::{AtomicU64, Ordering};
use crate::sync::{Arc, Mutex};
use crate::transport::Party;
use crate::wire::Allowance;

/// What all connections share.
#[derive(Debug)]
pub(crate) struct Budget {
    /// What each connection may always use.
    guaranteed: u64,
    /// What is shared beyond that.
    shared: u64,
    taken: Mutex<Taken>,
    /// Memory kept for large frames, and its limit.
    kept: AtomicU64,
    most_kept: u64,
}

/// What is taken of the shared part. Threads may note what they take and give in another order than they do
/// it, so a sum may be negative for a moment.
#[derive(Debug, Default)]
struct Taken {
    all: i64,
    parties: HashMap<Party, i64>,
}

impl Budget {
    /// A budget of `bytes` bytes for at most `connections` connections.
    pub fn new(bytes: usize, connections: usize) -> Arc<Budget> {
        let bytes = bytes as u64;
        let (guaranteed, most_kept) = (bytes / 4, bytes / 8);
        Arc::new(Budget {
            guaranteed: guaranteed / connections.max(1) as u64,
            shared: bytes - guaranteed - most_kept,
            taken: Mutex::new(Taken::default()),
            kept: AtomicU64::new(0),
            most_kept,
        })
    }

    /// The account of a connection of this party.
    pub fn account(self: &Arc<Self>, party: Party) -> Arc<Account> {
        Arc::new(Account {
            guaranteed: self.guaranteed,
            used: AtomicU64::new(0),
            arriving: AtomicU64::new(0),
            kept: AtomicU64::new(0),
            party,
            budget: self.clone(),
        })
    }
}

/// What one connection uses: calls without a reply, and large frames that are arriving.
#[derive(Debug)]
pub(crate) struct Account {
    guaranteed: u64,
    used: AtomicU64,
    /// The part of it that is incomplete frames. Only the thread that reads the connection changes it.
    arriving: AtomicU64,
    kept: AtomicU64,
    party: Party,
    budget: Arc<Budget>,
}

impl Account {
    /// Adds a call, which [`Account::give`] later removes; false if it exceeds the connection's share.
    #[inline]
    pub fn take(&self, bytes: u64) -> bool {
        let before = self.used.fetch_add(bytes, Ordering::Relaxed);
        before + bytes <= self.guaranteed || self.take_shared(before, bytes)
    }

    /// Removes a call.
    #[inline]
    pub fn give(&self, bytes: u64) {
        let before = self.used.fetch_sub(bytes, Ordering::Relaxed);
        if before > self.guaranteed {
            self.move_shared(before, before - bytes);
        }
    }

    #[cold]
    fn take_shared(&self, before: u64, bytes: u64) -> bool {
        self.move_shared(before, before + bytes)
    }

    /// Notes in the budget that this account went from one sum to another; false if that is beyond its share.
    #[cold]
    fn move_shared(&self, before: u64, after: u64) -> bool {
        let beyond = |used: u64| used.saturating_sub(self.guaranteed) as i64;
        let mut taken = self.budget.taken.lock();
        let change = beyond(after) - beyond(before);
        taken.all += change;
        let party = taken.parties.entry(self.party.clone()).or_default();
        *party += change;
        let (of_party, own) = (*party, beyond(after));
        if of_party == 0 {
            taken.parties.remove(&self.party);
        }
        let left_by_others = self.budget.shared as i64 - (taken.all - of_party);
        let for_party = match self.party {
            Party::OwnUser | Party::Unknown => left_by_others,
            Party::User(_) | Party::Address(_) => left_by_others / 2,
        };
        own <= (for_party - (of_party - own)) / 2
    }

    #[cfg(callgate_shuttle)]
    pub fn used(&self) -> u64 {
        self.used.load(Ordering::SeqCst)
    }
}

impl Allowance for Account {
    fn arriving(&self, bytes: usize) -> bool {
        let (before, after) = (self.arriving.load(Ordering::Relaxed), bytes as u64);
        if after > before && !self.take(after - before) {
            self.give(after - before);
            return false;
        }
        if after < before {
            self.give(before - after);
        }
        self.arriving.store(after, Ordering::Relaxed);
        true
    }

    fn keep(&self, bytes: usize) -> bool {
        let kept = &self.budget.kept;
        kept.fetch_sub(self.kept.swap(0, Ordering::Relaxed), Ordering::Relaxed);
        let bytes = bytes as u64;
        if kept.fetch_add(bytes, Ordering::Relaxed) + bytes > self.budget.most_kept {
            kept.fetch_sub(bytes, Ordering::Relaxed);
            return false;
        }
        self.kept.store(bytes, Ordering::Relaxed);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::User;

    const MIB: u64 = 1 << 20;

    fn stranger(uid: u32) -> Party {
        Party::User(User::Unix(uid))
    }

    /// Takes as much as there is, a MiB at a time; returns how many.
    fn fill(account: &Account) -> u64 {
        let mut count = 0;
        while account.take(MIB) {
            count += 1;
        }
        account.give(MIB);
        count
    }

    #[test]
    fn each_connection_gets_half_of_what_the_others_leave() {
        let budget = Budget::new(512 << 20, 256);
        let accounts: Vec<_> = (0..12).map(|_| budget.account(Party::OwnUser)).collect();
        // Each has 512 KiB of its own; the shared 320 MiB are halved again and again.
        let filled: Vec<_> = accounts.iter().map(|account| fill(account)).collect();
        assert_eq!(filled[..6], [160, 80, 41, 20, 11, 5]);
        assert!(accounts[11].take(MIB / 2), "its own part is there");
        assert!(!accounts[11].take(MIB));
    }

    #[test]
    fn a_stranger_leaves_half_to_all_others() {
        let budget = Budget::new(512 << 20, 256);
        let strangers: Vec<_> = (0..20).map(|_| budget.account(stranger(7))).collect();
        let total: u64 = strangers.iter().map(|account| fill(account)).sum();
        assert!((150..=170).contains(&total), "{total}");
        let other = budget.account(stranger(8));
        assert!((30..=45).contains(&fill(&other)));
        assert!(fill(&budget.account(Party::OwnUser)) >= 50);
    }

    #[test]
    fn what_is_given_back_is_there_again() {
        let budget = Budget::new(512 << 20, 1024);
        for _ in 0..3 {
            let account = budget.account(Party::OwnUser);
            let filled = fill(&account);
            assert_eq!(filled, 160);
            assert!(!account.arriving(MIB as usize));
            account.give(filled * MIB);
            assert!(
                account.arriving(100 << 20) && account.arriving(50 << 20) && account.arriving(0)
            );
            assert!(budget.taken.lock().parties.is_empty());
            assert_eq!(budget.taken.lock().all, 0);
        }
    }

    #[test]
    fn an_eighth_may_be_kept() {
        let budget = Budget::new(512 << 20, 1024);
        let accounts = [(); 2].map(|()| budget.account(Party::OwnUser));
        assert!(accounts[0].keep(40 << 20));
        assert!(!accounts[1].keep(40 << 20));
        assert!(accounts[0].keep(0) && accounts[1].keep(40 << 20));
    }
}
