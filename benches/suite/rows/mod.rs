//! What is measured: one file for each kind of work, and the list of all.

mod beside;
mod c;
mod calculator;
mod callback;
mod connect;
mod crowd;
mod dotnet;
mod echo;
mod every_millisecond;
mod idle;
mod idle_callback;
mod null_call;
mod one_way;
mod python;
mod slowed;
mod started;
mod threads;
mod tls;
mod typed;

use crate::measure::Amount;
use crate::run::{Run, Verdict};
use crate::server::Service;
use crate::stats::Figure;

/// One kind of work, measured beside its references.
pub struct Row {
    /// The name by which it is selected.
    pub name: &'static str,
    pub title: &'static str,
    /// The figures that are shown.
    pub figures: &'static [Figure],
    pub whole: Amount,
    pub quick: Amount,
    /// What the serving process does.
    pub serve: fn(&mut Service),
    /// What the measuring process does.
    pub measure: fn(&mut Run) -> Verdict,
}

/// All rows, in the order in which they run.
pub const ALL: &[&Row] = &[
    &null_call::ROW,
    &null_call::TAILS,
    &tls::ROW,
    &typed::ROW,
    &slowed::ROW_0,
    &slowed::ROW_10,
    &slowed::ROW_20,
    &slowed::ROW_40,
    &slowed::ROW_80,
    &slowed::ROW_160,
    &every_millisecond::ROW,
    &idle::ROW,
    &echo::ROW_4K,
    &echo::ROW_64K,
    &echo::ROW_1M,
    &echo::ROW_16M,
    &beside::ROW,
    &threads::ONE_CONNECTION,
    &threads::CONNECTIONS,
    &one_way::ROW,
    &started::ROW,
    &callback::ROW,
    &idle_callback::ROW,
    &connect::ROW,
    &crowd::ROW,
    &c::ROW,
    &python::ROW,
    &started::PYTHON,
    &dotnet::ROW,
];

/// The figures of calls that have latencies.
const LATENCY: &[Figure] =
    &[Figure::P50, Figure::P99, Figure::Mean, Figure::Rate, Figure::Processor];

/// The row with this name.
pub fn named(name: &str) -> &'static Row {
    let found = ALL.iter().find(|row| row.name == name);
    found.expect("the name is one of ours")
}
