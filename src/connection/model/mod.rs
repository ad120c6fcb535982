//! What must be true for every interleaving of threads, checked by a model checker on the product's own
//! types: `ci/model-check`.
//!
//! A model is a few threads that do what the threads of a connection do. The checker runs it again and
//! again, each time in another order. If all threads get stuck, the model fails.

mod calls;
mod credits;
mod holding;
mod interest;
mod parts;
mod reading;
mod send_queue;
mod side;

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
