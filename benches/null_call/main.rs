//! The null call over a pipe, Rust to Rust, between two processes, beside two floors: raw
//! ping-pongs of the same bytes over the same kind of socket, one that blocks and one that looks
//! for 20 µs before it blocks. All three are interleaved in one run, in three placements.
//!
//! ```text
//! cargo bench --bench null_call              # about half a minute
//! cargo bench --bench null_call -- --quick   # a few seconds
//! ```

mod floor;
mod placement;
mod stats;

use std::env;
use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::Instant;

use callgate::{Client, Connection, Host, InboundCall, Proxy};
use placement::Placement;
use stats::Sample;

/// Interleaved rounds, and calls in each, of a whole and of a quick run.
const WHOLE: (usize, usize) = (40, 5_000);
const QUICK: (usize, usize) = (10, 1_000);

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["serve", placement, base] => serve(placement, base),
        ["measure", placement, quick] => measure(placement, *quick == "quick"),
        options => {
            let quick = options.contains(&"--quick");
            println!("null call add(int32, int32), p50, p99 and mean in µs; ratios to the floors");
            for placement in Placement::ALL {
                let quick = if quick { "quick" } else { "whole" };
                let run = me().args(["measure", placement.name(), quick]).status();
                assert!(run.expect("this program runs again").success());
            }
        }
    }
}

fn me() -> Command {
    Command::new(env::current_exe().expect("this program has a path"))
}

/// The other process: serves both floors and the call, until its standard input ends.
fn serve(placement: &str, base: &str) {
    Placement::of(placement).pin_server();
    floor::serve(&format!("{base}-blocking"), floor::Reading::Blocking);
    floor::serve(&format!("{base}-looking"), floor::Reading::Looking);
    let host = Host::builder()
        .endpoint(&format!("unix://{base}-host"))
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

struct Server {
    child: Child,
    stdin: Option<ChildStdin>,
}

impl Server {
    fn start(placement: Placement, base: &str) -> Server {
        let mut child = me()
            .args(["serve", placement.name(), base])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let mut ready = String::new();
        let stdout = child.stdout.take().expect("it was asked for");
        BufReader::new(stdout).read_line(&mut ready).expect("the server speaks");
        let stdin = child.stdin.take();
        Server { child, stdin }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stdin.take();
        self.child.wait().ok();
    }
}

fn measure(placement: &str, quick: bool) {
    let placement = Placement::of(placement);
    placement.pin_client();
    let base = env::temp_dir().join(format!("callgate-bench-{}", std::process::id()));
    let base = base.display().to_string();
    let _server = Server::start(placement, &base);
    let client = Client::connect(&format!("unix://{base}-host")).expect("the endpoint is one");
    let calculator = client.proxy("ICalculator").expect("the name is one");
    let mut blocking = floor::Floor::connect(&format!("{base}-blocking"), floor::Reading::Blocking);
    let mut looking = floor::Floor::connect(&format!("{base}-looking"), floor::Reading::Looking);

    let (rounds, calls) = if quick { QUICK } else { WHOLE };
    let mut samples =
        [Sample::new("blocking floor"), Sample::new("looking floor"), Sample::new("null call")];
    for round in 0..=rounds {
        // The first round warms up.
        let keep = round > 0;
        samples[0].round(keep, calls, || blocking.ping());
        samples[1].round(keep, calls, || looking.ping());
        samples[2].round(keep, calls, || add(&calculator));
    }
    let [blocking, looking, null_call] = &mut samples;
    println!("\n{}", placement.describe());
    for sample in [&mut *blocking, &mut *looking, &mut *null_call] {
        sample.print();
    }
    let p50 = null_call.percentile(0.50);
    println!(
        "  null call p50: {:.2} × blocking floor, {:.2} × looking floor",
        p50 / blocking.percentile(0.50),
        p50 / looking.percentile(0.50)
    );
    client.close().expect("the client closes");
}

fn add(calculator: &Proxy) -> f64 {
    let begun = Instant::now();
    let sum: i32 = calculator.call("Add", &(20, 22)).expect("the call succeeds");
    let took = begun.elapsed();
    assert_eq!(sum, 42);
    took.as_secs_f64() * 1e6
}
