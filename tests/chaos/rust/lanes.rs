//! The three lanes of a client: calls of all kinds, one-way calls, and started calls of an ordered interface.

use std::thread;
use std::time::Duration;

use callgate::{CallOptions, CancelToken, Client, Execution, PendingCall, Proxy, Result, Timeout};
use rmpv::Value;
use serde::de::DeserializeOwned;

use crate::record::{check, Record};

/// What each lane does in one step.
pub const STEPS: [fn(&mut Lane); 3] = [mixed, one_way, ordered];

/// The kinds of calls, as their ids have them.
const RUN: u64 = 0;
const TELL: u64 = 1;
const ECHO: u64 = 2;
const BACK: u64 = 3;
const SLOW: u64 = 4;
const CANCELLED: u64 = 5;
const HASTY: u64 = 6;

/// What is recorded of a call: that it begins, and how it ends.
const BEGUN: u64 = 0;
const OK: u64 = 1;
const NOT_RUN: u64 = 2;
const RAN: u64 = 3;
const UNKNOWN: u64 = 4;
const WRONG: u64 = 5;

/// A thread that calls, with proxies of its own.
pub struct Lane<'a> {
    record: &'a Record,
    work: Proxy,
    ordered: Proxy,
    /// The bits of an id that say which lane made the call.
    prefix: u64,
    calls: u64,
    random: u64,
}

impl<'a> Lane<'a> {
    pub fn new(client: &Client, record: &'a Record, number: u64, lane: u64, seed: u64) -> Self {
        let proxy = |interface| client.proxy(interface).expect("a proxy");
        let (work, ordered) = (proxy("IWork"), proxy("IOrdered"));
        let prefix = number << 40 | lane << 36;
        Lane { record, work, ordered, prefix, calls: 0, random: seed ^ prefix }
    }

    fn below(&mut self, limit: u64) -> u64 {
        let next = self.random.wrapping_mul(6_364_136_223_846_793_005);
        self.random = next.wrapping_add(1_442_695_040_888_963_407);
        (self.random >> 33) % limit
    }

    /// Records that a call begins, and returns its id.
    fn begin(&mut self, kind: u64) -> u64 {
        let id = self.prefix | kind << 32 | self.calls;
        self.calls += 1;
        self.record.note(id, BEGUN);
        id
    }

    fn end<T: PartialEq>(&self, id: u64, result: Result<T>, expected: &T) {
        let (outcome, status) = match &result {
            Ok(result) if result == expected => (OK, 0),
            Ok(_) => (WRONG, 0),
            Err(error) => match error.execution() {
                Execution::NotRun => (NOT_RUN, error.status().code()),
                Execution::Ran => (RAN, error.status().code()),
                Execution::Unknown => (UNKNOWN, error.status().code()),
            },
        };
        self.record.note(id, outcome | (status as u64) << 8);
    }

    /// A call with a timeout in milliseconds, or with the usual one.
    fn call(&mut self, kind: u64, method: &str, timeout: Option<u64>) {
        let id = self.begin(kind);
        let mut options = CallOptions::default();
        if let Some(timeout) = timeout {
            options.timeout = Timeout::After(Duration::from_millis(timeout));
        }
        let result = self.work.call_with(method, &(id, check(id)), &options);
        self.end(id, result, &check(id));
    }

    /// A call that is cancelled soon after it begins.
    fn cancelled(&mut self) {
        let (id, wait) = (self.begin(CANCELLED), self.below(30));
        let token = CancelToken::new();
        let mut options = CallOptions::timeout(Duration::from_secs(2));
        options.cancel = Some(token.clone());
        let result = thread::scope(|scope| {
            scope.spawn(move || {
                thread::sleep(Duration::from_millis(wait));
                token.cancel();
            });
            self.work.call_with("Slow", &(id, check(id)), &options)
        });
        self.end(id, result, &check(id));
    }

    fn large(&mut self) {
        let (id, size) = (self.begin(ECHO), self.below(400_000));
        let bytes = Value::Binary((0..size).map(|i| i.wrapping_mul(id) as u8).collect());
        let result = self.work.call("Echo", &(id, check(id), &bytes));
        self.end(id, result, &bytes);
    }

    fn back(&mut self) {
        let (id, depth) = (self.begin(BACK), self.below(4));
        let result = self.work.call("Back", &(id, check(id), depth));
        self.end(id, result, &depth);
    }

    fn tell(&mut self, proxy: Proxy) {
        let id = self.begin(TELL);
        self.end(id, proxy.one_way("Tell", &(id, check(id))), &());
    }

    fn start<T: DeserializeOwned>(&mut self) -> (u64, Result<PendingCall<T>>) {
        let id = self.begin(RUN);
        (id, self.ordered.start("Run", &(id, check(id)), &CallOptions::default()))
    }
}

fn mixed(lane: &mut Lane) {
    match lane.below(100) {
        0..4 => lane.large(),
        4..20 => lane.back(),
        20..24 => {
            let timeout = lane.below(60) + 1;
            lane.call(SLOW, "Slow", Some(timeout));
        }
        24..28 => lane.cancelled(),
        28..36 => {
            let timeout = lane.below(5) + 1;
            lane.call(HASTY, "Run", Some(timeout));
        }
        _ => lane.call(RUN, "Run", None),
    }
}

fn one_way(lane: &mut Lane) {
    for _ in 0..lane.below(16) {
        lane.tell(lane.work.clone());
    }
    lane.call(RUN, "Run", None);
}

fn ordered(lane: &mut Lane) {
    let mut started = Vec::new();
    for _ in 0..=lane.below(6) {
        started.push(lane.start());
        if lane.below(3) == 0 {
            lane.tell(lane.ordered.clone());
        }
    }
    for (id, call) in started {
        lane.end(id, call.and_then(PendingCall::wait), &check(id));
    }
}
