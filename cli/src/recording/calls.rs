//! The calls of a trace that have no reply yet.

use std::collections::HashMap;
use std::time::Duration;

use crate::recording::{Frame, Side};

/// The most calls that are remembered: so memory is bounded.
const MOST: usize = 1 << 14;

/// A call that was made.
pub struct Made {
    pub time: Duration,
    pub interface: String,
    pub method: String,
}

/// The calls without a reply, by connection, caller and id.
#[derive(Default)]
pub struct Calls(HashMap<(usize, Side, u64), Made>);

impl Calls {
    /// Notes a call.
    pub fn note(&mut self, frame: &Frame, id: u64, interface: &str, method: &str) {
        if self.0.len() < MOST {
            let made =
                Made { time: frame.time, interface: interface.into(), method: method.into() };
            self.0.insert((frame.connection, frame.from, id), made);
        }
    }

    /// The call that a reply belongs to, and how long it took.
    pub fn take(&mut self, reply: &Frame, id: u64) -> Option<(Made, Duration)> {
        let made = self.0.remove(&(reply.connection, reply.from.other(), id))?;
        let took = reply.time.saturating_sub(made.time);
        Some((made, took))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Forgets the calls of a connection that has ended; returns how many there were.
    pub fn end(&mut self, connection: usize) -> usize {
        let before = self.0.len();
        self.0.retain(|(it, _, _), _| *it != connection);
        before - self.0.len()
    }
}
