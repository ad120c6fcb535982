//! Detects peers that begin a frame and then send hardly any more of it.

use std::time::{Duration, Instant};

use crate::connection::state::inbox::protocol_error;
use crate::error::Result;
use crate::limits::FRAME_PROGRESS;
use crate::time::{self, LONG};
use crate::wire::FrameBuffer;

/// The shortest period: on a busy machine, an honest peer may be held up for less.
const SHORTEST: Duration = Duration::from_secs(1);

/// The progress of the frames that are arriving on a connection.
pub(crate) struct Progress {
    /// In each period, so much of an incomplete frame must arrive.
    period: Duration,
    /// The end of the present period.
    due: Option<Instant>,
    /// The number of all bytes received.
    received: u64,
}

impl Progress {
    /// Demands nothing yet.
    pub fn new() -> Progress {
        Progress { period: LONG, due: None, received: 0 }
    }

    /// From now on frames must make progress in each period.
    pub fn demand(&mut self, period: Duration) {
        self.period = period.clamp(SHORTEST, LONG);
        self.due = None;
    }

    #[inline]
    pub fn note_received(&mut self, bytes: usize) {
        self.received += bytes as u64;
    }

    /// Called while a frame is incomplete: returns when to call it again at the latest.
    ///
    /// # Errors
    /// A protocol error if a frame has stalled.
    #[cold]
    pub fn check(&mut self, buffer: &mut FrameBuffer) -> Result<Instant> {
        let now = time::now();
        if let Some(due) = self.due.filter(|due| now < *due) {
            return Ok(due);
        }
        // This side may have been held up itself, and not have read what has arrived.
        let late = self.due.is_none_or(|due| now > due + self.period / 2);
        let stalled = buffer.has_stalled(self.received, FRAME_PROGRESS);
        if stalled && !late {
            let seconds = self.period.as_secs_f32();
            return Err(protocol_error(&format!(
                "of a frame that has begun, fewer than {FRAME_PROGRESS} bytes arrived in {seconds} s"
            )));
        }
        let due = now + self.period;
        self.due = Some(due);
        Ok(due)
    }
}
