//! The results of all rows.

mod json;
pub mod table;

pub use json::Report;
