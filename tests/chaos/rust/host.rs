//! The host: records each call that runs.

use std::io::Read;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;
use std::time::Duration;

use callgate::{Delegate, Error, Host, InboundCall, Proxy, Result};
use rmpv::Value;

use crate::record::{check, Record};
use crate::serve::reply;

const PATIENCE: Duration = Duration::from_secs(20);

/// Serves one interface of one connection.
struct Served {
    record: Arc<Record>,
    number: u64,
    callback: Option<Proxy>,
}

impl Served {
    /// Records that a call runs, unless its id was spoiled on the way.
    fn note(&self, id: u64, checked: u64) -> Result<u64> {
        if checked != check(id) {
            return Err(Error::remote_error("Spoiled", "the id and its check do not match"));
        }
        self.record.note(id, self.number);
        Ok(checked)
    }

    fn back(&self, (id, checked, depth): (u64, u64, u64)) -> Result<u64> {
        self.note(id, checked)?;
        self.again(depth)
    }

    /// The depth of the nested calls.
    fn again(&self, depth: u64) -> Result<u64> {
        self.callback.as_ref().expect("a duplex delegate").call("Again", &(depth,))
    }

    fn slow(&self, call: &InboundCall) -> Result<u64> {
        let (id, checked) = call.args()?;
        self.note(id, checked)?;
        call.wait_cancelled(Some(PATIENCE));
        Ok(checked)
    }
}

impl Delegate for Served {
    fn invoke(&self, call: InboundCall) {
        let replied = match (call.method(), self.callback.is_some()) {
            ("Run" | "Tell", _) => reply(call, |(id, checked)| self.note(id, checked)),
            ("Echo", true) => reply(call, |(id, checked, bytes): (u64, u64, Value)| {
                self.note(id, checked)?;
                Ok(bytes)
            }),
            ("Back", true) => reply(call, |arguments| self.back(arguments)),
            ("Deeper", true) => reply(call, |(depth,): (u64,)| match depth {
                0 => Ok(0),
                _ => Ok(1 + self.again(depth - 1)?),
            }),
            ("Slow", true) => {
                let outcome = self.slow(&call);
                call.reply_with(outcome)
            }
            _ => call.fail_no_method(),
        };
        // The caller may have gone.
        replied.ok();
    }
}

/// Serves until standard input ends.
pub fn serve(record: &str, endpoints: &[&str]) {
    let record = Arc::new(Record::open(record));
    let numbers = Arc::new(AtomicU64::new(1));
    let made = move |callback| Served {
        record: record.clone(),
        number: numbers.fetch_add(1, Ordering::Relaxed),
        callback,
    };
    let ordered = made.clone();
    let mut host = Host::builder();
    for endpoint in endpoints {
        host = host.endpoint(endpoint);
    }
    let host = host
        .duplex_delegate_factory("IWork", "ICallback", move |_, callback| {
            Ok(Some(Arc::new(made(Some(callback)))))
        })
        .delegate("IOrdered", move |_| ordered(None))
        .ordered("IOrdered")
        .start()
        .expect("a host");
    let endpoints: Vec<_> = host.endpoints().iter().map(ToString::to_string).collect();
    println!("ready {}", endpoints.join(" "));
    std::io::stdin().read_to_end(&mut Vec::new()).expect("standard input");
    host.close().expect("nothing runs any more");
}
