//! What hosts and clients of `ICalculator` agree on, in whatever language.

use std::fmt;

/// A calculator.
#[callgate::interface(name = "ICalculator")]
pub trait Calculator {
    /// The sum.
    fn add(&self, a: i32, b: i32) -> i64;
    /// The quotient, without its fraction.
    fn divide(&self, a: i32, b: i32) -> Result<i64, MathError>;
    /// Prints a line; no one waits for it.
    #[one_way]
    fn log(&self, line: &str);
}

/// How calculators fail.
#[derive(Debug, callgate::CallError)]
pub enum MathError {
    /// Division by zero.
    DivideByZero,
    /// Whatever else can end a call.
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
