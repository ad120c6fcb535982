//! Echoes of bytes. The payload is passed as ready MessagePack, as the C ABI and the bindings do, so that
//! the transfer is measured and not a serialiser.

use std::time::Duration;

use callgate::{CallOptions, Client, Connection, HostBuilder, InboundCall, Proxy};

use super::{Row, LATENCY};
use crate::bytes::{check, pattern, stamp};
use crate::floor::{frames, Floor};
use crate::measure::{Amount, Subject};
use crate::run::{Run, Verdict};
use crate::server::Service;
use crate::stats::timed;

pub const ROW_4K: Row = row::<{ 4 << 10 }>("echo-4k", "echo of 4 KiB", (20, 1_000), (2, 100));
pub const ROW_64K: Row = row::<{ 64 << 10 }>("echo-64k", "echo of 64 KiB", (20, 500), (2, 50));
pub const ROW_1M: Row = row::<{ 1 << 20 }>("echo-1m", "echo of 1 MiB", (15, 50), (2, 6));
pub const ROW_16M: Row = row::<{ 16 << 20 }>("echo-16m", "echo of 16 MiB", (10, 10), (1, 2));

const INTERFACE: &str = "IEcho";
const METHOD: &str = "Echo";

/// A MessagePack array of one element, and the head of binary data with a 32-bit length.
const ARRAY_OF_ONE: u8 = 0x91;
const BYTES: u8 = 0xc6;

/// The row of payloads of this size.
const fn row<const SIZE: usize>(
    name: &'static str,
    title: &'static str,
    whole: (usize, usize),
    quick: (usize, usize),
) -> Row {
    Row {
        name,
        title,
        figures: LATENCY,
        whole: Amount { rounds: whole.0, calls: whole.1 },
        quick: Amount { rounds: quick.0, calls: quick.1 },
        serve: serve::<SIZE>,
        measure: measure::<SIZE>,
    }
}

fn floors<const SIZE: usize>() -> [Floor; 2] {
    let arguments = arguments(SIZE).len();
    let (question, answer) = (frames::call(INTERFACE, METHOD, arguments), arguments - 1);
    Floor::both(question, frames::reply(answer))
}

/// The arguments of a call: an array of one element, the bytes. Without the array they are the result.
pub fn arguments(size: usize) -> Vec<u8> {
    let mut arguments = vec![ARRAY_OF_ONE, BYTES];
    arguments.extend((size as u32).to_be_bytes());
    arguments.extend(pattern(size));
    arguments
}

fn serve<const SIZE: usize>(service: &mut Service) {
    service.floors(&floors::<SIZE>());
    service.host(serve_with);
}

/// Serves echoes beside other interfaces.
pub fn serve_with(builder: HostBuilder) -> HostBuilder {
    builder.delegate(INTERFACE, |_: &Connection| {
        |call: InboundCall| drop(call.reply_from_arguments(|arguments| &arguments[1..]))
    })
}

/// A proxy of the echo.
pub fn proxy(client: &Client) -> Proxy {
    client.proxy(INTERFACE).expect("the name is one")
}

fn measure<const SIZE: usize>(run: &mut Run) -> Verdict {
    let client = run.server.client();
    let echo = proxy(&client);
    let mut arguments = arguments(SIZE);
    let mut calls = 0;
    let mut subjects = run.floors(&floors::<SIZE>());
    subjects.push(Subject::calls("Callgate", || {
        calls += 1;
        call(&echo, &mut arguments, calls)
    }));
    run.measure(subjects)
}

/// One echo of bytes that differ from those of the previous call; returns how long it took.
pub fn call(echo: &Proxy, arguments: &mut [u8], number: usize) -> Duration {
    stamp(arguments, number);
    let (reply, took) = timed(|| echo.call_bytes(METHOD, arguments, &CallOptions::default()));
    let reply = reply.expect("the call succeeds");
    check(&reply, &arguments[1..], number);
    took
}
