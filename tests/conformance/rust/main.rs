//! Callgate's conformance program in Rust: the host, or the client.

mod client;
mod describe;
mod host;
#[path = "../../support/serve.rs"]
mod serve;
mod slow;
mod steps;

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["host", endpoints @ ..] if !endpoints.is_empty() => host::serve(endpoints),
        ["client", endpoint] => client::play(endpoint),
        _ => {
            eprintln!("usage: conformance host ENDPOINT... | client ENDPOINT");
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}
