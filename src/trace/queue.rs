//! What waits to be written to a trace.

use std::io::{self, Write};
use std::time::{Duration, Instant};

use crate::sync::{Condvar, Mutex};
use crate::trace::blocks::Block;

/// How many bytes may wait. What comes when there are more is left out.
const MOST: usize = 16 * 1024 * 1024;

/// The room for the block that says why recording stopped.
const LAST_BLOCK: u64 = 256;

/// The blocks that wait, encoded.
#[derive(Default)]
pub(super) struct Queue {
    state: Mutex<State>,
    /// Signalled when something waits, or no more will come.
    filled: Condvar,
    /// Signalled when all has been written.
    emptied: Condvar,
}

#[derive(Default)]
struct State {
    waiting: Vec<u8>,
    /// The number of connections so far.
    interfaces: u32,
    /// The size of the file, with what waits.
    size: u64,
    is_writing: bool,
    /// No more blocks are taken.
    is_closed: bool,
    /// Whether that is because of the limit.
    is_full: bool,
}

/// What became of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Added {
    /// It will be written.
    Yes,
    /// It is left out, for lack of room.
    No,
    /// The file has reached its limit with it: recording stops.
    Full,
}

impl Queue {
    /// Adds a block, unless the file would grow beyond its limit.
    pub fn add(&self, block: &Block<'_>, limit: u64, time: Duration) -> Added {
        self.state.lock().add(block, limit, time, &self.filled)
    }

    /// Adds a connection; `block` gets its number.
    pub fn add_interface<'a>(&self, block: &Block<'a>, limit: u64, time: Duration) -> (Added, u32) {
        let mut state = self.state.lock();
        let added = state.add(block, limit, time, &self.filled);
        let number = state.interfaces;
        if added == Added::Yes {
            state.interfaces += 1;
        }
        (added, number)
    }

    /// Takes no more blocks. Those that wait are written.
    pub fn close(&self) {
        self.state.lock().is_closed = true;
        self.filled.notify_all();
    }

    /// Waits until all has been written, or until the deadline.
    pub fn flush(&self, deadline: Instant) {
        let mut state = self.state.lock();
        while state.is_writing || !state.waiting.is_empty() {
            if self.emptied.wait_until(&mut state, deadline).timed_out() {
                return;
            }
        }
    }

    /// Writes until the queue is closed. Returns whether the file has reached its limit.
    ///
    /// # Errors
    /// Those of the file. The queue is then closed and empty.
    pub fn write_to(&self, mut file: impl Write) -> io::Result<bool> {
        let mut taken = Vec::new();
        loop {
            let mut state = self.state.lock();
            state.is_writing = false;
            while state.waiting.is_empty() {
                self.emptied.notify_all();
                if state.is_closed {
                    return Ok(state.is_full);
                }
                self.filled.wait(&mut state);
            }
            std::mem::swap(&mut state.waiting, &mut taken);
            state.is_writing = true;
            drop(state);
            if let Err(error) = file.write_all(&taken) {
                let mut state = self.state.lock();
                (state.is_closed, state.is_writing) = (true, false);
                state.waiting = Vec::new();
                self.emptied.notify_all();
                return Err(error);
            }
            taken.clear();
            taken.shrink_to(SMALL);
        }
    }
}

/// The memory that a queue keeps when nothing waits.
const SMALL: usize = 64 * 1024;

impl State {
    fn add(&mut self, block: &Block<'_>, limit: u64, time: Duration, filled: &Condvar) -> Added {
        let most = block.most();
        if self.is_closed || self.waiting.len() + most > MOST {
            return Added::No;
        }
        // The header of the file is written in any case.
        let is_full = self.size > 0 && self.size + most as u64 + LAST_BLOCK > limit;
        let reason = format!("recording stopped at the limit of {limit} bytes");
        let stopped = Block::Stopped { time, reason: &reason };
        let block = if is_full { &stopped } else { block };
        if self.waiting.try_reserve(block.most()).is_err() {
            return Added::No;
        }
        let before = self.waiting.len();
        // Without a connection there is nothing that a last block could be about.
        if !is_full || self.interfaces > 0 {
            block.write(&mut self.waiting);
        }
        self.size += (self.waiting.len() - before) as u64;
        (self.is_closed, self.is_full) = (is_full, is_full);
        filled.notify_all();
        match is_full {
            true => Added::Full,
            false => Added::Yes,
        }
    }
}
