//! The bytes of values and frames that all languages share.

#[path = "../support/c.rs"]
mod c;
#[path = "../support/mod.rs"]
mod support;

mod golden_values;
mod wire_vectors;
