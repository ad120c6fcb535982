//! Hosts that die and come back; closing, in every order.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use crate::support::gate::{eventually, Gate, Opened};
use crate::support::process::{self, Process};
#[cfg(unix)]
use crate::support::system;
use crate::support::{calculator_host, unique, watched};
use callgate::{CallOptions, Client, Execution, Host, HostBuilder, InboundCall, Limits, Status};

const LIMIT: Duration = Duration::from_secs(60);

/// A host whose `IGate.Pass` waits at the gate, and whose `IGate.Quick` does not.
fn gate_host(gate: &Arc<Gate>) -> HostBuilder {
    let gate = gate.clone();
    Host::builder().endpoint(&format!("pipe://{}", unique("gate"))).delegate("IGate", move |_| {
        let gate = gate.clone();
        move |call: InboundCall| {
            if call.method() == "Pass" {
                gate.pass();
            }
            call.reply(&1).ok();
        }
    })
}

fn client_of(host: &Host) -> Client {
    Client::connect(&host.endpoints()[0].to_string()).unwrap()
}

#[test]
fn a_killed_host_is_succeeded_silently() {
    if let Some(endpoint) = process::role() {
        let _host = calculator_host(&endpoint).start().unwrap();
        process::tell("listening");
        return process::orders().for_each(drop);
    }
    watched(LIMIT, || {
        let name = unique("killed");
        let endpoint = format!("pipe://{name}");
        let start = || {
            let mut host = Process::start("close::a_killed_host_is_succeeded_silently", &endpoint);
            assert_eq!(host.hear(), "listening");
            host
        };
        let client = Client::connect(&endpoint).unwrap();
        let calculator = client.proxy("ICalculator").unwrap();
        for _ in 0..5 {
            let mut host = start();
            assert_eq!(calculator.call::<i64>("Add", &(1, 2)).unwrap(), 3);
            host.kill();
            #[cfg(unix)]
            assert!(system::pipe_socket(&name).is_some());
            let short = CallOptions::timeout(Duration::from_millis(30));
            eventually("the client sees that the host is gone", || {
                client.connection().is_none_or(|connection| !connection.is_open())
            });
            let error = calculator.call_with::<i64>("Add", &(1, 2), &short).unwrap_err();
            assert_eq!(error.status(), Status::TimedOut, "{error}");
            assert_eq!(error.execution(), Execution::NotRun);
            assert!(error.cause().is_some(), "{error}");
        }
        let _host = start();
        assert_eq!(calculator.call::<i64>("Add", &(1, 2)).unwrap(), 3);
        client.close().unwrap();
    });
}

#[test]
fn closing_a_client_ends_its_calls_as_closed() {
    watched(LIMIT, || {
        let gate = Arc::new(Gate::default());
        let host = gate_host(&gate).start().unwrap();
        let client = client_of(&host);
        let proxy = client.proxy("IGate").unwrap();
        thread::scope(|scope| {
            let _opened = Opened(&gate);
            let calls: Vec<_> =
                (0..4).map(|_| scope.spawn(|| proxy.call::<i32>("Pass", &()))).collect();
            gate.wait_for(4);
            client.close().unwrap();
            for call in calls {
                let error = call.join().unwrap().unwrap_err();
                assert_eq!(error.status(), Status::Closed);
                assert_eq!(error.execution(), Execution::Unknown);
            }
        });
        let error = proxy.call::<i32>("Quick", &()).unwrap_err();
        assert_eq!((error.status(), error.execution()), (Status::Closed, Execution::NotRun));
        let error = proxy.one_way("Quick", &()).unwrap_err();
        assert_eq!((error.status(), error.execution()), (Status::Closed, Execution::NotRun));
        client.close().unwrap();
        host.close().unwrap();
        host.close().unwrap();
    });
}

#[test]
fn closing_a_client_ends_calls_that_wait_for_a_host() {
    watched(LIMIT, || {
        let client = Client::connect(&format!("pipe://{}", unique("nobody"))).unwrap();
        let proxy = client.proxy("IGate").unwrap();
        thread::scope(|scope| {
            let call = scope.spawn(|| proxy.call::<i32>("Quick", &()));
            let waiting = scope.spawn(|| client.wait_connected(None));
            client.close().unwrap();
            let error = call.join().unwrap().unwrap_err();
            assert_eq!((error.status(), error.execution()), (Status::Closed, Execution::NotRun));
            assert_eq!(waiting.join().unwrap().unwrap_err().status(), Status::Closed);
        });
    });
}

#[test]
fn closing_a_host_drains_what_runs_and_refuses_what_waits() {
    watched(LIMIT, || {
        let gate = Arc::new(Gate::default());
        let host = gate_host(&gate).start().unwrap();
        let mut limits = Limits::default();
        limits.connection_timeout = Duration::from_millis(50);
        let endpoint = host.endpoints()[0].to_string();
        let client = Client::builder(&endpoint).limits(limits).connect().unwrap();
        client.wait_connected(None).unwrap();
        let proxy = client.proxy("IGate").unwrap();
        let running = Limits::default().running_calls;
        let refused = AtomicUsize::new(0);
        let pass = || proxy.call::<i32>("Pass", &());
        thread::scope(|scope| {
            let _opened = Opened(&gate);
            let ran: Vec<_> = (0..running).map(|_| scope.spawn(pass)).collect();
            gate.wait_for(running);
            let queued: Vec<_> = (0..8)
                .map(|_| {
                    scope.spawn(|| {
                        let error = pass().unwrap_err();
                        refused.fetch_add(1, Ordering::Relaxed);
                        error
                    })
                })
                .collect();
            let closing = scope.spawn(|| host.close());
            eventually("the queued are refused", || refused.load(Ordering::Relaxed) == 8);
            for call in queued {
                let error = call.join().unwrap();
                assert_eq!(error.execution(), Execution::NotRun, "{error:?}");
                // A call made after the host's goodbye waits for another connection.
                let status = error.status();
                assert!(matches!(status, Status::Closed | Status::ChannelFaulted), "{error:?}");
            }
            assert_eq!(gate.arrived(), running);
            gate.open();
            for call in ran {
                assert_eq!(call.join().unwrap().unwrap(), 1);
            }
            closing.join().unwrap().unwrap();
        });
        client.close().unwrap();
    });
}

#[test]
fn a_delegate_that_never_returns_makes_close_time_out_and_no_more() {
    watched(LIMIT, || {
        let gate = Arc::new(Gate::default());
        let host = gate_host(&gate).start().unwrap();
        let client = client_of(&host);
        let proxy = client.proxy("IGate").unwrap();
        thread::scope(|scope| {
            let call = scope.spawn(|| proxy.call::<i32>("Pass", &()));
            gate.wait_for(1);
            let late = host.close_within(Duration::from_millis(50)).unwrap_err();
            assert_eq!(late.status(), Status::TimedOut);
            let error = call.join().unwrap().unwrap_err();
            assert_eq!(error.status(), Status::Closed, "{error:?}");
            assert_eq!(error.execution(), Execution::Unknown);
            gate.open();
            host.close().unwrap();
        });
        client.close().unwrap();
    });
}

#[test]
fn closing_inside_a_delegate_returns_at_once_and_completes() {
    watched(LIMIT, || {
        let (hand_over, host) = mpsc::channel::<Host>();
        let host = std::sync::Mutex::new(host);
        let serving = Host::builder()
            .endpoint(&format!("pipe://{}", unique("inside")))
            .delegate_factory(move |_, _| {
                let host: Host = host.lock().unwrap().recv().unwrap();
                Ok(Some(Arc::new(move |call: InboundCall| {
                    host.close().unwrap();
                    let wait = host.wait(None).unwrap_err();
                    call.reply(&wait.status().code()).unwrap();
                })))
            })
            .start()
            .unwrap();
        hand_over.send(serving.clone()).unwrap();
        let client = client_of(&serving);
        let code: i32 = client.proxy("IClose").unwrap().call("Now", &()).unwrap();
        assert_eq!(Status::from_code(code), Some(Status::WouldDeadlock));
        serving.wait(Some(Duration::from_secs(20))).unwrap();
        client.close().unwrap();
    });
}

#[test]
fn closing_inside_a_handler_returns_at_once_and_completes() {
    watched(LIMIT, || {
        for at_the_end in [false, true] {
            let (hand_over, host) = mpsc::channel::<Host>();
            let host = Arc::new(std::sync::Mutex::new(host));
            let (report, outcome) = mpsc::channel();
            let report = std::sync::Mutex::new(report);
            let close = move || {
                let host: Host = host.lock().unwrap().recv().unwrap();
                report.lock().unwrap().send(host.close()).unwrap();
            };
            let builder = Host::builder().endpoint(&format!("pipe://{}", unique("handler")));
            let serving = match at_the_end {
                false => builder.client_connected(move |_| close()),
                true => builder.client_disconnected(move |_, _| close()),
            }
            .start()
            .unwrap();
            hand_over.send(serving.clone()).unwrap();
            let client = client_of(&serving);
            if at_the_end {
                client.wait_connected(None).unwrap();
                client.close().unwrap();
            }
            outcome.recv().unwrap().unwrap();
            serving.wait(Some(Duration::from_secs(20))).unwrap();
            client.close().unwrap();
        }
    });
}

#[test]
fn closing_from_many_threads_during_calls_is_fine() {
    watched(LIMIT, || {
        for _ in 0..20 {
            let gate = Arc::new(Gate::default());
            gate.open();
            let host = gate_host(&gate).start().unwrap();
            let client = client_of(&host);
            let proxy = client.proxy("IGate").unwrap();
            thread::scope(|scope| {
                for _ in 0..4 {
                    scope.spawn(|| while proxy.call::<i32>("Quick", &()).is_ok() {});
                }
                gate_used(&proxy);
                for _ in 0..4 {
                    scope.spawn(|| host.close().unwrap());
                    scope.spawn(|| client.close().unwrap());
                }
            });
        }
    });
}

fn gate_used(proxy: &callgate::Proxy) {
    proxy.call::<i32>("Quick", &()).unwrap();
}

#[test]
fn connected_and_disconnected_are_told_once_each_and_in_order() {
    watched(LIMIT, || {
        let (tell, told) = mpsc::channel();
        let (first, second) = (std::sync::Mutex::new(tell.clone()), std::sync::Mutex::new(tell));
        let slowly = Arc::new(Gate::default());
        let passing = slowly.clone();
        let host = calculator_host(&format!("pipe://{}", unique("told")))
            .client_connected(move |connection| {
                passing.pass();
                first.lock().unwrap().send(("connected", connection.id())).unwrap();
            })
            .client_disconnected(move |connection, _| {
                second.lock().unwrap().send(("disconnected", connection.id())).unwrap();
            })
            .start()
            .unwrap();
        let client = client_of(&host);
        slowly.wait_for(1);
        let connections = host.connections();
        connections[0].close();
        client.close().unwrap();
        slowly.open();
        for _ in 0..10 {
            let client = client_of(&host);
            client.proxy("ICalculator").unwrap().call::<i64>("Add", &(1, 1)).unwrap();
            client.close().unwrap();
        }
        host.close().unwrap();
        let mut events: Vec<_> = told.try_iter().collect();
        events.sort_by_key(|(_, id)| *id);
        let ids: Vec<_> = events.iter().map(|(_, id)| *id).collect();
        assert!(events.len() >= 22, "{events:?}");
        for (pair, ids) in events.chunks(2).zip(ids.chunks(2)) {
            assert_eq!(pair[0], ("connected", ids[0]), "{events:?}");
            assert_eq!(pair[1], ("disconnected", ids[0]), "{events:?}");
        }
    });
}

#[test]
fn a_client_closed_inside_its_callback_tells_when_it_is_done() {
    watched(LIMIT, || {
        let host = Host::builder()
            .endpoint(&format!("pipe://{}", unique("callback")))
            .delegate("IBack", |_: &callgate::Connection| {
                |call: InboundCall| {
                    let back = call.connection().proxy("ICallback");
                    call.reply_with(back.and_then(|back| back.call::<i32>("Close", &()))).ok();
                }
            })
            .start()
            .unwrap();
        let (hand_over, own) = mpsc::channel::<Client>();
        let own = std::sync::Mutex::new(own);
        let client = Client::builder(&host.endpoints()[0].to_string())
            .callback_handler("ICallback", move |call: InboundCall| {
                let client = own.lock().unwrap().recv().unwrap();
                client.close().unwrap();
                let wait = client.wait_closed(None).unwrap_err();
                call.reply(&wait.status().code()).ok();
            })
            .connect()
            .unwrap();
        hand_over.send(client.clone()).unwrap();
        // Whether its call gets its reply before the end does not matter here.
        let outcome = client.proxy("IBack").unwrap().call::<i32>("Now", &());
        if let Ok(code) = outcome {
            assert_eq!(Status::from_code(code), Some(Status::WouldDeadlock));
        }
        client.wait_closed(Some(Duration::from_secs(20))).unwrap();
        assert_eq!(client.wait_connected(None).unwrap_err().status(), Status::Closed);
    });
}
