//! What the host serves to the Python peer, and what it saw.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use callgate::{Connection, Error, Host, HostBuilder, InboundCall, Remote, Status};

#[derive(Default)]
struct State {
    held: HashMap<u64, InboundCall>,
    resumed: HashSet<u64>,
    notes: Vec<i64>,
    log: Vec<String>,
}

/// The service `IPeer`. Clones are the same service.
#[derive(Clone, Default)]
pub struct Service(Arc<(Mutex<State>, Condvar)>);

impl Service {
    /// A host that serves it on this endpoint.
    pub fn host(&self, endpoint: &str) -> HostBuilder {
        let (service, ordered, logger) = (self.clone(), self.clone(), self.clone());
        Host::builder()
            .endpoint(endpoint)
            .delegate("IPeer", move |_: &Connection| {
                let service = service.clone();
                move |call| service.serve(call)
            })
            .delegate("IOrdered", move |_: &Connection| {
                let service = ordered.clone();
                move |call| service.serve(call)
            })
            .ordered("IOrdered")
            .log(move |event| {
                logger.0 .0.lock().unwrap().log.push(event.message.to_string());
                logger.0 .1.notify_all();
            })
    }

    /// The numbers noted, in order.
    pub fn notes(&self) -> Vec<i64> {
        self.0 .0.lock().unwrap().notes.clone()
    }

    /// Waits for a log line with these words, and takes it.
    pub fn logged(&self, words: &str) -> String {
        let mut state = self.0 .0.lock().unwrap();
        loop {
            if let Some(place) = state.log.iter().position(|line| line.contains(words)) {
                return state.log.remove(place);
            }
            state = self.0 .1.wait(state).unwrap();
        }
    }

    /// Waits until the log accounts for `count` events: each by a line with these words, or in a line that
    /// says how many were not logged.
    pub fn logged_or_counted(&self, words: &str, count: usize) {
        let events = |line: &String| match line.split_once(" more ") {
            Some((number, _)) if line.ends_with("were not logged") => number.parse().unwrap(),
            _ => usize::from(line.contains(words)),
        };
        let mut state = self.0 .0.lock().unwrap();
        while state.log.iter().map(events).sum::<usize>() < count {
            state = self.0 .1.wait(state).unwrap();
        }
        state.log.clear();
    }

    /// Replies to a call that was held.
    pub fn release(&self, key: u64) {
        let held = self.0 .0.lock().unwrap().held.remove(&key).expect("a held call");
        held.reply(&key).unwrap();
    }

    /// Keeps a call running until it is resumed.
    fn pause(&self, key: u64) {
        let mut state = self.0 .0.lock().unwrap();
        while !state.resumed.contains(&key) {
            state = self.0 .1.wait(state).unwrap();
        }
    }

    /// Gives up a held call, whose caller has gone.
    pub fn forget(&self, key: u64) {
        let held = self.0 .0.lock().unwrap().held.remove(&key).expect("a held call");
        assert!(held.wait_cancelled(None), "its delegate learns that nobody waits");
    }

    /// The same, once it has arrived.
    pub fn release_when_held(&self, key: u64) {
        let mut state = self.0 .0.lock().unwrap();
        while !state.held.contains_key(&key) {
            state = self.0 .1.wait(state).unwrap();
        }
        drop(state);
        self.release(key);
    }

    fn serve(&self, call: InboundCall) {
        let method = call.method().to_owned();
        let answered = match method.as_str() {
            "Add" => match call.args::<(i64, i64)>() {
                Ok((a, b)) => call.reply(&(a + b)),
                Err(error) => call.fail(error),
            },
            "Echo" => {
                let echo = call.arguments()[1..].to_vec();
                call.reply_bytes(&echo)
            }
            "Describe" => describe(call),
            "Nil" => call.reply(&()),
            "Note" => match call.args::<(i64, String)>() {
                Ok((number, _)) => {
                    self.0 .0.lock().unwrap().notes.push(number);
                    Ok(())
                }
                Err(error) => call.fail(error),
            },
            "Noted" => call.reply(&self.notes().len()),
            "Forget" => {
                *self.0 .0.lock().unwrap() = State::default();
                call.reply(&())
            }
            "Pause" => {
                self.pause(call.args::<(u64,)>().unwrap().0);
                call.reply(&())
            }
            "Resume" => {
                let (key,) = call.args::<(u64,)>().unwrap();
                self.0 .0.lock().unwrap().resumed.insert(key);
                self.0 .1.notify_all();
                call.reply(&())
            }
            "Hold" => {
                let (key,) = call.args::<(u64,)>().unwrap();
                self.0 .0.lock().unwrap().held.insert(key, call);
                self.0 .1.notify_all();
                Ok(())
            }
            "Release" => {
                let (key,) = call.args::<(u64,)>().unwrap();
                self.release_when_held(key);
                call.reply(&())
            }
            "Late" => {
                call.wait_cancelled(None);
                call.reply(&"half")
            }
            "Ask" => ask(call),
            "Fail" => fail(call),
            "Panic" => panic!("a delegate that panics, on purpose"),
            "Drop" => {
                drop(call);
                Ok(())
            }
            _ => call.fail_no_method(),
        };
        if let Err(error) = answered {
            // The caller gets the error too.
            assert_eq!(error.status(), Status::LimitExceeded, "{method}: {error}");
        }
    }
}

/// Replies with what it sees of the call itself.
fn describe(call: InboundCall) -> callgate::Result<()> {
    let in_a_minute = Instant::now() + Duration::from_secs(60);
    if let Some(deadline) = call.deadline() {
        assert!(deadline <= in_a_minute, "the peer gives a minute at most");
    }
    let signature = call.signature().map(str::to_owned);
    let metadata: Vec<(String, String)> =
        call.metadata().iter().map(|(key, value)| (key.to_string(), value.to_string())).collect();
    let has_deadline = call.deadline().is_some();
    call.reply(&(signature, has_deadline, metadata))
}

/// Calls the peer back, and replies with the outcome.
fn ask(call: InboundCall) -> callgate::Result<()> {
    let (method, number) = call.args::<(String, i64)>().unwrap();
    let script = call.connection().proxy("IScript").unwrap();
    match script.call::<i64>(&method, &(number,)) {
        Ok(result) => call.reply(&("ok", result)),
        Err(error) => {
            let (status, execution) = (error.status().code(), error.execution().code());
            call.reply(&("error", status, execution, error.message()))
        }
    }
}

fn fail(call: InboundCall) -> callgate::Result<()> {
    let (why,) = call.args::<(String,)>().unwrap();
    // {"code": [1, nil]}
    let data = b"\x81\xa4code\x92\x01\xc0".to_vec();
    let remote = Remote { type_name: "Failure".into(), trace: "at Fail".into(), data };
    call.fail(Error::remote_error("Failure", why).with_remote(remote))
}
