//! Carries the connections between clients and hosts of Callgate over NATS.
//!
//! A gateway beside a host offers it as a NATS service (`offer`); one beside clients listens where they connect
//! (`connect`). Each connection becomes a [`session`], which carries the bytes both ways as they are.
//!
//! The layers, the lowest first: [`session`] (no I/O) and the texts of `control`; `local` and `carrier`, the two
//! streams of a session; `relay`, which joins them; `offer` and `connect`.

pub mod address;
mod carrier;
pub mod command_line;
mod connect;
mod control;
mod find;
mod local;
mod log;
mod nats;
mod offer;
mod outlet;
mod relay;
pub mod session;
mod sessions;
mod signals;
