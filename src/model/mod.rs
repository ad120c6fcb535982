//! Models of whole programs: a real host and a real client, their connection, pools, monitors and timers, on a
//! network, a clock and threads that a model checker rules. `ci/model-check` tries each in many orders.
//!
//! A model is a few threads that do what programs do, chosen by the checker. Whatever they do, every call has
//! one outcome, which is true; nothing gets stuck; and nothing is left over.

mod calls;
mod ends;
mod ledger;
mod program;
mod reconnects;
mod world;
