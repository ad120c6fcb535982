//! A host that calls its clients back: `ICalculator.Sum(n)` adds up the numbers to n, and reports its
//! progress to the caller's `IProgress`. It serves until its standard input ends:
//!
//! ```text
//! cargo run --example duplex_host -- pipe://calculator tcp://127.0.0.1:0
//! ```

#[path = "contracts/duplex.rs"]
mod contract;

use std::process::ExitCode;

use callgate::{Host, InboundCall, Result};
use contract::{Calculator, CalculatorDelegate, ProgressProxy};

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("duplex_host: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let mut builder =
        Host::builder().serve_duplex(|_, progress| CalculatorDelegate::new(Desk { progress }));
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

/// Serves one client, and reports progress to it.
struct Desk {
    progress: ProgressProxy,
}

impl Calculator for Desk {
    fn sum(&self, call: &InboundCall, n: i32) -> Result<i64> {
        let (n, mut total) = (i64::from(n), 0);
        for i in 1..=n {
            if call.is_cancelled() {
                break;
            }
            total += i;
            if 4 * i / n != 4 * (i - 1) / n {
                self.progress.report(i as f64 / n as f64)?;
            }
        }
        Ok(total)
    }
}
