//! Credits: what was taken is returned, and no more; every waiting sender gets it or an error.

use shuttle::thread;

use super::{closed, explore, soon};
use crate::cancel::{CancelToken, Cancellation};
use crate::connection::state::credit::{Amount, Credits};
use crate::error::Status;
use crate::sync::atomic::{AtomicU64, Ordering};
use crate::sync::Arc;

const WHOLE: Amount = Amount { calls: 2, bytes: 10 };

const NEVER: Cancellation<'static> = Cancellation { token: None, check: None };

/// How much is in use, counted independently of the product.
#[derive(Default)]
struct Taken {
    calls: AtomicU64,
    bytes: AtomicU64,
}

impl Taken {
    /// Uses credit, and returns it.
    fn spend(&self, credits: &Credits, amount: Amount) {
        let calls = self.calls.fetch_add(amount.calls, Ordering::SeqCst) + amount.calls;
        let bytes = self.bytes.fetch_add(amount.bytes, Ordering::SeqCst) + amount.bytes;
        assert!(calls <= WHOLE.calls && bytes <= WHOLE.bytes, "more was granted than there is");
        self.calls.fetch_sub(amount.calls, Ordering::SeqCst);
        self.bytes.fetch_sub(amount.bytes, Ordering::SeqCst);
        credits.give(amount);
    }
}

#[test]
fn credit_is_neither_lost_nor_made() {
    explore(|| {
        let (credits, taken) = (Arc::new(Credits::new(WHOLE)), Arc::new(Taken::default()));
        let token = CancelToken::new();
        let deadline = Some(soon());
        let takers = [(10, None, false), (4, deadline, false), (7, None, true), (4, None, false)]
            .map(|(bytes, deadline, cancellable)| {
                let (credits, taken, token) = (credits.clone(), taken.clone(), token.clone());
                thread::spawn(move || {
                    let amount = Amount::call(bytes);
                    let token = cancellable.then_some(&token);
                    match credits.take(amount, deadline, Cancellation { token, check: None }, || {})
                    {
                        Ok(()) => taken.spend(&credits, amount),
                        Err(error) => {
                            let expected =
                                if cancellable { Status::Cancelled } else { Status::TimedOut };
                            assert_eq!(error.status(), expected);
                            assert!(cancellable || deadline.is_some());
                        }
                    }
                })
            });
        let canceller = thread::spawn(move || token.cancel());
        for thread in takers.into_iter().chain([canceller]) {
            thread.join().unwrap();
        }
        assert!(credits.try_take(WHOLE), "some credit was lost");
        assert!(!credits.try_take(Amount { calls: 0, bytes: 1 }), "some credit was made");
    });
}

#[test]
fn the_end_reaches_all_who_wait_for_credit() {
    explore(|| {
        let credits = Arc::new(Credits::new(WHOLE));
        let takers = [None, None, Some(soon())].map(|deadline| {
            let credits = credits.clone();
            // Nobody returns any credit: only the end or the deadline lets the other one return.
            thread::spawn(move || credits.take(Amount::call(6), deadline, NEVER, || {}).is_ok())
        });
        credits.end(&closed());
        let granted =
            takers.into_iter().filter_map(|taker| taker.join().unwrap().then_some(())).count();
        assert!(granted <= 1, "more was granted than there is");
        let late = credits.take(Amount::call(1), None, NEVER, || {}).unwrap_err();
        assert_eq!(late.status(), Status::Closed);
    });
}
