//! Models of whole programs: a real host and a real client with their connection, pools, monitors and
//! timers, on a network, a clock and threads that a model checker controls. `ci/model-check` runs each in
//! many orders.
//!
//! A model is a few threads that do what programs do, as the checker chooses. In every order each call must
//! have one outcome, which is true; nothing may get stuck; and nothing may be left over.

mod calls;
mod ends;
mod ledger;
mod order;
mod program;
mod reconnects;
mod silence;
mod wake;
mod world;
