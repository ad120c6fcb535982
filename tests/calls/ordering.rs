//! One-way calls: in order, one at a time, and none lost.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::support::gate::{eventually, Gate};
use crate::support::{unique, watched};
use callgate::{Client, Host, InboundCall, Limits};

const LIMIT: Duration = Duration::from_secs(120);

/// Both kinds of endpoint.
fn endpoints() -> [String; 2] {
    [format!("pipe://{}", unique("ordering")), "tcp://127.0.0.1:0".into()]
}

/// A host whose only interface is served by `delegate`.
fn host(
    endpoint: &str,
    limits: Limits,
    delegate: impl Fn(InboundCall) + Send + Sync + 'static,
) -> Host {
    let delegate = Arc::new(delegate);
    Host::builder()
        .endpoint(endpoint)
        .limits(limits)
        .delegate_factory(move |_, _| Ok(Some(delegate.clone())))
        .start()
        .unwrap()
}

fn client_of(host: &Host) -> Client {
    Client::connect(&host.endpoints()[0].to_string()).unwrap()
}

#[test]
fn calls_start_after_the_earlier_one_ways_of_their_lane() {
    watched(LIMIT, || {
        let order = Arc::new(Mutex::new(Vec::new()));
        let gate = Arc::new(Gate::default());
        let (noted, passing) = (order.clone(), gate.clone());
        let delegate = move |call: InboundCall| {
            let (number,) = call.args::<(u64,)>().unwrap();
            if call.method() == "Slow" {
                passing.pass();
            }
            noted.lock().unwrap().push(number);
            call.reply(&number).ok();
        };
        let host = host(&endpoints()[0], Limits::default(), delegate);
        let client = client_of(&host);
        let proxy = client.proxy("IOrder").unwrap();
        proxy.one_way("Slow", &(0,)).unwrap();
        for number in 1..100 {
            proxy.one_way("Note", &(number,)).unwrap();
        }
        std::thread::scope(|scope| {
            // Another lane overtakes it.
            gate.wait_for(1);
            scope.spawn(|| proxy.call::<u64>("Note", &(1000,)).unwrap()).join().unwrap();
            gate.open();
        });
        assert_eq!(proxy.call::<u64>("Note", &(100,)).unwrap(), 100);
        let expected: Vec<_> = std::iter::once(1000).chain(0..=100).collect();
        assert_eq!(*order.lock().unwrap(), expected);
        client.close().unwrap();
        host.close().unwrap();
    });
}

#[test]
fn lanes_keep_their_order_with_many_threads() {
    const THREADS: u64 = 16;
    watched(LIMIT, || {
        let last: Arc<Vec<_>> = Arc::new((0..THREADS).map(|_| AtomicU64::new(0)).collect());
        let seen = last.clone();
        let broken = Arc::new(AtomicU64::new(0));
        let noted = broken.clone();
        let delegate = move |call: InboundCall| {
            let (thread, number) = call.args::<(usize, u64)>().unwrap();
            if seen[thread].swap(number, Ordering::SeqCst) + 1 != number {
                noted.fetch_add(1, Ordering::SeqCst);
            }
            call.reply(&()).ok();
        };
        let mut limits = Limits::default();
        limits.running_calls = 3;
        limits.inbound_calls = 64;
        let host = host(&endpoints()[0], limits, delegate);
        let client = client_of(&host);
        let proxy = client.proxy("IOrder").unwrap();
        std::thread::scope(|scope| {
            for thread in 0..THREADS {
                let proxy = &proxy;
                scope.spawn(move || {
                    for number in 1..=2000u64 {
                        if number % 7 == 0 {
                            proxy.call::<()>("Note", &(thread, number)).unwrap();
                        } else {
                            proxy.one_way("Note", &(thread, number)).unwrap();
                        }
                    }
                    proxy.call::<()>("Note", &(thread, 2001)).unwrap();
                });
            }
        });
        assert_eq!(broken.load(Ordering::SeqCst), 0);
        assert!(last.iter().all(|last| last.load(Ordering::SeqCst) == 2001));
        client.close().unwrap();
        host.close().unwrap();
    });
}

#[test]
fn a_hundred_thousand_arrive_with_little_credit() {
    const CALLS: u64 = 100_000;
    watched(LIMIT, || {
        for endpoint in endpoints() {
            let next = Arc::new(AtomicU64::new(0));
            let seen = next.clone();
            let delegate = move |call: InboundCall| {
                let (number,) = call.args::<(u64,)>().unwrap();
                assert_eq!(seen.fetch_add(1, Ordering::SeqCst), number);
            };
            let mut limits = Limits::default();
            limits.inbound_calls = 5;
            limits.inbound_bytes = 400;
            let host = host(&endpoint, limits, delegate);
            let client = client_of(&host);
            let proxy = client.proxy("IOrder").unwrap();
            for number in 0..CALLS {
                proxy.one_way("Note", &(number,)).unwrap();
            }
            eventually("all arrive", || next.load(Ordering::SeqCst) == CALLS);
            client.close().unwrap();
            host.close().unwrap();
        }
    });
}

#[test]
fn what_was_sent_before_closing_arrives() {
    const CALLS: u64 = 1000;
    watched(LIMIT, || {
        for round in 0..20 {
            for endpoint in endpoints() {
                let count = Arc::new(AtomicU64::new(0));
                let counted = count.clone();
                let delegate = move |call: InboundCall| {
                    if round % 2 == 1 && call.args::<(u64, Vec<u8>)>().unwrap().0 % 100 == 0 {
                        std::thread::sleep(Duration::from_millis(1));
                    }
                    counted.fetch_add(1, Ordering::SeqCst);
                };
                let host = host(&endpoint, Limits::default(), delegate);
                let client = client_of(&host);
                let proxy = client.proxy("IOrder").unwrap();
                for number in 0..CALLS {
                    proxy.one_way("Note", &(number, vec![1u8; 200])).unwrap();
                }
                client.close().unwrap();
                eventually("all arrive", || count.load(Ordering::SeqCst) == CALLS);
                host.close().unwrap();
            }
        }
    });
}

#[test]
fn calls_to_an_ordered_interface_run_one_at_a_time_in_order_of_arrival() {
    watched(LIMIT, || {
        let running = Arc::new(AtomicU64::new(0));
        let host = Host::builder()
            .endpoint(&endpoints()[0])
            .ordered("IOrdered")
            .delegate("IOrdered", move |_: &callgate::Connection| {
                let running = running.clone();
                move |call: InboundCall| {
                    let others = running.fetch_add(1, Ordering::SeqCst);
                    // Nested in this call, the other one must not wait for it.
                    let inner = match call.method() {
                        "Outer" => call
                            .connection()
                            .proxy("ICallback")
                            .and_then(|callback| callback.call::<u64>("Back", &())),
                        _ => Ok(0),
                    };
                    std::thread::yield_now();
                    running.fetch_sub(1, Ordering::SeqCst);
                    call.reply_with(inner.map(|inner| inner + others)).ok();
                }
            })
            .start()
            .unwrap();
        let back: Arc<std::sync::OnceLock<callgate::Proxy>> = Arc::default();
        let proxy = back.clone();
        let client = Client::builder(&host.endpoints()[0].to_string())
            .callback_handler("ICallback", move |call: InboundCall| {
                let ordered = proxy.get().expect("the proxy was made before any call");
                call.reply_with(ordered.call::<u64>("Inner", &())).ok();
            })
            .connect()
            .unwrap();
        let ordered = client.proxy("IOrdered").unwrap();
        back.set(ordered.clone()).expect("set once");
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..200 {
                        assert_eq!(ordered.call::<u64>("Alone", &()).unwrap(), 0);
                    }
                });
            }
            // The inner call sees the outer one, and nobody else.
            assert_eq!(ordered.call::<u64>("Outer", &()).unwrap(), 1);
        });
        client.close().unwrap();
    });
}
