//! The Rust examples: they do what they say, with each other and with those in C.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::c::{folder, libraries, program, root, succeed, Link};
use crate::support::{sanitizer, unique, watched};

const LIMIT: Duration = Duration::from_secs(300);

/// The output of a client of the calculator; `mismatch` is the host's message for arguments that do not
/// fit.
fn calculated(mismatch: &str) -> String {
    format!(
        "Add: 3\nDivide: 42\nDivide: remote error DivideByZero: cannot divide by zero\nAdd: contract \
         mismatch: {mismatch}\nSubtract: contract mismatch: interface 'ICalculator' has no method \
         'Subtract'\n"
    )
}

/// The messages of a host in Rust, and of one in C.
const IN_RUST: &str = "ICalculator.Add: argument 1 (a: i32) does not fit: found a string";
const IN_C: &str = "argument 1: expected an int32, found a string";

const PROGRESS: &str = "progress: 25%\nprogress: 50%\nprogress: 75%\nprogress: 100%\nSum: 5050\n";

/// The path of an example, which is built first if necessary.
fn example(name: &str) -> PathBuf {
    let target = libraries().ancestors().nth(2).expect("the target folder").to_path_buf();
    succeed(
        Command::new(env!("CARGO"))
            .current_dir(root())
            .args(["build", "--quiet", "--example", name, "--target-dir"])
            .arg(&target),
    );
    target.join("debug/examples").join(name)
}

/// Runs a host on a pipe and on a port, and a client with each; returns what the host printed.
fn run_pair(host: &Path, client: &Path, client_says: &str) -> String {
    let pipe = format!("pipe://{}", unique("rust-examples"));
    let mut host = Command::new(host)
        .args([&pipe, "tcp://127.0.0.1:0"])
        .env_remove("LD_LIBRARY_PATH")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut output = BufReader::new(host.stdout.take().unwrap());
    for scheme in ["pipe://", "tcp://"] {
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        let endpoint = line.trim_end().strip_prefix("listening on ").expect("an endpoint");
        assert!(endpoint.starts_with(scheme), "{line}");
        assert_eq!(succeed(Command::new(client).arg(endpoint)), client_says);
    }
    drop(host.stdin.take());
    let mut rest = String::new();
    output.read_to_string(&mut rest).unwrap();
    assert!(host.wait().unwrap().success());
    rest
}

#[test]
fn the_calculator_works_with_itself_and_with_that_in_c() {
    watched(LIMIT, || {
        if sanitizer::leaves_out("the examples in Rust") {
            return;
        }
        let (host, client) = (example("calculator_host"), example("calculator_client"));
        let said = run_pair(&host, &client, &calculated(IN_RUST));
        assert_eq!(said, "log: the client says goodbye\n".repeat(2));
        let folder = folder("rust-examples");
        let client_in_c = program("examples-c/calculator_client.c", &folder, Link::Dynamic);
        run_pair(&host, &client_in_c, &calculated(IN_RUST));
        let host_in_c = program("examples-c/calculator_host.c", &folder, Link::Dynamic);
        run_pair(&host_in_c, &client, &calculated(IN_C));
    });
}

#[test]
fn the_duplex_calculator_works_with_itself_and_with_that_in_c() {
    watched(LIMIT, || {
        if sanitizer::leaves_out("the examples in Rust") {
            return;
        }
        let (host, client) = (example("duplex_host"), example("duplex_client"));
        run_pair(&host, &client, PROGRESS);
        let folder = folder("rust-duplex-examples");
        let client_in_c = program("examples-c/duplex_client.c", &folder, Link::Dynamic);
        run_pair(&host, &client_in_c, PROGRESS);
        let host_in_c = program("examples-c/duplex_host.c", &folder, Link::Dynamic);
        run_pair(&host_in_c, &client, PROGRESS);
    });
}
