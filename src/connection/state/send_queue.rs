//! Calls of a proxy that wait to be sent, in lines. A thread that puts a call into an empty line must have
//! it sent, by itself or by another thread; calls that come meanwhile wait behind it and are sent by the
//! same thread.

use std::collections::VecDeque;
use std::time::Instant;

use crate::cancel::Cancellation;
use crate::error::Result;
use crate::sync::atomic::{AtomicUsize, Ordering};
use crate::sync::{Arc, Condvar, Mutex};

/// The line that a call waits in. Calls of different lines must not wait for each other, since one may be
/// needed for the other to proceed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// A root call: may wait for a connection, for its initialisation, and for credit.
    Root,
    /// A call nested in one of the present connection: needs no root credit, since root calls may be
    /// waiting for that call to finish.
    Nested,
    /// A call that the initialisation routine makes or causes: the others may be waiting for the routine.
    Routine,
}

const LINES: usize = 3;

/// How many calls an empty line keeps memory for.
const KEPT: usize = 64;

/// A call that waits.
pub(crate) trait Waits {
    fn line(&self) -> Line;

    /// Calls of one lane leave in order.
    fn lane(&self) -> u64;
}

struct LineOfCalls<T> {
    /// The first one is being sent.
    calls: VecDeque<Arc<T>>,
    /// How many have left the line.
    left: u64,
}

impl<T> Default for LineOfCalls<T> {
    fn default() -> LineOfCalls<T> {
        LineOfCalls { calls: VecDeque::new(), left: 0 }
    }
}

/// The calls of one proxy that wait to be sent.
pub(crate) struct SendQueue<T> {
    lines: Mutex<[LineOfCalls<T>; LINES]>,
    /// The number of waiting calls in all lines, readable without the lock.
    count: AtomicUsize,
    one_left: Condvar,
}

impl<T> Default for SendQueue<T> {
    fn default() -> SendQueue<T> {
        SendQueue {
            lines: Mutex::new(Default::default()),
            count: AtomicUsize::new(0),
            one_left: Condvar::new(),
        }
    }
}

impl<T: Waits + Send + Sync + 'static> SendQueue<T> {
    /// Whether any call waits.
    #[inline]
    pub fn is_busy(&self) -> bool {
        self.count.load(Ordering::Acquire) > 0
    }

    /// Puts a call at the end of its line. True if it is the first: then the caller must have it sent, and
    /// call [`SendQueue::leave`].
    pub fn enter(&self, call: Arc<T>) -> bool {
        let mut lines = self.lines.lock();
        let line = &mut lines[call.line() as usize].calls;
        line.push_back(call);
        self.count.fetch_add(1, Ordering::Release);
        line.len() == 1
    }

    /// The first call of a line.
    pub fn first(&self, line: Line) -> Option<Arc<T>> {
        self.lines.lock()[line as usize].calls.front().cloned()
    }

    /// Removes the first call of a line. True if there is a next one, which the caller must have sent too.
    pub fn leave(&self, line: Line) -> bool {
        let mut lines = self.lines.lock();
        let line = &mut lines[line as usize];
        let call = line.calls.pop_front();
        line.left += 1;
        let more = !line.calls.is_empty();
        if !more && line.calls.capacity() > KEPT {
            line.calls = VecDeque::new();
        }
        self.count.fetch_sub(1, Ordering::Release);
        self.one_left.notify_all();
        drop(lines);
        // Dropping the call may run its owner's code.
        drop(call);
        more
    }

    /// Waits until the calls of a lane that are in the line now have left it, so that a thread's calls stay
    /// in order.
    pub fn wait_turn(
        self: &Arc<Self>,
        line: Line,
        lane: u64,
        deadline: Option<Instant>,
        cancellation: Cancellation<'_>,
    ) -> Result<()> {
        let lines = self.lines.lock();
        let waiting = &lines[line as usize];
        let Some(last) = waiting.calls.iter().rposition(|call| call.lane() == lane) else {
            return Ok(());
        };
        let turn = waiting.left + last as u64 + 1;
        drop(lines);
        let queue = self.clone();
        let wake = move || {
            drop(queue.lines.lock());
            queue.one_left.notify_all();
        };
        let look =
            |lines: &mut [LineOfCalls<T>; LINES]| (lines[line as usize].left >= turn).then_some(());
        match cancellation.wait(&self.lines, &self.one_left, deadline, wake, look) {
            Ok(_) => Ok(()),
            Err(gave_up) => Err(gave_up.error("earlier calls of the proxy waited to be sent")),
        }
    }
}
