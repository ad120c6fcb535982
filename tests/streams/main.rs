//! Byte streams that are cut, slow or full, and the limits that bound what a peer may send.

#[path = "../support/mod.rs"]
mod support;

mod backpressure;
mod cut_streams;
mod faulty_relay;
mod hung_peers;
mod limits;
mod slow_peers;
