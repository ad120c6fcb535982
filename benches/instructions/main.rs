//! How many instructions a null call takes on each side, counted by callgrind: figures that repeat on
//! noisy machines, so that a regression is seen. Looking is off, since it would count waiting.
//!
//! ```text
//! cargo bench --bench instructions
//! ```
//!
//! Each side runs under callgrind twice, with fewer and with more calls; the difference is what the
//! calls took, without starting and stopping. The figures beside which they are printed are kept in
//! `kept.txt`; whoever changes them on purpose writes the new ones there.

use std::env;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use callgate::{Client, Connection, Host, InboundCall, Limits};

const FEWER: u64 = 2_000;
const MORE: u64 = 12_000;
const KEPT: &str = include_str!("kept.txt");

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["host", endpoint] => host(endpoint),
        ["client", endpoint, calls] => client(endpoint, calls.parse().expect("a number of calls")),
        _ => compare(),
    }
}

fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.look = Duration::ZERO;
    limits
}

/// Serves until its standard input ends.
fn host(endpoint: &str) {
    let host = Host::builder()
        .limits(limits())
        .endpoint(endpoint)
        .delegate("ICalculator", |_: &Connection| {
            |call: InboundCall| {
                if let Ok((a, b)) = call.args::<(i32, i32)>() {
                    call.reply(&(a + b)).ok();
                }
            }
        })
        .start()
        .expect("the host starts");
    println!("ready");
    std::io::stdin().lines().for_each(drop);
    host.close().expect("the host closes");
}

fn client(endpoint: &str, calls: u64) {
    let client = Client::builder(endpoint).limits(limits()).connect().expect("an endpoint");
    let calculator = client.proxy("ICalculator").expect("a name");
    for _ in 0..calls {
        let sum: i32 = calculator.call("Add", &(20, 22)).expect("a sum");
        assert_eq!(sum, 42);
    }
    client.close().expect("the client closes");
}

fn compare() {
    if Command::new("valgrind").arg("--version").stdout(Stdio::null()).status().is_err() {
        println!("SKIPPED instructions of a null call: there is no valgrind");
        return;
    }
    println!("instructions of a null call, add(int32, int32), over a Unix socket, Rust to Rust");
    for side in ["client", "host"] {
        let each = (counted(side, MORE) - counted(side, FEWER)) / (MORE - FEWER);
        let kept = KEPT.lines().find_map(|line| line.strip_prefix(side)).expect("a kept figure");
        let kept: u64 = kept.trim().parse().expect("a number");
        let change = each as f64 / kept as f64 * 100.0 - 100.0;
        println!("  {side:6} {each:6}   kept {kept:6}   {change:+.1} %");
    }
}

/// All instructions of one side, with so many calls.
fn counted(side: &str, calls: u64) -> u64 {
    let base = env::temp_dir().join(format!("callgate-instructions-{}", std::process::id()));
    let (endpoint, out) = (format!("unix://{}", base.display()), base.with_extension("out"));
    let mut host = program(side == "host", &out);
    let host = host.args(["host", &endpoint]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut host = host.spawn().expect("the host starts");
    let mut ready = String::new();
    BufReader::new(host.stdout.take().expect("asked for")).read_line(&mut ready).expect("a line");
    let mut client = program(side == "client", &out);
    let client = client.args(["client", &endpoint, &calls.to_string()]).status();
    assert!(client.expect("the client starts").success());
    drop(host.stdin.take());
    assert!(host.wait().expect("the host ends").success());
    let profile = fs::read_to_string(&out).expect("callgrind's output");
    fs::remove_file(&out).expect("it is there");
    let total = profile.lines().find_map(|line| line.strip_prefix("totals:"));
    total.expect("callgrind's total").trim().parse().expect("a number")
}

/// This program, perhaps under callgrind.
fn program(counted: bool, out: &Path) -> Command {
    let me = env::current_exe().expect("this program has a path");
    if !counted {
        return Command::new(me);
    }
    let mut valgrind = Command::new("valgrind");
    let out = format!("--callgrind-out-file={}", out.display());
    valgrind.args(["--quiet", "--tool=callgrind", &out]).arg(me).stderr(Stdio::null());
    valgrind
}
