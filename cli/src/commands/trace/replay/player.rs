//! Plays the steps of a trace.

use std::collections::{HashMap, HashSet};
use std::sync::mpsc::{self, Receiver};
use std::sync::Arc;
use std::time::Duration;

use callgate::{CallOptions, CancelToken, Error, InboundCall, Status, Timeout};

use crate::commands::trace::replay::difference::{are_same, in_words, Difference};
use crate::commands::trace::replay::peer::Peer;
use crate::failure::Failure;
use crate::recording::{Call, Key, Outcome, Script, Side, Step};
use crate::target::Target;

/// A call of the client that has been made.
struct Started {
    name: String,
    outcome: Receiver<Outcome>,
    cancel: CancelToken,
    is_compared: bool,
}

/// What came of it.
#[derive(Default)]
pub struct Played {
    pub calls: usize,
    pub compared: usize,
    pub differences: Vec<Difference>,
}

/// Plays steps one after the other. Ids are those of the recorded calls.
pub struct Player<'a> {
    target: &'a Target,
    timeout: Duration,
    ignored: &'a [String],
    recorded: Arc<HashSet<Key>>,
    peers: HashMap<usize, Peer>,
    started: HashMap<(usize, u64), Started>,
    callbacks: HashMap<(usize, u64), InboundCall>,
    played: Played,
}

impl<'a> Player<'a> {
    pub fn new(
        target: &'a Target,
        timeout: Duration,
        ignored: &'a [String],
        script: &Script,
    ) -> Player<'a> {
        let callbacks = script.steps.iter().filter_map(|(_, step)| match step {
            Step::Call { from: Side::Host, call, .. } => Some(Key::of(call)),
            _ => None,
        });
        Player {
            target,
            timeout,
            ignored,
            recorded: Arc::new(callbacks.collect()),
            peers: HashMap::new(),
            started: HashMap::new(),
            callbacks: HashMap::new(),
            played: Played::default(),
        }
    }

    pub fn play(&mut self, steps: &[(usize, Step)]) -> Result<(), Failure> {
        for (connection, step) in steps {
            let at = *connection;
            match step {
                Step::Call { from: Side::Client, id, call } => self.call(at, *id, call)?,
                Step::Call { from: Side::Host, id, call } => self.callback(at, *id, call),
                Step::Outcome { to: Side::Client, id, outcome } => self.compare(at, *id, outcome),
                Step::Outcome { to: Side::Host, id, outcome } => self.reply(at, *id, outcome),
                Step::Cancel { from: Side::Client, id } => self.cancel(at, *id),
                Step::Cancel { from: Side::Host, .. } => {}
                Step::End => self.end(at),
            }
        }
        Ok(())
    }

    /// What came of it. The connections that are still there end.
    pub fn finish(mut self) -> Played {
        let open: Vec<usize> = self.peers.keys().copied().collect();
        open.into_iter().for_each(|connection| self.end(connection));
        self.played
    }

    fn call(&mut self, at: usize, id: Option<u64>, call: &Call) -> Result<(), Failure> {
        self.played.calls += 1;
        if !self.peers.contains_key(&at) {
            self.peers.insert(at, Peer::connect(self.target, self.recorded.clone())?);
        }
        let peer = self.peers.get_mut(&at).expect("it is connected");
        let mut options = CallOptions::default();
        options.timeout = Timeout::After(self.timeout);
        options.signature = call.signature.clone();
        options.metadata = call.metadata.clone();
        let cancel = CancelToken::new();
        options.cancel = Some(cancel.clone());
        let proxy = peer.proxy(&call.interface, call.lane)?;
        let (done, outcome) = mpsc::channel();
        let make = || match id {
            None => proxy.one_way_bytes(&call.method, &call.arguments, &options),
            Some(_) => {
                proxy.start_bytes(&call.method, call.arguments.clone(), &options, move |outcome| {
                    // If nobody waits, the trace has no outcome either.
                    done.send(outcome.map(|reply| reply.to_vec())).ok();
                })
            }
        };
        let parent = call.parent.and_then(|parent| self.callbacks.get(&(at, parent)));
        match parent {
            Some(parent) => parent.within(make)?,
            None => make()?,
        }
        if let Some(id) = id {
            let name = call.name();
            let is_compared = !self.ignored.contains(&name);
            self.started.insert((at, id), Started { name, outcome, cancel, is_compared });
        }
        Ok(())
    }

    /// Waits for a callback that the host made at this point.
    fn callback(&mut self, at: usize, id: Option<u64>, call: &Call) {
        let Some(peer) = self.peers.get_mut(&at) else { return };
        match (peer.callback(&Key::of(call), self.timeout), id) {
            (Some(callback), Some(id)) => drop(self.callbacks.insert((at, id), callback)),
            (Some(_), None) => {}
            (None, _) => {
                let recorded = format!("a callback {}", call.name());
                let now = "no such callback".to_owned();
                self.note(Difference { connection: at, name: call.name(), recorded, now });
            }
        }
    }

    /// Replies to a callback as the client did.
    fn reply(&mut self, at: usize, id: u64, outcome: &Outcome) {
        let Some(callback) = self.callbacks.remove(&(at, id)) else { return };
        let sent = match outcome {
            Ok(result) => callback.reply_bytes(result),
            Err(error) => callback.fail(error.clone().with_execution(error.execution())),
        };
        // If the host has gone, its own reply will differ.
        sent.ok();
    }

    fn compare(&mut self, at: usize, id: u64, recorded: &Outcome) {
        let Some(started) = self.started.remove(&(at, id)) else { return };
        let late = || Err(Error::new(Status::TimedOut, "there was no reply"));
        let now = started.outcome.recv_timeout(self.timeout).unwrap_or_else(|_| late());
        if !started.is_compared {
            return;
        }
        self.played.compared += 1;
        if !are_same(recorded, &now) {
            let (recorded, now) = (in_words(recorded), in_words(&now));
            self.note(Difference { connection: at, name: started.name, recorded, now });
        }
    }

    /// Cancels a call. When it ends depends on the time, so its outcome is not compared.
    fn cancel(&mut self, at: usize, id: u64) {
        if let Some(started) = self.started.get_mut(&(at, id)) {
            started.is_compared = false;
            started.cancel.cancel();
        }
    }

    fn end(&mut self, at: usize) {
        self.started.retain(|(connection, _), _| *connection != at);
        self.callbacks.retain(|(connection, _), _| *connection != at);
        if let Some(peer) = self.peers.remove(&at) {
            // What is still running has no recorded end.
            peer.client.close().ok();
        }
    }

    fn note(&mut self, difference: Difference) {
        self.played.differences.push(difference);
    }
}
