//! The chaos run's program in Rust: the host, the client, or hostile peers. See README.md beside this folder.

#[path = "../../support/attack/mod.rs"]
#[allow(dead_code)]
mod attack;
mod client;
mod host;
mod hostile;
mod lanes;
mod record;
#[path = "../../support/serve.rs"]
mod serve;
#[path = "../../support/stream.rs"]
#[allow(dead_code)]
mod stream;
#[cfg(unix)]
#[path = "../../support/tls.rs"]
#[allow(dead_code)]
mod tls;

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["host", record, endpoints @ ..] if !endpoints.is_empty() => host::serve(record, endpoints),
        ["client", record, endpoint, numbers @ ..] => {
            let Ok([client, seed, pause]) = <[&str; 3]>::try_from(numbers.to_vec()) else {
                return misused();
            };
            let number = |text: &str| text.parse::<u64>().expect("a number");
            client::run(record, endpoint, number(client), number(seed), number(pause));
        }
        ["hostile", seed, endpoints @ ..] if !endpoints.is_empty() => {
            hostile::attack(seed.parse().expect("a number"), endpoints);
        }
        _ => return misused(),
    }
    ExitCode::SUCCESS
}

fn misused() -> ExitCode {
    eprintln!("usage: chaos host RECORD ENDPOINT... | client RECORD ENDPOINT NUMBER SEED PAUSE_MS");
    eprintln!("       chaos hostile SEED ENDPOINT...");
    ExitCode::from(2)
}
