//! What a side has received, and what it lets the peer send.

use super::{cost, Lost, WINDOW};

/// The peer learns of data that was handed on once it amounts to this part of the window.
const CREDIT_STEP: u64 = WINDOW / 4;

/// Where a message belongs in its direction.
pub enum Place {
    /// It is the next one.
    Next,
    /// It has come before.
    Doubled,
    /// This number of messages before it has not come.
    Gap(u64),
}

#[derive(Debug, Default)]
pub struct Receiving {
    next: u64,
    /// The cost of the data that has arrived.
    total: u64,
    /// The cost of the data that was handed on.
    handed_on: u64,
    /// What of it the peer knows.
    credited: u64,
    ended: bool,
}

impl Receiving {
    pub fn place(&mut self, sequence: u64) -> Place {
        if sequence < self.next {
            return Place::Doubled;
        }
        if sequence > self.next {
            return Place::Gap(sequence - self.next);
        }
        self.next += 1;
        Place::Next
    }

    pub fn data(&mut self, bytes: usize) -> Result<(), Lost> {
        self.total += cost(bytes);
        match self.ended || self.total > self.credited + WINDOW {
            true => Err(Lost::Unruly),
            false => Ok(()),
        }
    }

    pub fn end(&mut self) -> Result<(), Lost> {
        match std::mem::replace(&mut self.ended, true) {
            true => Err(Lost::Unruly),
            false => Ok(()),
        }
    }

    pub fn has_ended(&self) -> bool {
        self.ended
    }

    /// The total that the peer needs to know, if it does. Behind its end it needs no credit.
    pub fn handed_on(&mut self, bytes: usize) -> Option<u64> {
        self.handed_on += cost(bytes);
        debug_assert!(self.handed_on <= self.total, "data is handed on once");
        if self.ended || self.handed_on - self.credited < CREDIT_STEP {
            return None;
        }
        self.credited = self.handed_on;
        Some(self.credited)
    }
}
