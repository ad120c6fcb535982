//! Counts how often each numbered call ran.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::Arc;

use callgate::InboundCall;

/// How often each number ran.
pub struct Ledger(Vec<AtomicU32>);

impl Ledger {
    /// A ledger for the numbers below `numbers`.
    pub fn new(numbers: usize) -> Arc<Ledger> {
        Arc::new(Ledger((0..numbers).map(|_| AtomicU32::new(0)).collect()))
    }

    /// Records that a number ran.
    pub fn note(&self, number: u64) {
        self.0[number as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// How often it ran.
    pub fn runs(&self, number: u64) -> u32 {
        self.0[number as usize].load(Ordering::Relaxed)
    }

    /// The number of all runs.
    pub fn total(&self) -> u64 {
        self.0.iter().map(|runs| u64::from(runs.load(Ordering::Relaxed))).sum()
    }

    /// The numbers that did not run exactly once.
    pub fn not_once(&self) -> Vec<u64> {
        (0..self.0.len() as u64).filter(|number| self.runs(*number) != 1).collect()
    }

    /// The numbers that ran more than once.
    pub fn repeated(&self) -> Vec<u64> {
        (0..self.0.len() as u64).filter(|number| self.runs(*number) > 1).collect()
    }

    /// Serves `ILedger`.
    pub fn serve(&self, call: InboundCall) {
        match call.method() {
            "Run" => {
                let (number,) = call.args::<(u64,)>().unwrap();
                self.note(number);
                call.reply(&answer(number)).ok();
            }
            "NotOnce" => drop(call.reply(&self.not_once())),
            "Total" => drop(call.reply(&self.total())),
            _ => drop(call.fail_no_method()),
        }
    }
}

/// The result of `Run`.
pub fn answer(number: u64) -> u64 {
    number.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 7
}
