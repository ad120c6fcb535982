//! What a side has sent, and what it may send.

use super::{cost, Lost, WINDOW};

#[derive(Debug, Default)]
pub struct Sending {
    next: u64,
    /// The cost of the data that was sent.
    total: u64,
    /// The cost of what the peer has handed on, as it says.
    credited: u64,
    pub ended: bool,
}

impl Sending {
    /// Takes the sequence number for a message.
    pub fn next_sequence(&mut self) -> u64 {
        self.next += 1;
        self.next - 1
    }

    pub fn has_credit_for(&self, bytes: usize) -> bool {
        self.total + cost(bytes) <= self.credited + WINDOW
    }

    pub fn data(&mut self, bytes: usize) {
        debug_assert!(!self.ended && self.has_credit_for(bytes), "the caller asks first");
        self.total += cost(bytes);
    }

    /// Takes over what the peer says that it has handed on: more than before, and no more than was sent.
    pub fn credit(&mut self, credited: u64) -> Result<(), Lost> {
        if credited <= self.credited || credited > self.total {
            return Err(Lost::Unruly);
        }
        self.credited = credited;
        Ok(())
    }
}
