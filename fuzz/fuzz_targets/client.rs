//! Whatever a host does, the client's calls end, and so do the client and its threads.

#![no_main]

use std::os::unix::net::UnixListener;
use std::sync::OnceLock;
use std::thread;
use std::time::Duration;

use callgate::{CallOptions, Client, InboundCall, Limits};
use callgate_fuzz::{await_threads, echo, play, socket, threads, Opening, Step, INTERFACE};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (Opening<'_>, Vec<Step<'_>>)| {
    let (opening, steps) = input;
    let before = threads();
    static LISTENER: OnceLock<UnixListener> = OnceLock::new();
    let listener = LISTENER.get_or_init(|| {
        // An earlier process may have had the same id.
        std::fs::remove_file(socket("client")).ok();
        UnixListener::bind(socket("client")).expect("a socket")
    });
    let mut limits = Limits::default();
    limits.connection_timeout = Duration::from_millis(20);
    limits.drain_timeout = Duration::from_millis(100);
    // One connection for each input.
    limits.reconnect_backoff = Some((Duration::from_secs(60), Duration::from_secs(60)));
    let builder = Client::builder(&format!("unix://{}", socket("client"))).limits(limits);
    let client = builder
        .callback_handler(INTERFACE, |call: InboundCall| {
            let echo = echo(&call);
            call.reply_bytes(&echo).ok();
        })
        .connect()
        .expect("a client");
    let (stream, _) = listener.accept().expect("a connection");
    let options = CallOptions::timeout(Duration::from_millis(30));
    thread::scope(|threads| {
        let calling = threads.spawn(|| {
            let proxy = client.proxy(INTERFACE).expect("a proxy");
            // What it returns depends on the input.
            proxy.call_with::<i64>("Echo", &(5,), &options).ok();
            proxy.one_way("Echo", &(5,)).ok();
            client.close().ok();
        });
        assert!(
            play(stream, opening.of_host(), &steps),
            "the client keeps a connection that it has closed"
        );
        calling.join().expect("no panic");
    });
    drop(client);
    await_threads(before);
});
