//! What must be true for every interleaving of threads, checked by a model checker on the product's own
//! types: `ci/model-check`.
//!
//! A model here is one part of a connection's state, and a few threads that use it. The checker runs it again
//! and again, each time in another order. If all threads get stuck, the model fails. Whole connections are in
//! `src/model/`; what they keep is tried here only where they would come to a fault too rarely, or could not
//! see it.

mod credits;
mod hold;
mod interest;
mod parts;
mod pending;
mod reader;
mod send_queue;
mod wire;

use std::time::{Duration, Instant};

use crate::error::{Error, Status};
use crate::sync::modelled::explore::{explore, perhaps};
use crate::time;

fn closed() -> Error {
    Error::new(Status::Closed, "closed")
}

/// A deadline that may pass before, while or after anything else happens.
fn soon() -> Instant {
    time::after(Duration::from_millis(1))
}
