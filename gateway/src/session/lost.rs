//! Why a session is over before both streams have ended.

use std::fmt;
use std::time::Duration;

/// The reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lost {
    /// This number of messages is missing.
    Gap(u64),
    /// Nothing has come from the peer for this time.
    Silence(Duration),
    /// Nobody receives what this side sends.
    Gone,
    /// A message breaks the format.
    Malformed,
    /// The peer breaks the rules of credit, or sends behind its end.
    Unruly,
    /// The peer has ended the session, for this reason. It may contain any characters.
    Reset(String),
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Lost::Gap(1) => f.write_str("a message is missing"),
            Lost::Gap(missing) => write!(f, "{missing} messages are missing"),
            Lost::Silence(time) => {
                write!(f, "the other gateway has been silent for {:.1} s", time.as_secs_f64())
            }
            Lost::Gone => f.write_str("the other gateway is gone"),
            Lost::Malformed => f.write_str("the other gateway sent a malformed message"),
            Lost::Unruly => f.write_str("the other gateway sent what it was not allowed to"),
            Lost::Reset(reason) => write!(f, "the other gateway ended it: {reason}"),
        }
    }
}

impl std::error::Error for Lost {}
