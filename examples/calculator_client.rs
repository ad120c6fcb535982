//! A client that calls `ICalculator`, the right way and the wrong ways:
//!
//! ```text
//! cargo run --example calculator_client -- pipe://calculator
//! ```

use std::process::ExitCode;

use callgate::{Client, Proxy, Result};

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

fn run(endpoint: &str) -> Result<()> {
    let client = Client::connect(endpoint)?;
    let calculator = client.proxy("ICalculator")?;
    print("Add(1, 2)", calculator.call("Add", &(1, 2)));
    print("Divide(84, 2)", calculator.call("Divide", &(84, 2)));
    print("Divide(1, 0)", calculator.call("Divide", &(1, 0)));
    print("Add(\"one\", 2)", calculator.call("Add", &("one", 2)));
    print("Subtract(2, 1)", subtract(&calculator));
    calculator.one_way("Log", &("the Rust client says goodbye",))?;
    client.close()
}

/// A method that the host does not have.
fn subtract(calculator: &Proxy) -> Result<i64> {
    calculator.call("Subtract", &(2, 1))
}

fn print(call: &str, outcome: Result<i64>) {
    match outcome {
        Ok(result) => println!("{call} = {result}"),
        Err(error) => println!("{call}: {error} [{}]", error.execution()),
    }
}
