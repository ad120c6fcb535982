//! How many instructions a null call and a one-way call take on each side, counted by callgrind: figures
//! that repeat on noisy machines, so that a regression is seen. Looking is off, since it would count
//! waiting. Those of one-way calls repeat less well: how many travel together depends on the moment.
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
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use callgate::{Client, Connection, Host, InboundCall, Limits};

/// What is counted, and how many calls are fewer and more.
const KINDS: [(&str, u64, u64); 2] = [("null", 2_000, 12_000), ("one-way", 20_000, 120_000)];
const KEPT: &str = include_str!("kept.txt");

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["host", endpoint] => host(endpoint),
        ["client", endpoint, kind, calls] => {
            client(endpoint, kind, calls.parse().expect("a number of calls"))
        }
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
        .delegate("ILog", |_: &Connection| {
            let sum = AtomicU64::new(0);
            move |call: InboundCall| {
                if call.is_one_way() {
                    let (number,) = call.args::<(u64,)>().expect("a number");
                    sum.fetch_add(number, Ordering::Relaxed);
                } else {
                    call.reply(&sum.load(Ordering::Relaxed)).ok();
                }
            }
        })
        .start()
        .expect("the host starts");
    println!("ready");
    std::io::stdin().lines().for_each(drop);
    host.close().expect("the host closes");
}

fn client(endpoint: &str, kind: &str, calls: u64) {
    let client = Client::builder(endpoint).limits(limits()).connect().expect("an endpoint");
    if kind == "one-way" {
        let log = client.proxy("ILog").expect("a name");
        (0..calls).for_each(|_| log.one_way("Note", &(1,)).expect("it is queued"));
        assert_eq!(log.call::<u64>("Count", &()).expect("a sum"), calls);
    } else {
        let calculator = client.proxy("ICalculator").expect("a name");
        for _ in 0..calls {
            let sum: i32 = calculator.call("Add", &(20, 22)).expect("a sum");
            assert_eq!(sum, 42);
        }
    }
    client.close().expect("the client closes");
}

fn compare() {
    if Command::new("valgrind").arg("--version").stdout(Stdio::null()).status().is_err() {
        println!("SKIPPED instructions of a call: there is no valgrind");
        return;
    }
    println!(
        "instructions of add(int32, int32) and of a one-way call, over a Unix socket, Rust to Rust"
    );
    for (kind, fewer, more) in KINDS {
        for side in ["client", "host"] {
            let counted = |calls| counted(side, kind, calls);
            let each = (counted(more) - counted(fewer)) / (more - fewer);
            let what = format!("{kind} {side}");
            let kept = KEPT.lines().find_map(|line| line.strip_prefix(&what)).expect("it is kept");
            let kept: u64 = kept.trim().parse().expect("a number");
            let change = each as f64 / kept as f64 * 100.0 - 100.0;
            println!("  {what:14} {each:6}   kept {kept:6}   {change:+.1} %");
        }
    }
}

/// All instructions of one side, with so many calls.
fn counted(side: &str, kind: &str, calls: u64) -> u64 {
    let base = env::temp_dir().join(format!("callgate-instructions-{}", std::process::id()));
    let (endpoint, out) = (format!("unix://{}", base.display()), base.with_extension("out"));
    let mut host = program(side == "host", &out);
    let host = host.args(["host", &endpoint]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut host = host.spawn().expect("the host starts");
    let mut ready = String::new();
    BufReader::new(host.stdout.take().expect("asked for")).read_line(&mut ready).expect("a line");
    let mut client = program(side == "client", &out);
    let client = client.args(["client", &endpoint, kind, &calls.to_string()]).status();
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
