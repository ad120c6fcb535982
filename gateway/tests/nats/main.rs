//! Gateways as their users run them: the built program, with a real NATS server, hosts and clients.

#![cfg(unix)]

mod calls;
mod cluster;
mod drain;
mod faults;
mod forgeries;
mod instances;
mod kills;
mod login;
mod operators;
mod partitions;
mod streams;
mod support;
mod tool;
