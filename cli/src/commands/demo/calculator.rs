//! What the demo serves: `contract.json` describes it.

use std::fmt;

use callgate::{CallError, InboundCall};

use crate::output::{self, Plain};

#[callgate::interface(name = "ICalculator")]
pub trait Calculator {
    /// The sum of two numbers.
    fn add(&self, a: i32, b: i32) -> i64;
    /// The quotient, without its fraction.
    fn divide(&self, a: i32, b: i32) -> Result<i32, MathError>;
    /// Adds up 1 to `n`, and reports every quarter.
    fn sum(&self, call: &InboundCall, n: i32) -> i64;
    /// Prints a line.
    #[one_way]
    fn log(&self, line: &str);
}

#[callgate::interface(name = "IProgress")]
pub trait Progress {
    /// How much is done, from 0 to 1.
    fn report(&self, fraction: f64);
}

#[derive(Debug, CallError)]
pub enum MathError {
    DivideByZero,
    #[call_error(other)]
    Other(callgate::Error),
}

impl fmt::Display for MathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            MathError::DivideByZero => f.write_str("cannot divide by zero"),
            MathError::Other(error) => error.fmt(f),
        }
    }
}

/// Serves one caller.
pub struct Desk {
    pub progress: ProgressProxy,
}

impl Calculator for Desk {
    fn add(&self, a: i32, b: i32) -> i64 {
        i64::from(a) + i64::from(b)
    }

    fn divide(&self, a: i32, b: i32) -> Result<i32, MathError> {
        match b {
            0 => Err(MathError::DivideByZero),
            _ => Ok(a.wrapping_div(b)),
        }
    }

    fn sum(&self, call: &InboundCall, n: i32) -> i64 {
        let (n, mut total) = (i64::from(n), 0);
        for i in 1..=n {
            if call.is_cancelled() {
                break;
            }
            total += i;
            if 4 * i / n != 4 * (i - 1) / n {
                // A caller that takes no reports gets its sum all the same.
                self.progress.report(i as f64 / n as f64).ok();
            }
        }
        total
    }

    fn log(&self, line: &str) {
        output::line(&format!("log: {}", Plain(line))).ok();
    }
}
