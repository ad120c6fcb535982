//! Which thread reads: a leader does not after its term, and one of the callers does while any waits.

use std::collections::VecDeque;

use shuttle::thread::{self, JoinHandle};

use super::{closed, explore, perhaps};
use crate::connection::state::pending::{Cost, Pending, Replied, ReplySlot};
use crate::connection::state::reader::{Inspection, ReaderRole};
use crate::error::Status;
use crate::sync::{Arc, Mutex};
use crate::time;

/// How many calls come in.
const CALLS: usize = 4;

/// The terms so far, and the calls that have been read.
#[derive(Default)]
struct Record {
    newest: u64,
    calls: usize,
}

struct Leaders {
    reader: ReaderRole<()>,
    record: Mutex<Record>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Leaders {
    /// Leads for one term. Each call is served by a delegate that blocks, so another thread should read on.
    fn lead(self: &Arc<Self>, term: u64) {
        while let Some(inbox) = self.reader.lead(term) {
            let mut record = self.record.lock();
            assert_eq!(record.newest, term, "a leader reads after its term");
            record.calls += 1;
            let last = record.calls == CALLS;
            drop(record);
            let _ = self.reader.serve(inbox, time::now(), false);
            if last {
                return self.reader.end();
            }
            if self.reader.ensure_reader() == Inspection::NeedsLeader {
                self.start_leader();
            }
        }
    }

    fn start_leader(self: &Arc<Self>) {
        let leaders = self.clone();
        self.threads.lock().push(thread::spawn(move || {
            if let Some(term) = leaders.reader.succeed() {
                let before = std::mem::replace(&mut leaders.record.lock().newest, term);
                assert!(before < term, "term {term} has two leaders");
                leaders.lead(term);
            }
        }));
    }
}

#[test]
fn a_leader_does_not_read_after_its_term() {
    explore(|| {
        let (record, threads) = (Mutex::default(), Mutex::default());
        let leaders = Arc::new(Leaders { reader: ReaderRole::new(()), record, threads });
        leaders.lead(0);
        loop {
            let Some(thread) = leaders.threads.lock().pop() else { return };
            thread.join().unwrap();
        }
    });
}

/// Otherwise the peer's next request would wait until the leader, which went away, looks again. But requests may be rare.
#[test]
fn a_leader_whose_peer_makes_requests_stays_for_some_replies() {
    explore(|| {
        for nested in [false, true] {
            let reader = ReaderRole::new(());
            let mut inbox = reader.lead(0);
            let _ = reader.serve(inbox.unwrap(), time::now(), nested);
            inbox = reader.lead(0);
            let mut replies = 0;
            while let (Some(kept), _) = reader.yield_to_callers(inbox.unwrap()) {
                inbox = Some(kept);
                replies += 1;
                assert!(replies < 1000, "it stays for good");
            }
            assert_eq!(replies > 0, !nested);
        }
    });
}

/// Callers of a connection whose leader is away. Its inbox has the replies, by the ids of their calls.
struct Callers {
    reader: ReaderRole<VecDeque<u64>>,
    pending: Pending,
}

impl Callers {
    /// Waits for the outcome of a call, and reads meanwhile if nobody else does.
    fn await_outcome(&self, slot: &Arc<ReplySlot>) {
        self.reader.await_outcome(slot, None, |mut inbox| {
            while !slot.is_done() {
                let id = inbox.pop_front().expect("a call without an outcome has a reply");
                if let Replied::Call { caller: Some(caller), .. } =
                    self.pending.reply(id, || Err(closed()))
                {
                    self.pending.wake(caller);
                }
            }
            let _ = self.reader.release(inbox);
            true
        });
        assert!(slot.is_done(), "a caller leaves without its outcome");
    }
}

#[test]
fn a_caller_that_leaves_has_another_read() {
    explore(|| {
        let pending = Pending::new();
        let calls: Vec<_> = (0..3)
            .map(|_| {
                let id = pending.issue();
                (id, pending.open(id, Cost::default()).unwrap())
            })
            .collect();
        let reader = ReaderRole::new(calls.iter().map(|(id, _)| *id).collect());
        reader.stand_by();
        let callers = Arc::new(Callers { reader, pending });
        let mut threads = Vec::new();
        for (_, slot) in calls {
            if perhaps() {
                let slot = slot.clone();
                threads.push(thread::spawn(move || {
                    slot.cancel(Status::Cancelled);
                }));
            }
            let callers = callers.clone();
            threads.push(thread::spawn(move || callers.await_outcome(&slot)));
        }
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    });
}
