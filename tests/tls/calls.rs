//! Calls over TLS: both ways, from many threads, small and large.

use crate::scene::{Scene, LIMIT};
use crate::support::watched;
use callgate::{Client, Connection, Host, InboundCall, Limits};
use std::thread;

const THREADS: usize = 4;

/// Calls the client's `ITwice` back, with the same argument.
fn call_back(call: InboundCall) {
    let outcome = call
        .args::<(i64,)>()
        .and_then(|argument| call.connection().proxy("ITwice")?.call::<i64>("Twice", &argument));
    call.reply_with(outcome).unwrap();
}

fn echo(call: InboundCall) {
    let value = call.arguments()[1..].to_vec();
    call.reply_bytes(&value).unwrap();
}

#[test]
fn calls_and_callbacks_cross_each_other() {
    watched(LIMIT, || {
        let scene = Scene::new();
        let host = Host::builder()
            .endpoint(&scene.host_endpoint())
            .delegate("ICallBack", |_: &Connection| call_back)
            .start()
            .unwrap();
        let twice = |call: InboundCall| {
            let outcome = call.args::<(i64,)>().map(|(number,)| 2 * number);
            call.reply_with(outcome).unwrap();
        };
        let client =
            Client::builder(&scene.client_endpoint(&host)).callback_handler("ITwice", twice);
        let client = client.connect().unwrap();
        let proxy = client.proxy("ICallBack").unwrap();
        thread::scope(|scope| {
            for thread in 0..THREADS {
                let proxy = &proxy;
                scope.spawn(move || {
                    for number in (0..500).map(|number| (thread * 1000 + number) as i64) {
                        assert_eq!(proxy.call::<i64>("Call", &(number,)).unwrap(), 2 * number);
                    }
                });
            }
        });
        client.close().unwrap();
        host.close().unwrap();
    });
}

#[test]
fn large_frames_cross_each_other_and_small_ones() {
    watched(LIMIT, || {
        let scene = Scene::new();
        // With and without parts: then a frame's sender waits until all of it has left.
        for parts in [true, false] {
            let mut limits = Limits::default();
            limits.parts = parts;
            let host = Host::builder()
                .endpoint(&scene.host_endpoint())
                .limits(limits.clone())
                .delegate("IEcho", |_: &Connection| echo)
                .start()
                .unwrap();
            let client = Client::builder(&scene.client_endpoint(&host)).limits(limits);
            let client = client.connect().unwrap();
            let proxy = client.proxy("IEcho").unwrap();
            thread::scope(|scope| {
                for (size, count) in [(5 << 20, 5), (300_000, 40), (17_000, 200), (10, 500)] {
                    let proxy = &proxy;
                    scope.spawn(move || {
                        let text: String =
                            (0..size).map(|n: u32| (b'a' + (n % 23) as u8) as char).collect();
                        for _ in 0..count {
                            let echoed: String = proxy.call("Echo", &(&text,)).unwrap();
                            assert!(echoed == text, "another text of {size} bytes came back");
                        }
                    });
                }
            });
            client.close().unwrap();
            host.close().unwrap();
        }
    });
}
