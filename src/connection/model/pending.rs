//! Outcomes of calls: the first one stands, and its caller, or the function in the caller's place, gets it.

use shuttle::thread;

use super::{explore, perhaps};
use crate::connection::state::pending::{Cost, Pending, Replied};
use crate::error::{Error, Execution, Result, Status};
use crate::sync::{Arc, Condvar, Mutex};
use crate::wire::Frame;

fn reply() -> Result<Frame> {
    Err(Error::new(Status::RemoteError, "it failed").of_call(Execution::Ran))
}

/// Where a function puts the outcome of a started call.
#[derive(Default)]
struct Received {
    outcome: Mutex<Option<Status>>,
    changed: Condvar,
}

impl Received {
    fn set(&self, status: Status) {
        let before = self.outcome.lock().replace(status);
        assert_eq!(before, None, "a call has two outcomes");
        self.changed.notify_all();
    }

    fn wait(&self) -> Status {
        let mut outcome = self.outcome.lock();
        loop {
            match *outcome {
                Some(status) => return status,
                None => self.changed.wait(&mut outcome),
            }
        }
    }
}

#[test]
fn of_a_reply_and_a_cancel_the_first_is_the_outcome() {
    explore(|| {
        let pending = Arc::new(Pending::new());
        let id = pending.issue();
        let slot = pending.open(id, Cost::default()).unwrap();
        let received = perhaps().then(Arc::<Received>::default);
        if let Some(received) = received.clone() {
            slot.on_done(Box::new(move |outcome| received.set(outcome.unwrap_err().status())));
        }
        let replies = {
            let pending = pending.clone();
            thread::spawn(move || match pending.reply(id, reply) {
                Replied::Call { caller: Some(caller), .. } => {
                    pending.wake(caller);
                    true
                }
                _ => false,
            })
        };
        let cancels = {
            let slot = slot.clone();
            thread::spawn(move || slot.cancel(Status::Cancelled))
        };
        let status = match received {
            Some(received) => received.wait(),
            None => slot.wait_done().unwrap_err().status(),
        };
        let [replied, cancelled] = [replies, cancels].map(|thread| thread.join().unwrap());
        assert_eq!(replied, status == Status::RemoteError);
        assert_eq!(cancelled, status == Status::Cancelled);
    });
}
