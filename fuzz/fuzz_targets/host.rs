//! Whatever a client does, the host ends the connection, and goes on serving others.

#![no_main]

use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::OnceLock;
use std::time::Duration;

use callgate::{CallOptions, Client, Connection, Host, InboundCall, Limits};
use callgate_fuzz::{echo, play, socket, Opening, Step, INTERFACE};
use libfuzzer_sys::fuzz_target;

/// One call of an honest client for this many hostile ones.
const HONEST: u32 = 64;

fn serve(call: InboundCall) {
    let done = match call.method() {
        "Echo" => {
            let echo = echo(&call);
            call.reply_bytes(&echo)
        }
        "CallBack" => {
            let proxy = call.connection().proxy(INTERFACE);
            let options = CallOptions::timeout(Duration::from_millis(1));
            let result = proxy.and_then(|proxy| proxy.call_with::<()>("Echo", &(), &options));
            call.reply_with(result)
        }
        _ => call.fail_no_method(),
    };
    // The client may be gone.
    done.ok();
}

fn start() -> (Host, Client) {
    let endpoint = format!("unix://{}", socket("host"));
    let mut limits = Limits::default();
    limits.drain_timeout = Duration::from_millis(100);
    limits.ping_after = None;
    let host = Host::builder().endpoint(&endpoint).limits(limits);
    let host = host.delegate(INTERFACE, |_: &Connection| serve).start().expect("a host");
    (host, Client::connect(&endpoint).expect("a client"))
}

fuzz_target!(|input: (Opening<'_>, Vec<Step<'_>>)| {
    let (opening, steps) = input;
    static STARTED: OnceLock<(Host, Client)> = OnceLock::new();
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let (_, honest) = STARTED.get_or_init(start);
    let stream = UnixStream::connect(socket("host")).expect("a connection");
    assert!(
        play(stream, opening.of_client(), &steps),
        "the host keeps a connection whose client has ended sending"
    );
    if COUNT.fetch_add(1, Ordering::Relaxed).is_multiple_of(HONEST) {
        let echoed: i64 =
            honest.proxy(INTERFACE).and_then(|proxy| proxy.call("Echo", &(5,))).expect("an echo");
        assert_eq!(echoed, 5);
    }
});
