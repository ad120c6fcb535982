//! The host's process.

use std::sync::{Arc, Mutex};

use callgate::{Connection, Error, Execution, Host, InboundCall, Result, Status};

use crate::contract::{Calculator, CalculatorDelegate, MathError, Point, ProgressProxy, Refusal};
use crate::support::process::{orders, tell};

/// Serves on an endpoint, which it reports, until the parent ends.
pub fn run(endpoint: &str) {
    let log = Arc::new(Mutex::new(Vec::new()));
    let host = Host::builder()
        .endpoint(endpoint)
        .serve_duplex(move |_: &Connection, progress: ProgressProxy| {
            CalculatorDelegate::new(Desk { progress, log: log.clone() })
        })
        .start()
        .unwrap();
    tell(&host.endpoints()[0]);
    orders().for_each(drop);
    host.close().unwrap();
}

/// Serves one connection.
struct Desk {
    progress: ProgressProxy,
    log: Arc<Mutex<Vec<String>>>,
}

impl Calculator for Desk {
    fn add(&self, a: i32, b: i32) -> i64 {
        i64::from(a) + i64::from(b)
    }

    fn divide(&self, a: i64, b: i64) -> Result<i64, MathError> {
        if b == 0 {
            return Err(MathError::DivideByZero);
        }
        a.checked_div(b).ok_or_else(|| MathError::Overflow(format!("{a} / {b} is too large")))
    }

    fn fail(&self, name: &str) -> Result<()> {
        match name {
            "panic" => panic!("as planned"),
            "not run" => Err(Error::new(Status::LimitExceeded, "said to be not run")
                .with_execution(Execution::NotRun)),
            name => Err(Error::remote_error(name, "as planned")),
        }
    }

    fn join(&self, words: &[String], between: Option<&str>) -> String {
        words.join(between.unwrap_or(" "))
    }

    fn reverse(&self, bytes: &[u8]) -> Vec<u8> {
        bytes.iter().rev().copied().collect()
    }

    fn sort(&self, mut bytes: Vec<u8>) -> Result<Vec<u8>, MathError> {
        bytes.sort_unstable();
        Ok(bytes)
    }

    fn move_by(&self, point: &Point, x: i32) -> Point {
        Point { x: point.x + x, ..point.clone() }
    }

    fn halve_small(&self, n: u8) -> u8 {
        n / 2
    }

    fn log(&self, line: &str) {
        self.log.lock().unwrap().push(line.into());
    }

    fn logged(&self) -> Vec<String> {
        self.log.lock().unwrap().clone()
    }

    /// Counts, reporting each number, as far as the client allows.
    fn count(&self, n: u32) -> Result<u32> {
        for i in 1..=n {
            self.progress.note(&format!("now {i}"))?;
            match self.progress.report(i) {
                Ok(()) => {}
                Err(Refusal::Enough(why)) => {
                    self.log(&why);
                    return Ok(i);
                }
                Err(Refusal::Other(error)) => return Err(error),
            }
        }
        Ok(n)
    }

    fn wait(&self, call: &InboundCall) -> Result<()> {
        call.wait_cancelled(None);
        self.log("nobody waits");
        Ok(())
    }

    fn metadata(&self, key: &str, call: &InboundCall) -> Option<String> {
        let metadata = call.metadata();
        metadata.iter().find(|(known, _)| *known == key).map(|(_, value)| (*value).into())
    }
}
