//! The contract that the processes of these tests share.

use std::fmt;

use callgate::{CallError, InboundCall};
use serde::{Deserialize, Serialize};

/// The errors of calculations.
#[derive(Debug, CallError)]
pub enum MathError {
    #[call_error(alias = "__main__.DivideByZero")]
    DivideByZero,
    #[call_error(name = "MySoftware.Overflow")]
    Overflow(String),
    #[call_error(other)]
    Other(callgate::Error),
}

impl fmt::Display for MathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            MathError::DivideByZero => f.write_str("cannot divide by zero"),
            MathError::Overflow(message) => f.write_str(message),
            MathError::Other(error) => error.fmt(f),
        }
    }
}

/// A point, as a structure that is sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Point {
    pub x: i32,
    pub name: Option<String>,
}

/// A calculator.
#[callgate::interface(name = "MySoftware.ICalculator")]
pub trait Calculator {
    /// The sum.
    fn add(&self, a: i32, b: i32) -> i64;
    fn divide(&self, a: i64, b: i64) -> Result<i64, MathError>;
    /// Fails with the error that `name` selects.
    fn fail(&self, name: &str) -> callgate::Result<()>;
    fn join(&self, words: &[String], between: Option<&str>) -> String;
    fn reverse(&self, bytes: &[u8]) -> Vec<u8>;
    fn sort(&self, bytes: Vec<u8>) -> Result<Vec<u8>, MathError>;
    fn move_by(&self, point: &Point, x: i32) -> Point;
    fn halve_small(&self, n: u8) -> u8;
    #[one_way]
    fn log(&self, line: &str);
    fn logged(&self) -> Vec<String>;
    #[method(name = "CountTo")]
    fn count(&self, n: u32) -> callgate::Result<u32>;
    /// Waits until the caller no longer waits, and reports that by `log`.
    fn wait(&self, call: &InboundCall) -> callgate::Result<()>;
    fn metadata(&self, key: &str, call: &InboundCall) -> Option<String>;
}

/// How a refusal is sent.
#[derive(Debug, CallError)]
pub enum Refusal {
    Enough(String),
    #[call_error(other)]
    Other(callgate::Error),
}

/// Receives the progress of a calculator.
#[callgate::interface(name = "MySoftware.IProgress")]
pub trait Progress {
    fn report(&self, n: u32) -> Result<(), Refusal>;
    #[one_way]
    fn note(&self, text: &str);
}
