//! What hosts and clients of the calculator that reports its progress agree on.

use callgate::{InboundCall, Result};

/// A calculator that calls its caller's `IProgress`.
#[callgate::interface(name = "ICalculator")]
pub trait Calculator {
    /// Adds up 1 to `n`, reports every quarter, and stops when the caller waits no more.
    fn sum(&self, call: &InboundCall, n: i32) -> Result<i64>;
}

/// Served by clients.
#[callgate::interface(name = "IProgress")]
pub trait Progress {
    /// Told how much is done, of 1.
    fn report(&self, fraction: f64);
}
