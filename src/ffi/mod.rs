//! The C ABI: the only code with `extern "C"`. Each file with exports is a section of include/callgate.h or
//! include/callgate_binding.h, and its doc comments become the header's; build.rs lists the files in order.
//!
//! Every export goes through [`guard`], which turns panics and errors into statuses, and every handle is a
//! token looked up in [`handles`].

// C naming style.
#![allow(non_camel_case_types)]
// The header states what C must guarantee.
#![allow(clippy::missing_safety_doc)]

mod answer;
mod buffer;
mod call;
mod call_into;
mod callback;
mod cancel;
mod client;
mod client_events;
mod connection;
mod decoder;
mod delegate;
mod duplex;
mod encoder;
mod error;
mod error_parts;
mod fast_calls;
mod guard;
mod handles;
mod host;
mod host_events;
mod initialisation;
mod input;
mod lent;
mod limits;
mod log;
mod options;
mod proxy;
mod reader;
mod reader_content;
mod reader_state;
mod spare;
mod startable;
mod started;
mod status;
mod text;
mod timeout;
mod version;
mod writer;
