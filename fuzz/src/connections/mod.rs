//! Whole programs: a host and a client in one process, on modelled threads, clock and streams, whose bytes may be
//! spoiled on their way. An input decides all of it, so it repeats a run exactly.

mod faults;
mod ledger;
mod program;
mod world;

pub use program::Input;
pub use world::run;
