//! A client that is called back: while its call of `ICalculator.Sum` runs, the host reports its progress to
//! the client's `IProgress`.
//!
//! ```text
//! cargo run --example duplex_client -- pipe://calculator
//! ```

#[path = "contracts/duplex.rs"]
mod contract;

use std::process::ExitCode;

use callgate::{Client, Result};
use contract::{CalculatorProxy, Progress, ProgressDelegate};

fn main() -> ExitCode {
    let Some(endpoint) = std::env::args().nth(1) else {
        eprintln!("usage: duplex_client ENDPOINT");
        return ExitCode::from(2);
    };
    match run(&endpoint) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run(endpoint: &str) -> Result<()> {
    let client = Client::builder(endpoint).callback(ProgressDelegate::new(Screen)).connect()?;
    let calculator = CalculatorProxy::new(&client)?;
    println!("Sum: {}", calculator.sum(100)?);
    client.close()
}

/// Called by the host, on one of Callgate's threads: `main` waits for its own call meanwhile.
struct Screen;

impl Progress for Screen {
    fn report(&self, fraction: f64) {
        println!("progress: {:.0}%", 100.0 * fraction);
    }
}
