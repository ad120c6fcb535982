//! The delegate of `ISlow`.

use std::sync::{mpsc, Condvar, Mutex};
use std::time::{Duration, Instant};

use callgate::{Error, InboundCall, Result};

const PATIENCE: Duration = Duration::from_secs(20);

#[derive(Default)]
struct Counts {
    waiting: u32,
    cancelled: u32,
    met: u32,
}

/// Counts the waiting calls of one connection.
#[derive(Default)]
pub struct Slow {
    counts: Mutex<Counts>,
    changed: Condvar,
}

impl Slow {
    pub fn serve(&self, call: InboundCall) -> Result<()> {
        match call.method() {
            "Wait" => {
                let outcome = self.wait(&call);
                call.reply_with(outcome)
            }
            "Hold" => {
                let outcome = self.hold(&call);
                call.reply_with(outcome)
            }
            "Waiting" => call.reply(&self.counts.lock().unwrap().waiting),
            "Cancelled" => call.reply(&self.counts.lock().unwrap().cancelled),
            "Meet" => {
                let outcome = call.args().and_then(|(count,): (u32,)| self.meet(count));
                call.reply_with(outcome)
            }
            _ => call.fail_no_method(),
        }
    }

    /// Counts a cancelled call, and returns from it at once.
    fn wait(&self, call: &InboundCall) -> Result<()> {
        self.counts.lock().unwrap().waiting += 1;
        let end = Instant::now() + PATIENCE;
        while !call.is_cancelled() {
            if Instant::now() > end {
                return Err(late("nobody has cancelled the call"));
            }
        }
        self.counts.lock().unwrap().cancelled += 1;
        Ok(())
    }

    /// Counts a cancelled call when a function of it has run.
    fn hold(&self, call: &InboundCall) -> Result<()> {
        let (notify, notified) = mpsc::channel();
        let _notice = call.on_cancelled(move || {
            notify.send(()).ok();
        })?;
        self.counts.lock().unwrap().waiting += 1;
        notified.recv_timeout(PATIENCE).map_err(|_| late("nobody has cancelled the call"))?;
        self.counts.lock().unwrap().cancelled += 1;
        Ok(())
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
