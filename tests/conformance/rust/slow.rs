//! The delegate of `ISlow`.

use std::sync::{Condvar, Mutex};
use std::time::Duration;

use callgate::{Error, InboundCall, Result};

const PATIENCE: Duration = Duration::from_secs(20);

#[derive(Default)]
struct Counts {
    waiting: u32,
    withdrawn: u32,
    met: u32,
    /// Whether the caller has asked, and so has the outcome of its call.
    told: bool,
}

/// Counts the calls that wait, of one connection.
#[derive(Default)]
pub struct Slow {
    counts: Mutex<Counts>,
    changed: Condvar,
}

impl Slow {
    pub fn serve(&self, call: InboundCall) -> Result<()> {
        match call.method() {
            "Wait" => {
                self.counts.lock().unwrap().waiting += 1;
                if !call.wait_cancelled(Some(PATIENCE)) {
                    return call.fail(late("nobody has withdrawn the call"));
                }
                self.wait_told();
                call.reply(&())
            }
            "Waiting" => call.reply(&self.counts.lock().unwrap().waiting),
            "Withdrawn" => call.reply(&self.tell()),
            "Meet" => {
                let outcome = call.args().and_then(|(count,): (u32,)| self.meet(count));
                call.answer(outcome)
            }
            _ => call.fail_no_method(),
        }
    }

    /// Counts a call that was withdrawn, and waits until the caller asks for that.
    fn wait_told(&self) {
        let mut counts = self.counts.lock().unwrap();
        counts.withdrawn += 1;
        let untold = |counts: &mut Counts| !counts.told;
        drop(self.changed.wait_timeout_while(counts, PATIENCE, untold).unwrap());
    }

    fn tell(&self) -> u32 {
        let mut counts = self.counts.lock().unwrap();
        counts.told = counts.withdrawn > 0;
        self.changed.notify_all();
        counts.withdrawn
    }

    fn meet(&self, count: u32) -> Result<()> {
        let mut counts = self.counts.lock().unwrap();
        counts.met += 1;
        self.changed.notify_all();
        let few = |counts: &mut Counts| counts.met < count;
        let (_counts, end) = self.changed.wait_timeout_while(counts, PATIENCE, few).unwrap();
        if end.timed_out() {
            return Err(late("not all have come"));
        }
        Ok(())
    }
}

fn late(message: &str) -> Error {
    Error::remote_error("TimedOut", message)
}
