//! Runs the rows one after another, each in each placement, in processes of their own.

use std::io::Read;
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::options::Options;
use crate::placement::{Placement, Side};
use crate::processes::{me, pinned};
use crate::report::{table, Report};
use crate::rows::{self, Row};
use crate::run::{obey, Order, Verdict};
use crate::system;

/// A row that takes longer in one placement is considered hung.
const LIMIT: Duration = Duration::from_secs(900);
const QUICK_LIMIT: Duration = Duration::from_secs(60);

/// Runs what the options select.
pub fn run(options: &Options) -> ExitCode {
    let processors = system::processors();
    let mut report = Report::new(options.is_quick, processors.len());
    for row in &options.rows {
        println!("\n{}", table::heading(row));
        for placement in Placement::ALL {
            let verdict = if placement.is_possible(processors.len()) {
                let (row, is_quick) = (row.name.into(), options.is_quick);
                ordered(Order { row, placement, is_quick, processors: processors.clone() })
            } else {
                Ok(Err("there is one processor only".into()))
            };
            print!("{}", table::block(row, placement, &verdict));
            report.add(row, placement, verdict);
        }
    }
    report.write(&options.json);
    println!("\n{}", report.conclusion(&options.json));
    ExitCode::from(u8::from(report.has_failed()))
}

/// Lets a process carry out an order; an error if it fails.
fn ordered(order: Order) -> Result<Verdict, String> {
    let processor = order.placement.processor(Side::Client, &order.processors);
    let limit = if order.is_quick { QUICK_LIMIT } else { LIMIT };
    let mut command = pinned(me().get_program(), processor);
    command.arg("measure").arg(serde_json::to_string(&order).expect("an order can be written"));
    let said = output_within(command, limit)?;
    serde_json::from_str(&said).map_err(|_| "the measuring process failed".into())
}

/// The output of a command, if it ends in time.
fn output_within(mut command: Command, limit: Duration) -> Result<String, String> {
    let spawned = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
    let mut child = spawned.map_err(|error| format!("{command:?}: {error}"))?;
    let (said, output) = (mpsc::channel(), child.stdout.take());
    thread::spawn(move || {
        let mut text = String::new();
        let read = output.map(|mut output| output.read_to_string(&mut text));
        said.0.send(read.map(|_| text)).ok();
    });
    let text = said.1.recv_timeout(limit);
    end(&mut child, text.is_err());
    text.ok().flatten().ok_or_else(|| format!("it hangs: nothing came within {limit:?}"))
}

/// Waits for a process that ends, or ends one that hangs; the processes that it started end with it.
fn end(child: &mut Child, hangs: bool) {
    if hangs {
        child.kill().ok();
    }
    child.wait().ok();
}

/// Carries out an order, in the process that was started for it.
pub fn measure(order: &str) {
    let order: Order = serde_json::from_str(order).expect("an order");
    let row: &Row = rows::named(&order.row);
    let verdict = obey(order, row);
    println!("{}", serde_json::to_string(&verdict).expect("a verdict can be written"));
}
