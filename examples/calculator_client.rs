//! A client that calls `ICalculator`, the right way and the wrong ways:
//!
//! ```text
//! cargo run --example calculator_client -- pipe://calculator
//! ```

#[path = "contracts/calculator.rs"]
mod contract;

use std::fmt::Display;
use std::process::ExitCode;

use callgate::{CallError, Client, Status};
use contract::CalculatorProxy;

fn main() -> ExitCode {
    let Some(endpoint) = std::env::args().nth(1) else {
        eprintln!("usage: calculator_client ENDPOINT");
        return ExitCode::from(2);
    };
    match run(&endpoint) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("calculator_client: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(endpoint: &str) -> callgate::Result<()> {
    let client = Client::connect(endpoint)?;
    let calculator = CalculatorProxy::new(&client)?;
    print("Add", calculator.add(1, 2));
    print("Divide", calculator.divide(84, 2));
    print("Divide", calculator.divide(1, 0));
    // By name, since the compiler would reject these arguments.
    print("Add", calculator.as_ref().call::<i64>("Add", &("one", 2)));
    print("Subtract", calculator.as_ref().call::<i64>("Subtract", &(2, 1)));
    calculator.log("the client says goodbye")?;
    client.close()
}

/// Prints the outcome of a call.
fn print(method: &str, outcome: Result<impl Display, impl CallError>) {
    let error = match outcome {
        Ok(result) => return println!("{method}: {result}"),
        Err(error) => error.into_error(),
    };
    match error.remote() {
        Some(remote) => {
            println!("{method}: remote error {}: {}", remote.type_name, error.message())
        }
        None if error.status() == Status::ContractMismatch => {
            println!("{method}: contract mismatch: {}", error.message());
        }
        None => println!("{method}: status {}: {}", error.status().code(), error.message()),
    }
}
