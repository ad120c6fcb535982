//! Credits: how much the peer lets us send before it has replied.
//!
//! Calls and one-way calls take credit for one call and for their bytes. A reply returns the credit of its
//! call; a credit frame returns that of one-way calls. Senders that find too little wait in order of
//! arrival, so that a large call is not overtaken for ever.

use std::collections::VecDeque;
use std::time::Instant;

use crate::cancel::{Cancellation, GaveUp};
use crate::error::{Error, Execution, Result, Status};
use crate::sync::{Arc, Condvar, Mutex};

/// A number of calls and their bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Amount {
    pub calls: u64,
    pub bytes: u64,
}

impl Amount {
    /// The credit of one call of `bytes` bytes.
    pub fn call(bytes: u64) -> Amount {
        Amount { calls: 1, bytes }
    }

    fn covers(&self, other: Amount) -> bool {
        self.calls >= other.calls && self.bytes >= other.bytes
    }

    /// Adds an amount. Saturates, since a peer may return any amount.
    pub fn add(&mut self, other: Amount) {
        self.calls = self.calls.saturating_add(other.calls);
        self.bytes = self.bytes.saturating_add(other.bytes);
    }

    /// Subtracts an amount, if there is enough.
    pub fn take(&mut self, other: Amount) -> bool {
        let enough = self.covers(other);
        if enough {
            self.calls -= other.calls;
            self.bytes -= other.bytes;
        }
        enough
    }
}

/// A waiting sender.
#[derive(Default)]
struct Waiter {
    wanted: Amount,
    outcome: Mutex<Option<Result<()>>>,
    changed: Condvar,
}

impl Waiter {
    fn settle(&self, outcome: Result<()>) {
        *self.outcome.lock() = Some(outcome);
        self.changed.notify_one();
    }
}

struct Account {
    left: Amount,
    queue: VecDeque<Arc<Waiter>>,
    /// A former waiter, kept for reuse.
    spare: Option<Arc<Waiter>>,
    ended: Option<Error>,
}

impl Account {
    fn enqueue(&mut self, wanted: Amount) -> Arc<Waiter> {
        let mut waiter = self.spare.take().unwrap_or_default();
        if let Some(unused) = Arc::get_mut(&mut waiter) {
            (unused.wanted, *unused.outcome.get_mut()) = (wanted, None);
        } else {
            waiter = Arc::new(Waiter { wanted, ..Waiter::default() });
        }
        self.queue.push_back(waiter.clone());
        waiter
    }
}

/// How much may be sent now, and which senders wait.
pub(crate) struct Credits {
    account: Mutex<Account>,
    whole: Amount,
}

impl Credits {
    /// Credits of which nothing is used yet.
    pub fn new(whole: Amount) -> Credits {
        let account = Account { left: whole, queue: VecDeque::new(), spare: None, ended: None };
        Credits { account: Mutex::new(account), whole }
    }

    /// Takes an amount without waiting; false if there is too little.
    pub fn try_take(&self, amount: Amount) -> bool {
        let mut account = self.account.lock();
        account.queue.is_empty() && account.left.take(amount)
    }

    /// Refuses an amount that can never be available.
    fn check(&self, amount: Amount) -> Result<()> {
        if self.whole.covers(amount) {
            return Ok(());
        }
        let message = if self.whole.calls < amount.calls {
            "the peer accepts no calls: its limit of unanswered calls is 0".to_owned()
        } else {
            format!(
                "the call needs {} bytes, but the peer accepts {} bytes of unanswered calls in total",
                amount.bytes, self.whole.bytes
            )
        };
        Err(Error::new(Status::LimitExceeded, message))
    }

    /// Takes an amount, waiting for it until the deadline or a cancellation. Calls `about_to_block` first
    /// if it must wait, and drops what that returns when the wait is over.
    pub fn take<G>(
        &self,
        amount: Amount,
        deadline: Option<Instant>,
        cancellation: Cancellation<'_>,
        about_to_block: impl FnOnce() -> G,
    ) -> Result<()> {
        let mut account = self.account.lock();
        if let Some(reason) = &account.ended {
            return Err(reason.clone().of_call(Execution::NotRun));
        }
        self.check(amount)?;
        if account.queue.is_empty() && account.left.take(amount) {
            return Ok(());
        }
        let waiter = account.enqueue(amount);
        drop(account);
        let _waiting = about_to_block();
        let woken = waiter.clone();
        let wake = move || {
            drop(woken.outcome.lock());
            woken.changed.notify_one();
        };
        let outcome = cancellation
            .wait(&waiter.outcome, &waiter.changed, deadline, wake, Option::take)
            .map(|(outcome, _)| outcome);
        let outcome = outcome.unwrap_or_else(|gave_up| self.leave_queue(&waiter, gave_up));
        self.account.lock().spare = Some(waiter);
        outcome
    }

    fn leave_queue(&self, waiter: &Arc<Waiter>, gave_up: GaveUp) -> Result<()> {
        let mut account = self.account.lock();
        if let Some(outcome) = waiter.outcome.lock().take() {
            return outcome;
        }
        account.queue.retain(|other| !Arc::ptr_eq(other, waiter));
        // The next waiter may need less than the one that left.
        Self::grant(&mut account);
        Err(gave_up.error("waiting for the peer to reply to earlier ones"))
    }

    /// Returns an amount, to those who have waited longest first.
    pub fn give(&self, amount: Amount) {
        let mut account = self.account.lock();
        account.left.add(amount);
        Self::grant(&mut account);
    }

    fn grant(account: &mut Account) {
        while let Some(waiter) = account.queue.front() {
            if !account.left.take(waiter.wanted) {
                break;
            }
            waiter.settle(Ok(()));
            account.queue.pop_front();
        }
    }

    /// Ends all waits, present and future, with `reason`.
    pub fn end(&self, reason: &Error) {
        let mut account = self.account.lock();
        account.ended.get_or_insert_with(|| reason.clone());
        for waiter in account.queue.drain(..) {
            waiter.settle(Err(reason.clone().of_call(Execution::NotRun)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time;
    use std::time::Duration;

    const NONE: Cancellation<'static> = Cancellation { token: None, check: None };
    const FEW: Amount = Amount { calls: 2, bytes: 100 };

    #[test]
    fn takes_until_nothing_is_left() {
        let credits = Credits::new(FEW);
        assert!(credits.try_take(Amount::call(60)));
        assert!(!credits.try_take(Amount::call(60)), "only 40 bytes are left");
        assert!(credits.try_take(Amount::call(40)));
        assert!(!credits.try_take(Amount::call(0)), "no call is left");
        credits.give(Amount::call(60));
        assert!(credits.try_take(Amount::call(60)));
    }

    #[test]
    fn what_can_never_be_granted_is_refused_at_once() {
        let credits = Credits::new(FEW);
        let error = credits.take(Amount::call(101), None, NONE, || {}).unwrap_err();
        assert_eq!(error.status(), Status::LimitExceeded);
    }

    #[test]
    fn one_who_leaves_the_queue_lets_the_next_through() {
        let credits = Arc::new(Credits::new(FEW));
        credits.take(Amount::call(50), None, NONE, || {}).unwrap();
        let soon = time::now() + Duration::from_millis(50);
        let behind = {
            let credits = credits.clone();
            let large = credits.clone();
            let first =
                std::thread::spawn(move || large.take(Amount::call(60), Some(soon), NONE, || {}));
            // On a busy machine it may have left already.
            while credits.account.lock().queue.is_empty() && !first.is_finished() {
                std::thread::yield_now();
            }
            let second =
                std::thread::spawn(move || credits.take(Amount::call(50), None, NONE, || {}));
            assert_eq!(first.join().unwrap().unwrap_err().status(), Status::TimedOut);
            second
        };
        behind.join().unwrap().unwrap();
    }

    #[test]
    fn the_end_reaches_those_who_wait() {
        let credits = Arc::new(Credits::new(FEW));
        credits.take(Amount { calls: 2, bytes: 0 }, None, NONE, || {}).unwrap();
        let waiting = credits.clone();
        let waiter = std::thread::spawn(move || waiting.take(Amount::call(1), None, NONE, || {}));
        while credits.account.lock().queue.is_empty() {
            std::thread::yield_now();
        }
        credits.end(&Error::new(Status::Closed, "closed"));
        assert_eq!(waiter.join().unwrap().unwrap_err().status(), Status::Closed);
        assert_eq!(
            credits.take(Amount::call(1), None, NONE, || {}).unwrap_err().status(),
            Status::Closed
        );
    }
}
