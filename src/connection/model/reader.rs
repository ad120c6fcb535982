//! Terms of leaders: once another thread has succeeded a leader, the former one does not read again.

use shuttle::thread::{self, JoinHandle};

use super::explore;
use crate::connection::state::reader::{Inspection, ReaderRole};
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
            let _ = self.reader.serve(inbox, time::now());
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
