//! The transports: one contract for all of them, and what happens at their addresses.

#[cfg(unix)]
mod access;
#[cfg(feature = "tls")]
#[path = "../support/certificates.rs"]
#[allow(dead_code)]
mod certificates;
mod contract;
mod end;
#[path = "../support/names.rs"]
mod names;
#[cfg(unix)]
mod places;
#[cfg(unix)]
mod processes;
#[cfg(unix)]
mod races;
mod streams;
#[cfg(unix)]
#[path = "../support/user.rs"]
mod user;
#[cfg(unix)]
mod users;
#[cfg(windows)]
mod windows;
