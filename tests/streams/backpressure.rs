//! More than there is room for: everything gets through, and memory stays bounded.

use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{mpsc, Arc};
use std::thread;
use std::time::Duration;

use crate::support::calculator_host;
use crate::support::process::{self, Process};
use crate::support::raw::{self, call_frame, RawClient};
use crate::support::{binary, sanitizer, system, unique, watched};
use callgate::{CallOptions, Client, Connection, Host, InboundCall, Limits, Status};

const LARGE: usize = 64 << 20;
const MOST_MEMORY: u64 = 6 * LARGE as u64;

#[test]
fn both_sides_send_64_mib_at_once() {
    if let Some(role) = process::role() {
        let (side, endpoint) = role.split_once(' ').unwrap();
        return if side == "host" { large_host(endpoint) } else { large_client(endpoint) };
    }
    watched(Duration::from_secs(180), || {
        let test = "backpressure::both_sides_send_64_mib_at_once";
        for endpoint in [format!("pipe://{}", unique("large")), "tcp://127.0.0.1:0".into()] {
            let mut host = Process::start(test, &format!("host {endpoint}"));
            let endpoint = host.hear();
            let mut client = Process::start(test, &format!("client {endpoint}"));
            assert_eq!(client.hear(), "all answered");
            assert_eq!(host.ask("pushes"), "pushed");
            for (side, process) in [("host", &host), ("client", &client)] {
                let peak = system::peak_memory(process.id());
                println!("{endpoint}: {side} peak {} MiB", peak >> 20);
                assert!(peak < sanitizer::bound(MOST_MEMORY), "{side}: {} MiB", peak >> 20);
            }
        }
    });
}

fn large_host(endpoint: &str) {
    let (pushed, pushes) = mpsc::channel();
    let host = Host::builder()
        .endpoint(endpoint)
        .client_connected(move |connection: &Connection| {
            let (connection, pushed) = (connection.clone(), pushed.clone());
            thread::spawn(move || {
                let proxy = connection.proxy("INone").unwrap();
                for _ in 0..3 {
                    let arguments = binary(LARGE);
                    let outcome = proxy.call_bytes("Take", &arguments, &CallOptions::default());
                    assert_eq!(outcome.unwrap_err().status(), Status::ContractMismatch);
                }
                pushed.send(()).unwrap();
            });
        })
        .delegate("ILarge", |_| {
            |call: InboundCall| match call.method() {
                "Take" => drop(call.reply(&true)),
                _ => {
                    call.reply_from_arguments(|arguments| &arguments[1..]).unwrap();
                }
            }
        })
        .start()
        .unwrap();
    process::tell(&host.endpoints()[0]);
    for _ in process::orders() {
        pushes.recv().unwrap();
        process::tell("pushed");
    }
}

fn large_client(endpoint: &str) {
    let client = Client::connect(endpoint).unwrap();
    let proxy = client.proxy("ILarge").unwrap();
    let arguments = binary(LARGE);
    for method in ["Take", "Echo", "Take", "Echo"] {
        let reply = proxy.call_bytes(method, &arguments, &CallOptions::default()).unwrap();
        assert!(method == "Take" || reply[..] == arguments[1..]);
    }
    process::tell("all answered");
    process::orders().for_each(drop);
}

#[test]
fn two_hundred_threads_get_through_little_credit() {
    const THREADS: usize = 200;
    const CALLS: usize = 25;
    watched(Duration::from_secs(60), || {
        for (calls, bytes, most) in [(8, 1 << 20, 8), (2048, 4096, 3)] {
            let mut limits = Limits::default();
            limits.inbound_calls = calls;
            limits.inbound_bytes = bytes;
            let (now, peak) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
            let (later, deferred) = mpsc::channel::<InboundCall>();
            let answered = now.clone();
            let answering = thread::spawn(move || {
                for call in deferred {
                    // Others arrive meanwhile, up to the credit.
                    thread::yield_now();
                    let echo = call.arguments()[1..].to_vec();
                    answered.fetch_sub(1, Ordering::SeqCst);
                    call.reply_bytes(&echo).unwrap();
                }
            });
            let highest = peak.clone();
            let host = Host::builder()
                .endpoint(&format!("pipe://{}", unique("credit")))
                .limits(limits)
                .delegate("IEcho", move |_| {
                    let (now, peak, later) = (now.clone(), highest.clone(), later.clone());
                    move |call: InboundCall| {
                        peak.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                        later.send(call).unwrap();
                    }
                })
                .start()
                .unwrap();
            let client = Client::connect(&host.endpoints()[0].to_string()).unwrap();
            let proxy = client.proxy("IEcho").unwrap();
            thread::scope(|scope| {
                for thread in 0..THREADS {
                    let proxy = &proxy;
                    scope.spawn(move || {
                        let arguments = binary(1024 + thread);
                        for _ in 0..CALLS {
                            let options = CallOptions::default();
                            let reply = proxy.call_bytes("Echo", &arguments, &options).unwrap();
                            assert_eq!(reply[..], arguments[1..]);
                        }
                    });
                }
            });
            let peak = peak.load(Ordering::SeqCst);
            assert!((1..=most).contains(&peak), "{peak} calls were unanswered at once");
            client.close().unwrap();
            host.close().unwrap();
            drop((client, host, proxy));
            answering.join().unwrap();
        }
    });
}

#[test]
fn a_peer_that_never_reads_costs_little_and_is_dropped() {
    if let Some(endpoint) = process::role() {
        let mut limits = Limits::default();
        limits.inbound_bytes = 8 << 20;
        limits.frame = 1 << 20;
        limits.write_timeout = Duration::from_millis(300);
        let host = calculator_host(&endpoint)
            .limits(limits)
            .client_disconnected(|connection, _| process::tell(format!("left {}", connection.id())))
            .start()
            .unwrap();
        process::tell("listening");
        process::orders().for_each(drop);
        return host.close().unwrap();
    }
    watched(Duration::from_secs(120), || {
        let endpoint = raw::endpoint("never-reads");
        let test = "backpressure::a_peer_that_never_reads_costs_little_and_is_dropped";
        let mut host = Process::start(test, &endpoint);
        assert_eq!(host.hear(), "listening");
        let client = Client::connect(&endpoint).unwrap();
        let calculator = client.proxy("ICalculator").unwrap();
        assert_eq!(calculator.call::<i64>("Add", &(1, 2)).unwrap(), 3);
        let before = system::peak_memory(host.id());

        let mut rude = RawClient::connect(&endpoint);
        let arguments = binary(64 << 10);
        let sent = (1..=10_000)
            .take_while(|id| {
                let frame = call_frame(*id, "ICalculator", "Echo", &arguments);
                rude.stream.write_all(&frame).is_ok()
            })
            .count();
        assert!(sent < 10_000, "the host took all of it");
        for number in 0..1000 {
            assert_eq!(calculator.call::<i64>("Add", &(number, 2)).unwrap(), number + 2);
        }
        assert_eq!(host.hear(), "left 2");
        let grown = system::peak_memory(host.id()) - before;
        assert!(grown < sanitizer::bound(48 << 20), "the host grew by {} MiB", grown >> 20);
        client.close().unwrap();
    });
}

#[test]
fn a_slow_reader_gets_every_answer() {
    const CALLS: u64 = 48;
    watched(Duration::from_secs(60), || {
        let endpoint = raw::endpoint("slow-reader");
        let mut limits = Limits::default();
        limits.write_timeout = Duration::from_millis(1500);
        limits.send_queue = 1;
        let host = calculator_host(&endpoint).limits(limits).start().unwrap();
        let mut slow = RawClient::connect(&endpoint);
        let arguments = binary(256 << 10);
        for id in 1..=CALLS {
            let frame = call_frame(id, "ICalculator", "Echo", &arguments);
            slow.stream.write_all(&frame).unwrap();
        }
        let mut answers = 0;
        while answers < CALLS {
            // Slower than the write timeout in total, but never that long without progress.
            thread::sleep(Duration::from_millis(60));
            assert!(slow.read_some(192 << 10) > 0, "dropped after {answers} answers");
            while slow.buffered().is_some() {
                answers += 1;
            }
        }
        drop(slow);
        host.close().unwrap();
    });
}

#[cfg(unix)]
#[test]
fn a_host_out_of_descriptors_recovers() {
    if let Some(endpoint) = process::role() {
        let host = calculator_host(&endpoint).start().unwrap();
        process::tell("listening");
        process::orders().for_each(drop);
        return host.close().unwrap();
    }
    watched(Duration::from_secs(60), || {
        let endpoint = format!("pipe://{}", unique("descriptors"));
        let test = "backpressure::a_host_out_of_descriptors_recovers";
        let mut host = Process::start_with_descriptors(test, &endpoint, 24);
        assert_eq!(host.hear(), "listening");
        let connect = || Client::connect(&endpoint).unwrap();
        let add = |client: &Client| {
            let options = CallOptions::timeout(Duration::from_millis(300));
            let proxy = client.proxy("ICalculator").unwrap();
            proxy.call_with::<i64>("Add", &(1, 2), &options)
        };
        let first = connect();
        assert_eq!(add(&first).unwrap(), 3);
        let many: Vec<_> = (0..40).map(|_| connect()).collect();
        let served = many.iter().filter(|client| add(client).is_ok()).count();
        assert!(served < many.len(), "the limit on descriptors did not hold");
        assert_eq!(add(&first).unwrap(), 3, "those connected are served on");
        many.iter().for_each(|client| client.close().unwrap());
        let late = connect();
        late.wait_connected(Some(Duration::from_secs(20))).unwrap();
        assert_eq!(add(&late).unwrap(), 3);
        late.close().unwrap();
        first.close().unwrap();
    });
}

#[test]
fn closing_does_not_wait_for_a_peer_that_never_reads() {
    const CALLS: u64 = 60;
    // The default write timeout is longer than this.
    watched(Duration::from_secs(20), || {
        let endpoint = raw::endpoint("close-unread");
        let (arrived, arrivals) = mpsc::channel();
        let host = Host::builder()
            .endpoint(&endpoint)
            .delegate("IEcho", move |_| {
                let arrived = arrived.clone();
                move |call: InboundCall| {
                    arrived.send(()).unwrap();
                    call.reply_from_arguments(|arguments| &arguments[1..]).ok();
                }
            })
            .start()
            .unwrap();
        let mut rude = RawClient::connect(&endpoint);
        let arguments = binary(1 << 20);
        for id in 1..=CALLS {
            rude.stream.write_all(&call_frame(id, "IEcho", "Echo", &arguments)).unwrap();
        }
        for _ in 0..Limits::default().running_calls {
            arrivals.recv().unwrap();
        }
        host.close_within(Duration::from_millis(100)).ok();
        host.close().unwrap();
        drop(rude);
    });
}
