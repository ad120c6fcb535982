//! Hosts, clients and connections: how they begin, which users may connect, how they end.

#[path = "../support/mod.rs"]
mod support;

mod access;
mod admission;
mod at_most_once;
mod close;
mod endpoints;
mod events;
mod exit;
mod goodbye;
mod initialisation;
mod log;
mod names;
mod several_endpoints;
mod welcome;
