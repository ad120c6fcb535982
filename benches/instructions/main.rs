//! Counts, with callgrind, the instructions that a null call and a one-way call take on each side. The
//! counts repeat on noisy machines, so that a regression shows. Spinning is off, since it would count
//! waiting. How many one-way calls a client sends together depends on the moment, so the host's are counted
//! with a client that sends them in batches of a fixed size.
//!
//! ```text
//! cargo bench --bench instructions
//! ```
//!
//! Each side runs under callgrind with fewer and with more calls; the difference is the cost of the calls,
//! without starting and stopping. Of several runs the least counts: what disturbs a run, such as a call that
//! is interrupted and then counts as long, adds instructions. Null calls are counted from Rust and from C; C's include what the
//! program itself does and the loader's part. The described client's proxy has compared its description with the
//! host's before its first call; the others have none. `kept.txt` holds the figures to compare with; after an
//! intended change, write the new ones there.

mod batches;
#[path = "../suite/compile.rs"]
mod compile;

use std::env;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use callgate::{Client, Connection, Contract, Host, InboundCall, Limits};

/// The fewer and the more calls.
const NULL_CALLS: (u64, u64) = (2_000, 12_000);
const ONE_WAY_CALLS: (u64, u64) = (20_000, 80_000);
/// How often each count is repeated.
const RUNS: u32 = 3;
const KEPT: &str = include_str!("kept.txt");
/// The description that the host and the described client have.
const DESCRIPTION: &str = include_str!("calculator.json");

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["host", endpoint] => host(endpoint),
        ["client", kind, endpoint, calls] => {
            let calls = calls.parse().expect("a number of calls");
            match *kind {
                "batches" => batches::send(endpoint, calls),
                kind => client(endpoint, kind, calls),
            }
        }
        _ => compare(),
    }
}

fn description() -> Contract {
    Contract::parse(DESCRIPTION).expect("a description")
}

fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.spin = Some(Duration::ZERO);
    limits
}

/// Serves until its standard input ends.
fn host(endpoint: &str) {
    let host = Host::builder()
        .limits(limits())
        .endpoint(endpoint)
        .describe(&description())
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
        if kind == "described" {
            calculator.describe(&description()).expect("its interface");
        }
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
    println!("instructions of add(int32, int32), and of a one-way call, over a Unix socket");
    let folder = env::temp_dir().join(format!("callgate-instructions-{}", std::process::id()));
    fs::create_dir(&folder).expect("a folder");
    let rust = Pair::rust("null");
    compare_side("rust client", &rust, NULL_CALLS, &folder);
    compare_side("rust host", &rust, NULL_CALLS, &folder);
    compare_side("described client", &Pair::rust("described"), NULL_CALLS, &folder);
    match Pair::c(&folder) {
        Ok(c) => {
            compare_side("c client", &c, NULL_CALLS, &folder);
            compare_side("c host", &c, NULL_CALLS, &folder);
        }
        Err(reason) => println!("SKIPPED C to C: {reason}"),
    }
    compare_side("one-way client", &Pair::rust("one-way"), ONE_WAY_CALLS, &folder);
    compare_side("one-way host", &Pair::rust("batches"), ONE_WAY_CALLS, &folder);
    fs::remove_dir_all(&folder).expect("it is there");
}

/// Counts one side of a pair, and prints the count beside the figure kept under this name, which ends with
/// the side.
fn compare_side(name: &str, pair: &Pair, (fewer, more): (u64, u64), folder: &Path) {
    let side = if name.ends_with("client") { Side::Client } else { Side::Host };
    let least = |calls| (0..RUNS).map(|_| pair.counted(side, calls, folder)).min().expect("a run");
    let each = (least(more) - least(fewer)) / (more - fewer);
    let kept = KEPT.lines().find_map(|line| line.strip_prefix(name)).expect("a kept figure");
    let kept: u64 = kept.trim().parse().expect("a number");
    let change = each as f64 / kept as f64 * 100.0 - 100.0;
    println!("  {name:16} {each:6}   kept {kept:6}   {change:+.1} %");
}

#[derive(Clone, Copy, PartialEq)]
enum Side {
    Client,
    Host,
}

/// The programs of a host and a client, with their arguments before and after the endpoint. The client's
/// last argument is the number of calls.
struct Pair {
    host: (PathBuf, &'static [&'static str], &'static [&'static str]),
    client: (PathBuf, Vec<&'static str>),
}

impl Pair {
    /// This program, making calls of this kind.
    fn rust(kind: &'static str) -> Pair {
        let me = env::current_exe().expect("this program has a path");
        Pair { host: (me.clone(), &["host"], &[]), client: (me, vec!["client", kind]) }
    }

    /// The programs of `suite/c`, compiled; an error if there is no compiler.
    fn c(folder: &Path) -> Result<Pair, String> {
        let (host, client) = (folder.join("null_host"), folder.join("null_client"));
        compile::compile("null_host", &host)?;
        compile::compile("null_client", &client)?;
        Ok(Pair { host: (host, &[], &["asleep"]), client: (client, vec![]) })
    }

    /// All instructions of one side, for this number of calls.
    fn counted(&self, side: Side, calls: u64, folder: &Path) -> u64 {
        let (endpoint, out) =
            (format!("unix://{}/socket", folder.display()), folder.join("callgrind"));
        let (program, before, after) = &self.host;
        let mut host = start(program, side == Side::Host, &out);
        host.args(*before).arg(&endpoint).args(*after);
        let mut host =
            host.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the host starts");
        let output = host.stdout.take().expect("asked for");
        BufReader::new(output).read_line(&mut String::new()).expect("a line");
        let (program, before) = &self.client;
        let mut client = start(program, side == Side::Client, &out);
        client.args(before).args([&endpoint, &calls.to_string()]).stdout(Stdio::null());
        assert!(client.status().expect("the client starts").success());
        drop(host.stdin.take());
        assert!(host.wait().expect("the host ends").success());
        let profile = fs::read_to_string(&out).expect("callgrind's output");
        let total = profile.lines().find_map(|line| line.strip_prefix("totals:"));
        total.expect("callgrind's total").trim().parse().expect("a number")
    }
}

/// A program, optionally under callgrind.
fn start(program: &Path, counted: bool, out: &Path) -> Command {
    let mut command = if counted {
        let mut valgrind = Command::new("valgrind");
        let out = format!("--callgrind-out-file={}", out.display());
        valgrind.args(["--quiet", "--tool=callgrind", &out]).arg(program).stderr(Stdio::null());
        valgrind
    } else {
        Command::new(program)
    };
    // Cargo's own search path might find an older build of the library.
    command.env_remove("LD_LIBRARY_PATH");
    command
}
