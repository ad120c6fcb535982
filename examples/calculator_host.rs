//! A host that serves `ICalculator` until its standard input ends:
//!
//! ```text
//! cargo run --example calculator_host -- pipe://calculator tcp://127.0.0.1:0
//! ```

#[path = "contracts/calculator.rs"]
mod contract;

use std::process::ExitCode;

use callgate::Host;
use contract::{Calculator, CalculatorDelegate, MathError};

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("calculator_host: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> callgate::Result<()> {
    let mut builder = Host::builder().serve(|_| CalculatorDelegate::new(Desk));
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

/// Serves one client, on several threads at once for concurrent calls.
struct Desk;

impl Calculator for Desk {
    fn add(&self, a: i32, b: i32) -> i64 {
        i64::from(a) + i64::from(b)
    }

    fn divide(&self, a: i32, b: i32) -> Result<i64, MathError> {
        if b == 0 {
            return Err(MathError::DivideByZero);
        }
        Ok(i64::from(a) / i64::from(b))
    }

    fn log(&self, line: &str) {
        println!("log: {line}");
    }
}
