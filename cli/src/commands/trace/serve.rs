//! `callgate trace serve`.

use std::collections::HashMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use callgate::{
    CallOptions, Contract, Delegate, Endpoint, Error, Execution, Host, InboundCall, Status,
};

use crate::commands::listen::{print_call, serve_until_interrupted};
use crate::duration;
use crate::failure::Failure;
use crate::output::Plain;
use crate::recording::{Call, Key, Outcome, Script, Side, Step};
use crate::values::{shown, WireValue};

/// How many bytes of a call's arguments are printed.
const SHOWN: usize = 400;

/// Stand in for the host of a trace: reply to each call as it did.
///
/// A call gets the recorded reply of a call with the same interface, method, signature and arguments. If there
/// were several, they are used in their order, and the last one again and again. Callbacks that the host made
/// within a call are made again before its reply. Descriptions that the trace has are served, too. Prints each
/// call, and runs until Ctrl-C.
#[derive(clap::Args)]
pub struct Serve {
    /// The trace, which must have payloads.
    file: PathBuf,
    /// Where to listen, e.g. pipe://calculator.
    #[arg(required = true, value_name = "ENDPOINT")]
    endpoints: Vec<Endpoint>,
    /// How long a callback may take.
    #[arg(long, short, value_name = "TIME", default_value = "30s", value_parser = duration::parse)]
    timeout: Duration,
}

impl Serve {
    pub fn run(&self) -> Result<ExitCode, Failure> {
        let mut book = Book::new(Script::read(&self.file, true)?);
        let mut builder = Host::builder();
        for contract in std::mem::take(&mut book.contracts) {
            builder = builder.describe(&contract);
        }
        for endpoint in &self.endpoints {
            builder = builder.endpoint(&endpoint.to_string());
        }
        let replies = Mutex::new(book.replies);
        let delegate: Arc<dyn Delegate> = Arc::new(Recorded { replies, timeout: self.timeout });
        serve_until_interrupted(builder.delegate_factory(move |_, _| Ok(Some(delegate.clone()))))
    }
}

/// What a call got, and the callbacks before that.
struct Reply {
    callbacks: Vec<Call>,
    outcome: Option<Outcome>,
}

/// The replies to equal calls, and which one is next.
#[derive(Default)]
struct Replies {
    all: Vec<Arc<Reply>>,
    next: usize,
}

impl Replies {
    fn take(&mut self) -> Option<Arc<Reply>> {
        let reply = self.all.get(self.next)?.clone();
        self.next = (self.next + 1).min(self.all.len() - 1);
        Some(reply)
    }
}

/// What a trace says about its host.
#[derive(Default)]
struct Book {
    replies: HashMap<Key, Replies>,
    contracts: Vec<Contract>,
}

impl Book {
    fn new(script: Script) -> Book {
        let mut book = Book::default();
        let mut open: HashMap<(usize, u64), (Call, Vec<Call>)> = HashMap::new();
        for (at, step) in script.steps {
            match step {
                Step::Call { from: Side::Client, id: Some(id), call } => {
                    open.insert((at, id), (call, Vec::new()));
                }
                Step::Call { from: Side::Client, id: None, call } => {
                    let reply = Reply { callbacks: Vec::new(), outcome: None };
                    book.add(&call, reply);
                }
                Step::Call { from: Side::Host, call, .. } => {
                    let parent = call.parent.and_then(|parent| open.get_mut(&(at, parent)));
                    if let Some((_, callbacks)) = parent {
                        callbacks.push(call);
                    }
                }
                Step::Outcome { to: Side::Client, id, outcome } => {
                    if let Some((call, callbacks)) = open.remove(&(at, id)) {
                        book.describe(&call, &outcome);
                        book.add(&call, Reply { callbacks, outcome: Some(outcome) });
                    }
                }
                _ => {}
            }
        }
        book
    }

    fn add(&mut self, call: &Call, reply: Reply) {
        self.replies.entry(Key::of(call)).or_default().all.push(Arc::new(reply));
    }

    /// Keeps the description that the host gave of an interface.
    fn describe(&mut self, call: &Call, outcome: &Outcome) {
        if call.name() != "callgate.Host.Describe" {
            return;
        }
        let Ok(result) = outcome else { return };
        let Ok(document) = serde_json::to_value(WireValue::new(result)) else { return };
        if let Some(Ok(contract)) = document.as_str().map(Contract::parse) {
            self.contracts.push(contract);
        }
    }
}

struct Recorded {
    replies: Mutex<HashMap<Key, Replies>>,
    timeout: Duration,
}

impl Delegate for Recorded {
    fn invoke(&self, call: InboundCall) {
        let (interface, method) = (call.interface(), call.method());
        let (name, list) = (format!("{interface}.{method}"), shown(call.arguments(), SHOWN));
        print_call(&format!("{}{list}", Plain(&name)));
        let key = Key::new(interface, method, call.signature(), call.arguments());
        let found = {
            let mut replies = self.replies.lock().expect("nothing panics with it");
            replies.get_mut(&key).and_then(Replies::take)
        };
        let sent = match found.as_deref() {
            None => call.fail(missing(&name)),
            Some(Reply { callbacks, outcome }) => {
                for callback in callbacks {
                    self.call_back(&call, callback);
                }
                match outcome {
                    Some(Ok(result)) => call.reply_bytes(result),
                    Some(Err(error)) => call.fail(error.clone().with_execution(error.execution())),
                    None => call.reply_bytes(&[]),
                }
            }
        };
        // The caller has gone.
        sent.ok();
    }
}

impl Recorded {
    /// Makes a callback. What it returns was for the host, and does not matter here.
    fn call_back(&self, call: &InboundCall, callback: &Call) {
        let Ok(proxy) = call.connection().proxy(&callback.interface) else { return };
        let mut options = CallOptions::timeout(self.timeout);
        options.signature = callback.signature.clone();
        options.metadata = callback.metadata.clone();
        let (method, arguments) = (&callback.method, &callback.arguments);
        match callback.is_one_way {
            true => drop(proxy.one_way_bytes(method, arguments, &options)),
            false => drop(proxy.call_bytes(method, arguments, &options)),
        }
    }
}

fn missing(name: &str) -> Error {
    let message = format!("the trace has no call of {name} with these arguments");
    Error::new(Status::ContractMismatch, message).with_execution(Execution::NotRun)
}
