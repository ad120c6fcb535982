//! Calls: by name, in both directions, started, one-way, cancelled, deferred, late.

#[path = "../support/block_on.rs"]
mod block_on;
#[path = "../support/mod.rs"]
mod support;

mod answers_together;
mod by_name;
mod callbacks;
mod cancel_notices;
mod cancellation;
mod deadlines;
mod defer;
mod delegates;
mod duplex;
mod empty_bytes;
mod one_way;
mod one_way_turns;
mod ordering;
mod panics;
mod share;
mod slow_delegates;
mod start;
mod wait_to_start;
mod whole_results;
mod within;
