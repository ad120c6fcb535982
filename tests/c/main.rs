//! The C ABI: programs in C, the headers, and the examples, which are played against those in Rust.

#![cfg(feature = "c-abi")]

#[path = "../support/c.rs"]
mod c;
#[path = "../support/mod.rs"]
mod support;

mod abi;
mod besieged;
mod examples;
mod header;
mod life;
mod misuse;
mod out_of_memory;
mod readme;
mod rust_examples;
