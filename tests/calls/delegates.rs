//! How delegates are created, kept and released.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Mutex};
use std::thread;
use std::time::Duration;

use crate::support::gate::{eventually, Gate, Opened};
use crate::support::{unique, watched};
use callgate::{
    CallOptions, Client, Delegate, Error, Execution, Host, HostBuilder, InboundCall, Limits, Status,
};

const LIMIT: Duration = Duration::from_secs(60);

/// Counts delegates.
#[derive(Default)]
struct Count {
    made: AtomicUsize,
    released: AtomicUsize,
}

impl Count {
    fn now(&self) -> (usize, usize) {
        (self.made.load(Ordering::SeqCst), self.released.load(Ordering::SeqCst))
    }
}

/// Replies with its number, after waiting at the gate if requested.
struct Counted {
    number: usize,
    count: Arc<Count>,
    gate: Arc<Gate>,
}

impl Counted {
    fn make(count: &Arc<Count>, gate: &Arc<Gate>) -> Arc<dyn Delegate> {
        let number = count.made.fetch_add(1, Ordering::SeqCst);
        Arc::new(Counted { number, count: count.clone(), gate: gate.clone() })
    }
}

impl Delegate for Counted {
    fn invoke(&self, call: InboundCall) {
        if call.method() == "Pass" {
            self.gate.pass();
        }
        call.reply(&self.number).ok();
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.count.released.fetch_add(1, Ordering::SeqCst);
    }
}

fn builder() -> HostBuilder {
    Host::builder().endpoint(&format!("pipe://{}", unique("delegates")))
}

fn client_of(host: &Host) -> Client {
    Client::connect(&host.endpoints()[0].to_string()).unwrap()
}

#[test]
fn one_is_made_for_sixteen_first_calls_at_once_and_released_once() {
    watched(LIMIT, || {
        for _ in 0..50 {
            let (count, gate) = (Arc::new(Count::default()), Arc::new(Gate::default()));
            let theirs = (count.clone(), gate);
            let host = builder()
                .delegate_factory(move |_, _| Ok(Some(Counted::make(&theirs.0, &theirs.1))))
                .start()
                .unwrap();
            let client = client_of(&host);
            let proxy = client.proxy("ICounted").unwrap();
            let start = Barrier::new(16);
            thread::scope(|scope| {
                for _ in 0..16 {
                    scope.spawn(|| {
                        start.wait();
                        assert_eq!(proxy.call::<usize>("Number", &()).unwrap(), 0);
                    });
                }
            });
            assert_eq!(count.now(), (1, 0));
            client.proxy("IOther").unwrap().call::<usize>("Number", &()).unwrap();
            assert_eq!(count.now(), (2, 0), "another interface has another delegate");
            client.close().unwrap();
            eventually("both are released", || count.now() == (2, 2));
            host.close().unwrap();
            assert_eq!(count.now(), (2, 2));
        }
    });
}

#[test]
fn a_running_invocation_keeps_its_delegate_beyond_the_connection() {
    watched(LIMIT, || {
        let (count, gate) = (Arc::new(Count::default()), Arc::new(Gate::default()));
        let theirs = (count.clone(), gate.clone());
        let ended = Arc::new(Gate::default());
        ended.open();
        let told = ended.clone();
        let host = builder()
            .delegate_factory(move |_, _| Ok(Some(Counted::make(&theirs.0, &theirs.1))))
            .client_disconnected(move |_, _| told.pass())
            .start()
            .unwrap();
        let client = client_of(&host);
        let proxy = client.proxy("ICounted").unwrap();
        thread::scope(|scope| {
            let _opened = Opened(&gate);
            let call = scope.spawn(|| proxy.call::<usize>("Pass", &()));
            gate.wait_for(1);
            client.connection().unwrap().close();
            call.join().unwrap().unwrap_err();
            ended.wait_for(1);
            assert_eq!(count.now(), (1, 0), "it still runs");
        });
        eventually("it is released", || count.now() == (1, 1));
        client.close().unwrap();
        host.close().unwrap();
        assert_eq!(count.now(), (1, 1));
    });
}

#[test]
fn connections_that_die_during_first_calls_make_none_twice_and_leave_none() {
    watched(LIMIT, || {
        let (count, gate) = (Arc::new(Count::default()), Arc::new(Gate::default()));
        let theirs = (count.clone(), gate);
        let asked = Arc::new(Mutex::new(Vec::new()));
        let noted = asked.clone();
        let host = builder()
            .delegate_factory(move |interface, connection| {
                noted.lock().unwrap().push((connection.id(), interface.to_owned()));
                Ok(Some(Counted::make(&theirs.0, &theirs.1)))
            })
            .start()
            .unwrap();
        for round in 0..200 {
            let client = client_of(&host);
            client.wait_connected(None).unwrap();
            let proxies: Vec<_> = (0..8).map(|n| client.proxy(&format!("I{n}")).unwrap()).collect();
            thread::scope(|scope| {
                for proxy in &proxies {
                    scope.spawn(|| proxy.call::<usize>("Number", &()).ok());
                }
                scope.spawn(|| {
                    (0..round % 20).for_each(|_| thread::yield_now());
                    host.connections().iter().for_each(callgate::Connection::close);
                });
            });
            client.close().unwrap();
        }
        host.close().unwrap();
        let (made, released) = count.now();
        assert_eq!(made, released);
        let mut asked = std::mem::take(&mut *asked.lock().unwrap());
        asked.sort();
        let twice = asked.windows(2).find(|pair| pair[0] == pair[1]);
        assert_eq!(twice, None, "made twice for one connection");
    });
}

#[test]
fn factories_are_tried_in_order_and_none_is_remembered() {
    watched(LIMIT, || {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let factory = |name: &'static str, serves: &'static str| {
            let asked = asked.clone();
            move |interface: &str, _: &callgate::Connection| {
                asked.lock().unwrap().push(format!("{name} {interface}"));
                let delegate = move |call: InboundCall| drop(call.reply(&name));
                Ok((interface == serves || serves == "*")
                    .then(|| Arc::new(delegate) as Arc<dyn Delegate>))
            }
        };
        let host = builder()
            .delegate_factory(factory("first", "IFirst"))
            .delegate_factory(factory("second", "ISecond"))
            .start()
            .unwrap();
        let client = client_of(&host);
        let call = |interface: &str| {
            client.proxy(interface).unwrap().call::<String>("Name", &()).map_err(|e| e.status())
        };
        for _ in 0..3 {
            assert_eq!(call("IFirst").as_deref(), Ok("first"));
            assert_eq!(call("ISecond").as_deref(), Ok("second"));
            assert_eq!(call("INone"), Err(Status::ContractMismatch));
        }
        let expected = ["first IFirst", "first ISecond", "second ISecond", "first INone"];
        assert_eq!(asked.lock().unwrap()[..4], expected);
        assert_eq!(asked.lock().unwrap()[4..], ["second INone"]);
        client.close().unwrap();
        host.close().unwrap();
    });
}

#[test]
fn a_failing_factory_is_asked_again() {
    watched(LIMIT, || {
        let asked = AtomicUsize::new(0);
        let host = builder()
            .delegate_factory(move |_, _| match asked.fetch_add(1, Ordering::SeqCst) {
                0 => Err(Error::remote_error("NotYet", "come back later")),
                1 => panic!("a test of panicking factories"),
                _ => Ok(Some(Arc::new(|call: InboundCall| drop(call.reply(&7))))),
            })
            .start()
            .unwrap();
        let client = client_of(&host);
        let proxy = client.proxy("IReluctant").unwrap();
        let error = proxy.call::<i32>("Get", &()).unwrap_err();
        assert_eq!(error.status(), Status::RemoteError);
        assert_eq!(error.remote().unwrap().type_name, "NotYet");
        assert_eq!(error.execution(), Execution::NotRun, "no delegate was there to run");
        let error = proxy.call::<i32>("Get", &()).unwrap_err();
        assert_eq!(error.status(), Status::Internal, "{error}");
        assert_eq!(error.execution(), Execution::NotRun);
        assert_eq!(proxy.call::<i32>("Get", &()).unwrap(), 7);
        client.close().unwrap();
        host.close().unwrap();
    });
}

#[test]
fn a_panicking_delegate_fails_that_caller_alone() {
    watched(LIMIT, || {
        let host = builder()
            .delegate("IPanic", |_| {
                |call: InboundCall| match call.method() {
                    "Panic" => panic!("a test of panicking delegates"),
                    _ => drop(call.reply(&7)),
                }
            })
            .start()
            .unwrap();
        let client = client_of(&host);
        let proxy = client.proxy("IPanic").unwrap();
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..25 {
                        let error = proxy.call::<i32>("Panic", &()).unwrap_err();
                        assert_eq!(error.status(), Status::Internal);
                        assert_eq!(error.execution(), Execution::Ran);
                        assert_eq!(proxy.call::<i32>("Get", &()).unwrap(), 7);
                    }
                });
            }
        });
        client.close().unwrap();
        host.close().unwrap();
    });
}

#[test]
fn a_factory_that_calls_its_own_interface_through_a_client_is_told() {
    watched(LIMIT, || {
        let own: Arc<std::sync::OnceLock<Client>> = Arc::default();
        let theirs = own.clone();
        let host = builder()
            .interface_alias("Old.", "IService")
            .delegate_factory(move |_, _| {
                let client = theirs.get().expect("made before any call");
                for name in ["IService", "Old.IService"] {
                    let proxy = client.proxy(name)?;
                    let called = proxy.call::<i64>("Get", &()).unwrap_err();
                    assert_eq!(called.status(), Status::WouldDeadlock, "{called}");
                    let started = proxy.start::<i64>("Get", &(), &CallOptions::default())?;
                    let started = started.wait().unwrap_err();
                    assert_eq!(started.status(), Status::WouldDeadlock, "{started}");
                    assert_eq!(started.execution(), Execution::NotRun);
                }
                Ok(Some(Arc::new(|call: InboundCall| drop(call.reply(&1)))))
            })
            .start()
            .unwrap();
        let mut limits = Limits::default();
        limits.call_timeout = Some(Duration::from_secs(5));
        let client =
            Client::builder(&host.endpoints()[0].to_string()).limits(limits).connect().unwrap();
        assert!(own.set(client.clone()).is_ok());
        assert_eq!(client.proxy("IService").unwrap().call::<i64>("Get", &()).unwrap(), 1);
    });
}

#[test]
fn a_call_that_waits_for_a_factory_gives_up_at_its_deadline() {
    watched(LIMIT, || {
        let gate = Arc::new(Gate::default());
        let waiting = gate.clone();
        let mut limits = Limits::default();
        // One for the call that asks the factory, one for those that wait for it.
        limits.running_calls = 2;
        let host = builder()
            .limits(limits)
            .delegate_factory(move |interface, _| {
                if interface == "ISlow" {
                    waiting.pass();
                }
                Ok(Some(Arc::new(|call: InboundCall| drop(call.reply(&1)))))
            })
            .start()
            .unwrap();
        let _opened = Opened(&gate);
        let client = Client::connect(&host.endpoints()[0].to_string()).unwrap();
        let (slow, quick) = (client.proxy("ISlow").unwrap(), client.proxy("IQuick").unwrap());
        let first = slow.start::<i64>("Get", &(), &CallOptions::default()).unwrap();
        gate.wait_for(1);
        let soon = CallOptions::timeout(Duration::from_millis(100));
        let late = slow.call_with::<i64>("Get", &(), &soon).unwrap_err();
        assert_eq!(late.status(), Status::TimedOut);
        assert_eq!(quick.call::<i64>("Get", &()).unwrap(), 1, "its place is free again");
        gate.open();
        assert_eq!(first.wait().unwrap(), 1);
    });
}

/// A delegate replies with errors of several origins. Only those that speak of the call itself may say that
/// it did not run.
#[test]
fn an_error_that_a_delegate_passes_on_says_that_its_own_call_ran() {
    watched(LIMIT, || {
        let mut limits = Limits::default();
        limits.connection_timeout = Duration::from_millis(1);
        let nowhere = Client::builder(&format!("pipe://{}", unique("nowhere"))).limits(limits);
        let nested = nowhere.connect().unwrap().proxy("IEcho").unwrap();
        let host = builder()
            .delegate("IRelay", move |_: &callgate::Connection| {
                let nested = nested.clone();
                move |call: InboundCall| {
                    let error = match call.method() {
                        "Misread" => call.args::<(u8,)>().unwrap_err(),
                        "Own" => Error::new(Status::AccessDenied, "not for you"),
                        _ => nested.call::<()>("Echo", &()).unwrap_err(),
                    };
                    drop(match call.method() {
                        "NotPassed" => call.fail(error.with_execution(Execution::NotRun)),
                        _ => call.fail(error),
                    });
                }
            })
            .start()
            .unwrap();
        let relay = client_of(&host).proxy("IRelay").unwrap();
        for (method, status, execution) in [
            ("Pass", Status::ChannelFaulted, Execution::Ran),
            ("NotPassed", Status::ChannelFaulted, Execution::NotRun),
            ("Own", Status::AccessDenied, Execution::Ran),
            ("Misread", Status::ContractMismatch, Execution::NotRun),
        ] {
            let error = relay.call::<()>(method, &()).unwrap_err();
            assert_eq!((error.status(), error.execution()), (status, execution), "{method}");
        }
        host.close().unwrap();
    });
}
