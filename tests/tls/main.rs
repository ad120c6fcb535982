//! Hosts and clients over `tls://`: whom each side trusts, what strangers to TLS meet, how streams break.

#![cfg(feature = "tls")]

#[path = "../support/certificates.rs"]
mod certificates;
#[path = "../support/mod.rs"]
mod support;

mod breaks;
mod calls;
mod options;
mod peers;
mod raw;
mod renewal;
mod scene;
mod trust;
mod unread;
