//! The C ABI: the only code with `extern "C"`. Each file with exports is a section of one of the headers in
//! include/, and its doc comments become the header's; build.rs lists the files in order.
//!
//! Every export goes through [`guard`], which turns panics and errors into statuses, and every handle is a
//! token looked up in [`handles`].

// C naming style.
#![allow(non_camel_case_types)]
// The header states what C must guarantee.
#![allow(clippy::missing_safety_doc)]

mod arguments;
mod call;
mod callback;
mod counters;
mod descriptions;
mod errors;
mod guard;
mod handles;
mod options;
mod owners;
mod serve;
mod testing;
mod thread_cache;
mod timeout;
mod values;
mod version;
