//! Calls of a proxy that wait to be sent, in lines. A thread that puts a call into an empty line sends it, or has
//! a thread send it; calls that come meanwhile wait behind it and are sent by the same thread.

use std::collections::VecDeque;
use std::time::Instant;

use crate::cancel::Cancellation;
use crate::error::Result;
use crate::sync::atomic::{AtomicUsize, Ordering};
use crate::sync::{Arc, Condvar, Mutex};

/// Which line a call waits in. What calls of one line wait for, those of another may have to bring about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// It may wait for a connection, for its initialisation, and for credit.
    Root,
    /// It is made within a call of the present connection, so that it needs no credit of roots: these may
    /// be waiting for that call to be answered.
    Nested,
    /// The initialisation routine makes or causes it, for which the others may be waiting.
    Routine,
}

const LINES: usize = 3;

/// An empty line keeps the memory of this number of calls.
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
    /// How many calls wait in all; for those who only want to know whether any do.
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

    /// Puts a call at the end of its line. True if it is the first: then the caller has to see to it that
    /// it is sent, and [`SendQueue::leave`] called.
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

    /// The first call of a line waits no more. True if there is a next one, which the caller has to see
    /// to as well.
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
        // Its owner's code may run here.
        drop(call);
        more
    }

    /// Waits until the calls of a lane that wait in that line now have left it, so that a thread's calls
    /// stay in order.
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
