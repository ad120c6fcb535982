//! A client that stands for one of the recorded connections.

use std::collections::{HashMap, HashSet};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::Arc;
use std::time::{Duration, Instant};

use callgate::{Client, Delegate, Error, Execution, InboundCall, Proxy, Status};

use crate::failure::Failure;
use crate::recording::Key;
use crate::target::Target;

/// A client, and the callbacks that have come.
pub struct Peer {
    pub client: Client,
    /// By interface and lane, so that the calls of a lane stay in order.
    proxies: HashMap<(String, u64), Proxy>,
    callbacks: Receiver<InboundCall>,
    /// Those that came before their turn.
    early: Vec<InboundCall>,
}

/// Lets the player reply to the recorded callbacks. Others fail at once.
struct Callbacks {
    recorded: Arc<HashSet<Key>>,
    come: Sender<InboundCall>,
}

impl Delegate for Callbacks {
    fn invoke(&self, call: InboundCall) {
        if self.recorded.contains(&key(&call)) {
            // If nobody plays any more the call fails when it is dropped.
            self.come.send(call).ok();
        } else {
            let message = "the trace has no such callback";
            let error = Error::new(Status::ContractMismatch, message);
            call.fail(error.with_execution(Execution::NotRun)).ok();
        }
    }
}

fn key(call: &InboundCall) -> Key {
    Key::new(call.interface(), call.method(), call.signature(), call.arguments())
}

impl Peer {
    /// Connects, and serves the callbacks that are recorded.
    pub fn connect(target: &Target, recorded: Arc<HashSet<Key>>) -> Result<Peer, Failure> {
        let (come, callbacks) = mpsc::channel();
        let builder = target.builder()?;
        let delegate: Arc<dyn Delegate> = Arc::new(Callbacks { recorded, come });
        let builder = builder.delegate_factory(move |_, _| Ok(Some(delegate.clone())));
        let client = target.connect_with(builder)?.client;
        Ok(Peer { client, proxies: HashMap::new(), callbacks, early: Vec::new() })
    }

    /// The proxy of an interface for the calls of a lane.
    pub fn proxy(&mut self, interface: &str, lane: u64) -> Result<&Proxy, Error> {
        let key = (interface.to_owned(), lane);
        if !self.proxies.contains_key(&key) {
            let proxy = self.client.proxy(interface)?;
            self.proxies.insert(key.clone(), proxy);
        }
        Ok(&self.proxies[&key])
    }

    /// Waits for a callback.
    pub fn callback(&mut self, wanted: &Key, timeout: Duration) -> Option<InboundCall> {
        let deadline = Instant::now() + timeout;
        if let Some(place) = self.early.iter().position(|call| key(call) == *wanted) {
            return Some(self.early.remove(place));
        }
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let call = self.callbacks.recv_timeout(left).ok()?;
            if key(&call) == *wanted {
                return Some(call);
            }
            self.early.push(call);
        }
    }
}
