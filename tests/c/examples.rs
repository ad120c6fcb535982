//! The C examples: they compile without warnings, do what they say, and leak nothing.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use callgate::{CallOptions, Client, Status};

use crate::c::{folder, program, root, succeed, valgrind, Link};
use crate::support::{unique, watched};

const LIMIT: Duration = Duration::from_secs(120);

/// A pair of examples, and what they print.
#[derive(Clone, Copy)]
struct Pair {
    host: &'static str,
    client: &'static str,
    client_says: &'static str,
    host_says: &'static str,
}

const CALCULATOR: Pair = Pair {
    host: "examples-c/calculator_host.c",
    client: "examples-c/calculator_client.c",
    client_says: "\
Add: 3
Divide: 42
Divide: remote error DivideByZero: cannot divide by zero
Add: contract mismatch: argument 1: expected an int32, found a string
Subtract: contract mismatch: interface 'ICalculator' has no method 'Subtract'
",
    host_says: "log: the client says goodbye\n",
};

const DUPLEX: Pair = Pair {
    host: "examples-c/duplex_host.c",
    client: "examples-c/duplex_client.c",
    client_says: "progress: 25%\nprogress: 50%\nprogress: 75%\nprogress: 100%\nSum: 5050\n",
    host_says: "",
};

/// A running example host, and the endpoints that it reports.
struct Host {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    endpoints: Vec<String>,
}

impl Host {
    fn start(mut command: Command, endpoints: &[&str]) -> Host {
        command.args(endpoints).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let input = process.stdin.take().unwrap();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        let said = endpoints.iter().map(|_| {
            let mut line = String::new();
            output.read_line(&mut line).unwrap();
            let endpoint = line.trim_end().strip_prefix("listening on ");
            endpoint.unwrap_or_else(|| panic!("the host said {line:?}")).to_owned()
        });
        let endpoints = said.collect();
        Host { process, input, output, endpoints }
    }

    /// Lets it end by itself, and returns what it has printed since.
    fn finish(mut self) -> String {
        drop(self.input);
        let mut rest = String::new();
        self.output.read_to_string(&mut rest).unwrap();
        let status = self.process.wait().unwrap();
        assert!(status.success(), "the host ended with {status}");
        rest
    }
}

/// Builds a pair of examples into a folder, and runs each with `runner` if that is not empty.
fn run_pair(pair: Pair, name: &str, link: Link, runner: &[&str]) {
    let folder = folder(name);
    let host = program(pair.host, &folder, link);
    let client = program(pair.client, &folder, link);
    let pipe = format!("pipe://{}", unique(name));
    let host = Host::start(command(&host, runner), &[&pipe, "tcp://127.0.0.1:0"]);
    assert_eq!(host.endpoints[0], pipe);
    for endpoint in &host.endpoints {
        let said = succeed(command(&client, runner).arg(endpoint));
        assert_eq!(said, pair.client_says);
    }
    assert_eq!(host.finish(), pair.host_says.repeat(2));
}

fn run_under_valgrind(pair: Pair, name: &'static str) {
    let suppressions = root().join("tests/c/valgrind.supp");
    let suppressions = format!("--suppressions={}", suppressions.display());
    watched(LIMIT, move || {
        if let Some(mut words) = valgrind() {
            words.extend(["--leak-check=full".to_owned(), suppressions]);
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            run_pair(pair, name, Link::Dynamic, &words);
        }
    });
}

fn command(program: &Path, runner: &[&str]) -> Command {
    let mut words = runner.iter().map(OsString::from).chain([program.into()]);
    let mut command = Command::new(words.next().unwrap());
    command.env_remove("LD_LIBRARY_PATH");
    command.args(words);
    command
}

#[test]
fn the_calculator_works_linked_either_way() {
    watched(LIMIT, || {
        run_pair(CALCULATOR, "examples", Link::Dynamic, &[]);
        run_pair(CALCULATOR, "examples-static", Link::Static, &[]);
    });
}

#[test]
fn the_calculator_is_clean_under_valgrind() {
    run_under_valgrind(CALCULATOR, "examples-valgrind");
}

#[test]
fn the_duplex_calculator_reports_its_progress() {
    watched(LIMIT, || run_pair(DUPLEX, "duplex-examples", Link::Dynamic, &[]));
}

#[test]
fn the_duplex_calculator_is_clean_under_valgrind() {
    run_under_valgrind(DUPLEX, "duplex-examples-valgrind");
}

/// The host stops adding when the caller no longer waits, and replies with the sum so far.
#[test]
fn half_a_sum_never_reaches_a_caller_as_a_result() {
    watched(LIMIT, || {
        let program = program(DUPLEX.host, &folder("half-a-sum"), Link::Dynamic);
        let pipe = format!("pipe://{}", unique("half-a-sum"));
        let host = Host::start(command(&program, &[]), &[&pipe]);
        let client = Client::connect(&pipe).unwrap();
        let calculator = client.proxy("ICalculator").unwrap();
        let soon = CallOptions::timeout(Duration::from_millis(50));
        for _ in 0..40 {
            let outcome = calculator.call_with::<i64>("Sum", &(i32::MAX,), &soon);
            assert_eq!(outcome.map_err(|error| error.status()), Err(Status::TimedOut));
        }
        client.close().unwrap();
        host.finish();
    });
}

#[test]
fn a_client_without_a_host_says_so_and_fails() {
    watched(LIMIT, || {
        let client =
            program("examples-c/calculator_client.c", &folder("examples-alone"), Link::Dynamic);
        let output = Command::new(client).arg("nonsense").output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(1));
        assert!(said.starts_with("status 12: "), "{said}");
    });
}
