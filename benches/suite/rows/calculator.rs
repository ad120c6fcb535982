//! The null call, which several rows make: `add(int32, int32)`.

use std::time::Duration;

use callgate::{
    CallOptions, Client, Connection, HostBuilder, InboundCall, PendingCall, Proxy, Reply,
};

use crate::floor::{frames, Floor};
use crate::stats::timed;

pub const INTERFACE: &str = "ICalculator";

const METHOD: &str = "Add";

/// The sizes of a call's frame and of its reply's. The arguments are an array of two one-byte integers, the
/// result is one.
pub fn frames() -> (usize, usize) {
    (frames::call(INTERFACE, METHOD, 3), frames::reply(1))
}

/// Both floors of the null call.
pub fn floors() -> [Floor; 2] {
    let (question, answer) = frames();
    Floor::both(question, answer)
}

/// Serves the calculator.
pub fn serve(builder: HostBuilder) -> HostBuilder {
    builder.delegate(INTERFACE, |_: &Connection| {
        |call: InboundCall| {
            if let Ok((a, b)) = call.args::<(i32, i32)>() {
                call.reply(&(a + b)).ok();
            }
        }
    })
}

/// A proxy of the calculator.
pub fn proxy(client: &Client) -> Proxy {
    client.proxy(INTERFACE).expect("the name is one")
}

/// Starts a null call.
pub fn start(calculator: &Proxy, options: &CallOptions) -> PendingCall<i32> {
    calculator.start(METHOD, &(20, 22), options).expect("the call is started")
}

/// Starts a null call with a completion.
pub fn start_bytes(
    calculator: &Proxy,
    done: impl FnOnce(callgate::Result<Reply>) + Send + 'static,
) {
    // An array of 20 and 22.
    let arguments = vec![0x92, 20, 22];
    let started = calculator.start_bytes(METHOD, arguments, &CallOptions::default(), done);
    started.expect("the call is started");
}

/// Makes a null call; returns how long it took.
pub fn add(calculator: &Proxy) -> Duration {
    let (sum, took) = timed(|| calculator.call::<i32>(METHOD, &(20, 22)));
    assert_eq!(sum.expect("the call succeeds"), 42);
    took
}
