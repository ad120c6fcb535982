//! Asynchronous calls, which are started and not waited for.

use std::sync::{mpsc, Arc, Mutex};
use std::thread;
use std::time::Duration;

use crate::block_on::block_on;
use crate::support::gate::{Gate, Opened};
use crate::support::{calculator_host, unique, watched};
use callgate::{
    CallOptions, CancelToken, Client, Connection, Execution, Host, InboundCall, Limits,
    PendingCall, Status,
};

const LIMIT: Duration = Duration::from_secs(60);

fn started(client: &Client, method: &str, n: i64) -> PendingCall<i64> {
    let calculator = client.proxy("ICalculator").unwrap();
    calculator.start(method, &(n, 1), &CallOptions::default()).unwrap()
}

#[test]
fn a_thousand_calls_are_started_and_then_waited_for() {
    watched(LIMIT, || {
        let host = calculator_host(&format!("pipe://{}", unique("thousand"))).start().unwrap();
        let client = Client::connect(&host.endpoints()[0].to_string()).unwrap();
        let calculator = client.proxy("ICalculator").unwrap();
        // The first ones are started before there is a connection.
        let calls: Vec<PendingCall<i64>> = (0..1_000)
            .map(|n: i64| calculator.start("Add", &(n, 1), &CallOptions::default()).unwrap())
            .collect();
        for (n, call) in calls.into_iter().enumerate() {
            assert_eq!(call.wait().unwrap(), n as i64 + 1);
        }
    });
}

#[test]
fn more_than_the_credits_allow_are_started_and_none_is_lost() {
    watched(LIMIT, || {
        let mut limits = Limits::default();
        limits.inbound_calls = 4;
        let host = calculator_host(&format!("pipe://{}", unique("credits")))
            .limits(limits)
            .start()
            .unwrap();
        let client = Client::connect(&host.endpoints()[0].to_string()).unwrap();
        let calls: Vec<_> = (0..500).map(|n| started(&client, "Add", n)).collect();
        for (n, call) in calls.into_iter().enumerate() {
            assert_eq!(call.wait().unwrap(), n as i64 + 1);
        }
    });
}

#[test]
fn a_started_call_can_be_awaited() {
    watched(LIMIT, || {
        let host = calculator_host(&format!("pipe://{}", unique("await"))).start().unwrap();
        let client = Client::connect(&host.endpoints()[0].to_string()).unwrap();
        let sum = block_on(async {
            let first = started(&client, "Add", 1).await?;
            started(&client, "Add", first).await
        });
        assert_eq!(sum.unwrap(), 3);
        let error = block_on(started(&client, "Subtract", 1)).unwrap_err();
        assert_eq!(error.status(), Status::ContractMismatch);
    });
}

#[test]
fn a_completion_is_called_once_and_may_call_and_close() {
    watched(LIMIT, || {
        let host = calculator_host(&format!("pipe://{}", unique("completion"))).start().unwrap();
        let client = Client::connect(&host.endpoints()[0].to_string()).unwrap();
        let calculator = client.proxy("ICalculator").unwrap();
        let (tell, told) = mpsc::channel();
        let (again, closing) = (calculator.clone(), client.clone());
        let arguments = vec![0x92, 1, 2];
        calculator
            .start_bytes("Add", arguments, &CallOptions::default(), move |outcome| {
                let sum: i64 = outcome.unwrap().decode().unwrap();
                let more: i64 = again.call("Add", &(sum, 1)).unwrap();
                closing.close().unwrap();
                tell.send(more).unwrap();
            })
            .unwrap();
        assert_eq!(told.recv().unwrap(), 4);
        assert!(told.recv().is_err(), "only once");
    });
}

/// A host whose calls wait at the gate.
fn gate_host(gate: &Arc<Gate>) -> (Host, Client) {
    let waiting = gate.clone();
    let host = Host::builder()
        .endpoint(&format!("pipe://{}", unique("gate")))
        .delegate("ICalculator", move |_: &Connection| {
            let gate = waiting.clone();
            move |call: InboundCall| {
                gate.pass();
                call.reply(&0).ok();
            }
        })
        .start()
        .unwrap();
    let client = Client::connect(&host.endpoints()[0].to_string()).unwrap();
    (host, client)
}

#[test]
fn deadlines_cancellation_and_close_end_started_calls() {
    watched(LIMIT, || {
        let gate = Arc::new(Gate::default());
        let (_host, client) = gate_host(&gate);
        let _opened = Opened(&gate);
        let calculator = client.proxy("ICalculator").unwrap();
        let soon = CallOptions::timeout(Duration::from_millis(80));
        client.wait_connected(None).unwrap();
        let late = calculator.start::<i64>("Add", &(1, 2), &soon).unwrap();
        let token = CancelToken::new();
        let mut options = CallOptions::default();
        options.cancel = Some(token.clone());
        let cancelled = calculator.start::<i64>("Add", &(1, 2), &options).unwrap();
        let closed = calculator.start::<i64>("Add", &(1, 2), &CallOptions::default()).unwrap();
        gate.wait_for(3);
        let outcome = |call: PendingCall<i64>| {
            let error = call.wait().unwrap_err();
            (error.status(), error.execution())
        };
        assert_eq!(outcome(late), (Status::TimedOut, Execution::Unknown));
        token.cancel();
        assert_eq!(outcome(cancelled), (Status::Cancelled, Execution::Unknown));
        client.close().unwrap();
        assert_eq!(outcome(closed), (Status::Closed, Execution::Unknown));
        let after = calculator.start::<i64>("Add", &(1, 2), &CallOptions::default()).unwrap();
        assert_eq!(outcome(after), (Status::Closed, Execution::NotRun));
    });
}

#[test]
fn started_calls_without_a_host_time_out_unsent() {
    watched(LIMIT, || {
        let client = Client::connect(&format!("pipe://{}", unique("nobody"))).unwrap();
        let proxy = client.proxy("ICalculator").unwrap();
        let soon = CallOptions::timeout(Duration::from_millis(50));
        let calls: Vec<_> =
            (0..100).map(|_| proxy.start::<i64>("Add", &(1, 2), &soon).unwrap()).collect();
        for call in calls {
            let error = call.wait().unwrap_err();
            assert_eq!((error.status(), error.execution()), (Status::TimedOut, Execution::NotRun));
        }
    });
}

#[test]
fn started_and_one_way_calls_of_a_thread_begin_in_order() {
    watched(LIMIT, || {
        let seen: Arc<Mutex<Vec<u32>>> = Arc::default();
        let notes = seen.clone();
        let host = Host::builder()
            .endpoint(&format!("pipe://{}", unique("order")))
            .delegate("INotes", move |_: &Connection| {
                let notes = notes.clone();
                move |call: InboundCall| {
                    let (number,) = call.args::<(u32,)>().unwrap();
                    notes.lock().unwrap().push(number);
                    call.reply(&()).ok();
                }
            })
            .start()
            .unwrap();
        let client = Client::connect(&host.endpoints()[0].to_string()).unwrap();
        client.wait_connected(None).unwrap();
        let proxy = client.proxy("INotes").unwrap();
        for n in 0..500u32 {
            proxy.one_way("Note", &(n,)).unwrap();
        }
        let last = proxy.start::<()>("Note", &(500u32,), &CallOptions::default()).unwrap();
        last.wait().unwrap();
        assert_eq!(*seen.lock().unwrap(), (0..=500).collect::<Vec<u32>>());
    });
}

#[test]
fn started_calls_that_did_not_leave_go_by_the_next_connection() {
    watched(LIMIT, || {
        let host = calculator_host(&format!("pipe://{}", unique("again"))).start().unwrap();
        let client = Client::connect(&host.endpoints()[0].to_string()).unwrap();
        let calculator = client.proxy("ICalculator").unwrap();
        let start =
            |n: i64| calculator.start::<i64>("Add", &(n, 1), &CallOptions::default()).unwrap();
        let mut answered = 0;
        for n in 0..300 {
            let calls: Vec<_> = (0..4).map(|_| start(n)).collect();
            host.connections().iter().for_each(Connection::close);
            for call in calls {
                match call.wait() {
                    Ok(sum) => answered += u32::from(sum == n + 1),
                    // Whether a call in flight ran is unknown, but no other fails.
                    Err(error) => assert_eq!(error.execution(), Execution::Unknown, "{error:?}"),
                }
            }
        }
        assert!(answered > 0, "some got their replies");
        client.close().unwrap();
    });
}

#[test]
fn a_completion_may_wait_for_those_that_come_after_it() {
    watched(LIMIT, || {
        let host = calculator_host(&format!("pipe://{}", unique("later"))).start().unwrap();
        let client = Client::connect(&host.endpoints()[0].to_string()).unwrap();
        let calculator = client.proxy("ICalculator").unwrap();
        let gate = Arc::new(Gate::default());
        let _opened = Opened(&gate);
        let (tell, told) = mpsc::channel();
        for n in 0..20 {
            let (gate, tell) = (gate.clone(), tell.clone());
            let done = move |outcome: Result<_, _>| {
                outcome.expect("an answer");
                // All but the last wait for that one.
                if n < 19 {
                    gate.pass();
                } else {
                    gate.wait_for(10);
                    gate.open();
                }
                tell.send(n).unwrap();
            };
            let arguments = vec![0x92, 1, 2];
            calculator.start_bytes("Add", arguments, &CallOptions::default(), done).unwrap();
        }
        let mut completed: Vec<_> = (0..20).map(|_| told.recv().unwrap()).collect();
        completed.sort_unstable();
        assert_eq!(completed, (0..20).collect::<Vec<_>>());
    });
}

#[test]
fn completions_that_wait_do_not_keep_a_client_from_closing() {
    watched(LIMIT, || {
        let gate = Arc::new(Gate::default());
        let (_host, client) = gate_host(&gate);
        let _opened = Opened(&gate);
        let calculator = client.proxy("ICalculator").unwrap();
        let (tell, told) = mpsc::channel();
        let ended = Arc::new(Gate::default());
        for n in 0..5 {
            let (ended, tell) = (ended.clone(), tell.clone());
            let done = move |outcome: Result<_, callgate::Error>| {
                assert_eq!(outcome.unwrap_err().status(), Status::Closed);
                // The first ones wait until all have arrived.
                if n < 4 {
                    ended.pass();
                }
                tell.send(n).unwrap();
            };
            let arguments = vec![0x92, 1, 2];
            calculator.start_bytes("Add", arguments, &CallOptions::default(), done).unwrap();
        }
        gate.wait_for(5);
        thread::scope(|scope| {
            let closing = scope.spawn(|| client.close_within(Duration::from_secs(30)));
            ended.wait_for(4);
            assert_eq!(told.recv().unwrap(), 4, "it does not wait behind the others");
            ended.open();
            closing.join().unwrap().unwrap();
        });
    });
}
