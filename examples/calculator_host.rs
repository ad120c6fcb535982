//! A host that serves `ICalculator` until its standard input ends:
//!
//! ```text
//! cargo run --example calculator_host -- pipe://calculator tcp://127.0.0.1:0
//! ```

use std::process::ExitCode;

use callgate::{Connection, Error, Host, InboundCall, Result};

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("calculator_host: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let mut builder = Host::builder().delegate("ICalculator", |_: &Connection| calculate);
    for endpoint in std::env::args().skip(1) {
        builder = builder.endpoint(&endpoint);
    }
    let host = builder.start()?;
    for endpoint in host.endpoints() {
        println!("listening on {endpoint}");
    }
    std::io::stdin().lines().for_each(drop);
    host.close()
}

/// Serves one call. Answers say what became of them; a caller that has gone needs none.
fn calculate(call: InboundCall) {
    let answered = match call.method() {
        "Add" => match call.args::<(i32, i32)>() {
            Ok((a, b)) => call.reply(&(i64::from(a) + i64::from(b))),
            Err(mismatch) => call.fail(mismatch),
        },
        "Divide" => match call.args::<(i32, i32)>() {
            Ok((_, 0)) => call.fail(Error::remote_error("DivideByZero", "cannot divide by zero")),
            Ok((a, b)) => call.reply(&(i64::from(a) / i64::from(b))),
            Err(mismatch) => call.fail(mismatch),
        },
        "Log" => match call.args::<(String,)>() {
            Ok((line,)) => {
                println!("log: {line}");
                call.reply(&())
            }
            Err(mismatch) => call.fail(mismatch),
        },
        _ => call.fail_no_method(),
    };
    if let Err(error) = answered {
        eprintln!("calculator_host: an answer was not sent: {error}");
    }
}
