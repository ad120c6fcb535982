//! The floors: what the system itself needs for the same bytes, in the simplest code.
//!
//! A floor is declared once and used by both sides: [`Floor::serve`] in one process, [`Floor::connect`] in
//! the other.

mod exchange;
pub mod frames;
mod secured;
mod stream;

pub use exchange::{Asker, Floor};
pub use secured::SecuredFloor;
pub use stream::{Stream, StreamFloor};
