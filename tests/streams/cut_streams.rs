//! Conversations over lines that are cut at every byte, that stall, and that deliver single bytes.

use std::sync::Arc;
use std::time::Duration;

use crate::support::ledger::{answer, Ledger};
use crate::support::relay::{Fault, Relay, Way};
use crate::support::{raw, watched};
use callgate::{Client, Error, Execution, Host, InboundCall, Limits, Proxy, Result, Status};

const LIMIT: Duration = Duration::from_secs(240);

/// The most calls, one-way calls included, in one test.
const NUMBERS: usize = 100_000;

/// The timeout for what stalls.
const SHORT: Duration = Duration::from_millis(60);

/// A host behind a relay, and what ran on both sides.
struct Stage {
    _host: Host,
    relay: Relay,
    ran: Arc<Ledger>,
    called_back: Arc<Ledger>,
    limits: Limits,
    next: u64,
    told: Vec<(u64, Told)>,
}

/// What the caller of a number learnt.
#[derive(Debug)]
enum Told {
    Ran,
    NotRun,
    Unknown,
}

fn serve(ran: &Ledger, callback: &Proxy, call: InboundCall) {
    let number = match call.method() {
        "Swallow" => call.args::<(u64, String)>().unwrap().0,
        _ => call.args::<(u64,)>().unwrap().0,
    };
    ran.note(number);
    let outcome = match call.method() {
        "Fail" => Err(Error::remote_error("OnPurpose", "as asked")),
        "Back" => callback.call("Run", &(number,)),
        _ => Ok(answer(number)),
    };
    call.reply_with(outcome).ok();
}

impl Stage {
    fn new(limits: Limits) -> Stage {
        let (ran, called_back) = (Ledger::new(NUMBERS), Ledger::new(NUMBERS));
        let endpoint = raw::endpoint("cut-streams");
        let noted = ran.clone();
        let host = Host::builder()
            .endpoint(&endpoint)
            .duplex_delegate_factory("IService", "ICallback", move |_, callback| {
                let ran = noted.clone();
                Ok(Some(Arc::new(move |call: InboundCall| serve(&ran, &callback, call))))
            })
            .start()
            .unwrap();
        let relay = Relay::start(&endpoint);
        Stage { _host: host, relay, ran, called_back, limits, next: 0, told: Vec::new() }
    }

    /// Lets a client send everything there is over a line with this fault, or until a call fails. Returns
    /// whether all went well.
    fn converse(&mut self, fault: Option<Fault>) -> bool {
        self.relay.prepare(fault);
        let called_back = self.called_back.clone();
        let client = Client::builder(&self.relay.endpoint())
            .limits(self.limits.clone())
            .callback_handler("ICallback", move |call: InboundCall| called_back.serve(call))
            .connect()
            .unwrap();
        let service = client.proxy("IService").unwrap();
        let mut well = true;
        for method in ["Run", "Fail", "Back", "Run"] {
            well = well && service.one_way("Run", &(self.number(),)).is_ok();
            well = well && self.call(&service, method);
        }
        if !well {
            // What stalls ends, and the client recovers.
            self.relay.cut();
            while !self.call(&service, "Run") {}
        }
        client.close().unwrap();
        well
    }

    fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    fn call(&mut self, service: &Proxy, method: &str) -> bool {
        let number = self.number();
        self.hear(number, service.call(method, &(number,)))
    }

    /// Records the outcome of a call; returns whether the host's reply came.
    fn hear(&mut self, number: u64, result: Result<u64>) -> bool {
        let (told, well) = match &result {
            Ok(result) => {
                assert_eq!(*result, answer(number));
                (Told::Ran, true)
            }
            Err(error) => {
                let execution = match error.execution() {
                    Execution::Ran => Told::Ran,
                    Execution::NotRun => Told::NotRun,
                    Execution::Unknown => Told::Unknown,
                };
                let failed = error.status() == Status::RemoteError;
                let lost = matches!(error.status(), Status::ChannelFaulted | Status::TimedOut);
                assert!(failed || lost, "{error:?}");
                (execution, failed)
            }
        };
        self.told.push((number, told));
        well
    }

    fn check(&self) {
        assert!(self.ran.repeated().is_empty(), "ran more than once");
        assert!(self.called_back.repeated().is_empty(), "called back more than once");
        for (number, told) in &self.told {
            let runs = self.ran.runs(*number);
            let is_true = match told {
                Told::Ran => runs == 1,
                Told::NotRun => runs == 0,
                Told::Unknown => runs <= 1,
            };
            assert!(is_true, "call {number} ran {runs} times and ended as {told:?}");
        }
    }
}

/// Limits for lines that break: reconnecting is quick, and a call without an outcome hangs.
fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.reconnect_backoff = Some((Duration::from_millis(1), Duration::from_millis(5)));
    limits.call_timeout = None;
    limits
}

/// The same, but nothing waits for long.
fn impatient() -> Limits {
    let mut limits = limits();
    limits.handshake_timeout = SHORT;
    limits.connection_timeout = SHORT;
    limits.call_timeout = Some(SHORT);
    limits.write_timeout = SHORT;
    limits
}

fn cut_at_every_byte(way: Way) {
    watched(LIMIT, move || {
        let mut stage = Stage::new(limits());
        assert!(stage.converse(None));
        let whole = stage.relay.passed(way);
        assert!(whole > 100, "a conversation: {whole} bytes");
        let failed =
            (0..whole).filter(|after| !stage.converse(Some(Fault::Cut(way, *after)))).count();
        println!("{whole} cuts, of which {failed} cost a call its answer");
        assert!(failed > 0, "some cuts meet a call");
        stage.check();
    });
}

#[test]
fn what_the_host_hears_is_cut_at_every_byte() {
    cut_at_every_byte(Way::ToHost);
}

#[test]
fn what_the_client_hears_is_cut_at_every_byte() {
    cut_at_every_byte(Way::ToClient);
}

fn stall_at_many_bytes(way: Way) {
    watched(LIMIT, move || {
        let mut stage = Stage::new(impatient());
        while !stage.converse(None) {}
        let whole = stage.relay.passed(way);
        let failed =
            (0..whole).step_by(7).filter(|after| !stage.converse(Some(Fault::Stall(way, *after))));
        assert!(failed.count() > 0, "stalls are noticed");
        stage.check();
    });
}

#[test]
fn what_the_host_hears_stalls() {
    stall_at_many_bytes(Way::ToHost);
}

#[test]
fn what_the_client_hears_stalls() {
    stall_at_many_bytes(Way::ToClient);
}

#[test]
fn single_bytes_make_a_whole_conversation() {
    watched(LIMIT, || {
        let mut stage = Stage::new(limits());
        for _ in 0..10 {
            assert!(stage.converse(Some(Fault::Crumbs)));
        }
        stage.check();
    });
}

#[test]
fn large_calls_to_a_host_that_stops_reading_end_and_the_client_works_on() {
    watched(LIMIT, || {
        let mut limits = limits();
        limits.write_timeout = SHORT;
        let mut stage = Stage::new(limits);
        // In the middle of the first large call's frame.
        stage.relay.prepare(Some(Fault::Stall(Way::ToHost, 1 << 20)));
        let client = Client::builder(&stage.relay.endpoint())
            .limits(stage.limits.clone())
            .connect()
            .unwrap();
        let service = client.proxy("IService").unwrap();
        let ballast = "x".repeat(4 << 20);
        let numbers: Vec<_> = (0..8).map(|_| stage.number()).collect();
        let results: Vec<(u64, Result<u64>)> = std::thread::scope(|scope| {
            let call = |number| service.call("Swallow", &(number, &ballast));
            let calls = numbers.iter().map(|number| scope.spawn(move || (*number, call(*number))));
            let calls: Vec<_> = calls.collect();
            calls.into_iter().map(|call| call.join().unwrap()).collect()
        });
        for (number, result) in results {
            stage.hear(number, result);
        }
        assert!(stage.call(&service, "Run"));
        client.close().unwrap();
        stage.check();
    });
}
