//! Shared by the tests.

#![allow(dead_code, unused_imports)]

pub mod attack;
pub mod durable;
pub mod gate;
pub mod ledger;
mod names;
pub mod process;
pub mod raw;
pub mod relay;
pub mod sanitizer;
pub mod stream;
#[cfg(unix)]
pub mod system;
#[cfg(windows)]
#[path = "windows_system.rs"]
pub mod system;
#[cfg(unix)]
pub mod tls;
#[cfg(unix)]
pub mod user;

use std::io::Write;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use callgate::{Connection, Error, Host, HostBuilder, InboundCall};

pub use names::unique;

/// Runs a test with a watchdog: if it hangs, the process ends with a message.
pub fn watched(limit: Duration, test: impl FnOnce() + Send + 'static) {
    let (done, finished) = mpsc::channel();
    let runner = thread::Builder::new().name("test".into()).spawn(move || {
        test();
        done.send(()).ok();
    });
    match finished.recv_timeout(limit) {
        Ok(()) | Err(RecvTimeoutError::Disconnected) => {
            if let Err(panic) = runner.expect("a thread").join() {
                std::panic::resume_unwind(panic);
            }
        }
        Err(RecvTimeoutError::Timeout) => {
            let test = thread::current().name().unwrap_or("of this process").to_owned();
            // Not by eprintln!, whose output is captured and lost when the process ends.
            writeln!(std::io::stderr(), "the test {test} hangs: not done after {limit:?}").ok();
            std::process::abort();
        }
    }
}

/// Arguments: `count` bytes of binary data.
pub fn binary(count: usize) -> Vec<u8> {
    let mut start = vec![0x91];
    rmp::encode::write_bin_len(&mut start, count as u32).unwrap();
    let mut bytes = vec![0x5a; start.len() + count];
    bytes[..start.len()].copy_from_slice(&start);
    bytes
}

/// A delegate for `ICalculator`.
pub fn calculator(call: InboundCall) {
    let outcome = match call.method() {
        "Add" => match call.args::<(i64, i64)>() {
            Ok((a, b)) => call.reply(&(a + b)),
            Err(error) => call.fail(error),
        },
        "Divide" => match call.args::<(i64, i64)>() {
            Ok((_, 0)) => call.fail(Error::remote_error("DivideByZero", "cannot divide by 0")),
            Ok((a, b)) => call.reply(&(a / b)),
            Err(error) => call.fail(error),
        },
        "Echo" => {
            let echo = call.arguments()[1..].to_vec();
            call.reply_bytes(&echo)
        }
        _ => call.fail_no_method(),
    };
    outcome.ok();
}

/// A host that serves `ICalculator` on this endpoint.
pub fn calculator_host(endpoint: &str) -> HostBuilder {
    Host::builder().endpoint(endpoint).delegate("ICalculator", |_: &Connection| calculator)
}
