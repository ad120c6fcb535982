//! The receiving side: complete frames, read by one thread at a time, which may spin before it sleeps.

use std::io;
use std::time::{Duration, Instant};

use crate::connection::state::progress::Progress;
use crate::connection::state::silence::{Due, Silence};
use crate::connection::state::spin::Spin;
use crate::error::{Error, Result, Status};
use crate::limits::Limits;
use crate::sync::plain::{AtomicU64, Ordering};
use crate::sync::Arc;
use crate::time;
use crate::transport::{Arrival, Receive, Wait};
use crate::wire::{Allowance, CutFrame, Frame, FrameBuffer};

/// The result of reading.
pub(crate) enum Next {
    Frame(Frame),
    /// A frame that was dropped for lack of memory.
    Cut(CutFrame),
    TimedOut,
    Interrupted,
    /// The peer has ended its sending.
    End,
    /// Nothing has arrived for a while, and something may be [due](Inbox::due).
    Silence,
}

/// A connection on which nothing arrives for this long frees the memory that it keeps for speed; that for
/// large frames, if no large frame arrives. Long enough that the wait costs no more than one without a limit.
const QUIET: Duration = Duration::from_secs(2);

/// The receiving half, with the frames received.
pub(crate) struct Inbox {
    receive: Box<dyn Receive>,
    buffer: FrameBuffer,
    /// Waits for a frame to begin.
    between: Spin,
    /// Waits for the rest of a frame, which its sender is about to write.
    within: Spin,
    /// Detects frames that stall.
    progress: Progress,
    /// When memory kept for the next large frame is freed.
    free_large_at: Option<Instant>,
    /// How many bytes were received after the handshake. Written by the thread that has the inbox.
    received: Arc<AtomicU64>,
    /// Detects hung peers, on transports where a silent peer may be one.
    silence: Option<Silence>,
}

impl Inbox {
    /// An inbox for frames of up to `frame_limit` bytes.
    pub fn new(
        receive: Box<dyn Receive>,
        frame_limit: usize,
        limits: &Limits,
        processors: usize,
    ) -> Inbox {
        Inbox {
            receive,
            buffer: FrameBuffer::new(frame_limit),
            between: Spin::new(limits.spin, processors),
            within: Spin::new(limits.spin, processors),
            progress: Progress::new(),
            free_large_at: None,
            received: Arc::default(),
            silence: None,
        }
    }

    /// Called after the handshake: frames may be larger, may arrive in parts if that was negotiated,
    /// and must not stall.
    pub fn establish(&mut self, limits: &Limits, parts: bool) {
        self.buffer.set_limit(limits.frame);
        // The handshake does not count.
        self.received.store(self.buffer.untaken() as u64, Ordering::Relaxed);
        self.progress.demand(limits.write_timeout);
        if parts {
            self.buffer.accept_parts();
        }
    }

    /// How many bytes were received after the handshake, for any thread to read.
    pub fn received(&self) -> Arc<AtomicU64> {
        self.received.clone()
    }

    /// From now on limits the memory of large frames.
    pub fn limit_memory(&mut self, allowance: Arc<dyn Allowance>) {
        self.buffer.limit_memory(allowance);
    }

    /// From now on reports long silences.
    pub fn notice_silence(&mut self, silence: Silence) {
        self.silence = Some(silence);
    }

    /// What a [silence](Next::Silence) calls for, if replies are awaited.
    pub fn due(&mut self, awaited: bool) -> Due {
        let silence = self.silence.as_mut();
        silence.map_or(Due::Nothing, |silence| silence.due(awaited, time::now()))
    }

    /// Another thread has been given work: the next wait that spins yields to it first.
    pub fn yield_first(&mut self) {
        self.between.yield_first();
    }

    /// Whether waits may spin: the two ends have more than one processor between them.
    pub fn may_spin(&self) -> bool {
        self.between.is_possible()
    }

    /// Whether anything has arrived after the frames taken so far.
    pub fn has_more(&self) -> bool {
        !self.buffer.is_empty()
    }

    /// Whether another frame has already arrived completely.
    pub fn has_frame(&self) -> bool {
        self.buffer.has_frame()
    }

    /// A frame that has already arrived completely.
    #[inline]
    pub fn buffered(&mut self) -> Result<Option<Frame>> {
        self.buffer.next_frame().map_err(|malformed| protocol_error(&malformed))
    }

    /// The same, if it begins with `head` and has at most `most` bytes.
    pub fn buffered_with(&mut self, head: &[u8], most: usize) -> Option<Frame> {
        self.buffer.next_frame_with(head, most)
    }

    /// The next frame, waiting for it.
    pub fn next(&mut self, deadline: Option<Instant>, interruptible: bool) -> Result<Next> {
        match self.buffered()? {
            Some(frame) => Ok(Next::Frame(frame)),
            None => self.await_frame(deadline, interruptible),
        }
    }

    /// Waits for the next frame. None is [buffered](Self::buffered), as the caller has just seen.
    pub fn await_frame(&mut self, deadline: Option<Instant>, interruptible: bool) -> Result<Next> {
        loop {
            if let Some(cut) = self.buffer.take_cut() {
                return Ok(Next::Cut(cut));
            }
            let roomy = self.buffer.is_roomy();
            let most = self.buffer.most_wanted();
            let within = !self.buffer.is_empty();
            let mut quiet = roomy.then(|| self.free_at());
            if within {
                quiet = time::earlier(quiet, Some(self.progress.check(&mut self.buffer)?));
            }
            let room = self.buffer.room().map_err(|_| out_of_memory())?;
            let due = self.silence.as_mut().map(Silence::begin);
            let first = time::earlier(deadline, time::earlier(due, quiet));
            let wait = Wait { deadline: first, interruptible, most };
            let spin = if within { &mut self.within } else { &mut self.between };
            match spin.receive(&mut *self.receive, room, &wait) {
                Ok(Arrival::Bytes(count)) => {
                    self.progress.note_received(count);
                    let before = self.received.load(Ordering::Relaxed);
                    self.received.store(before + count as u64, Ordering::Relaxed);
                    if let Some(silence) = &mut self.silence {
                        silence.end();
                    }
                    if let Some(frame) = self.buffered()? {
                        return Ok(Next::Frame(frame));
                    }
                }
                Ok(Arrival::TimedOut) if first == deadline => return Ok(Next::TimedOut),
                Ok(Arrival::TimedOut) if first == due => return Ok(Next::Silence),
                Ok(Arrival::TimedOut) => self.buffer.give_back(),
                Ok(Arrival::Interrupted) => return Ok(Next::Interrupted),
                Ok(Arrival::End) => return Ok(Next::End),
                Err(error) => return Err(lost(&error)),
            }
        }
    }
}

impl Inbox {
    /// When memory that is kept for speed is freed if nothing arrives until then.
    fn free_at(&mut self) -> Instant {
        if self.buffer.keeps_large() {
            return *self.free_large_at.get_or_insert_with(|| time::after(QUIET));
        }
        self.free_large_at = None;
        time::after(QUIET)
    }
}

/// The end of a connection on which nothing more can be received.
pub(crate) fn out_of_memory() -> Error {
    Error::new(Status::ChannelFaulted, "the connection was ended: out of memory while receiving")
}

/// The end of a connection whose stream broke. Over TLS a host may refuse a client as late as here.
fn lost(error: &io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::PermissionDenied => Error::new(Status::AccessDenied, error.to_string()),
        _ => Error::from_io(Status::ChannelFaulted, "the connection was lost", error),
    }
}

/// The end of a connection whose peer violates the protocol.
pub(crate) fn protocol_error(what: &dyn std::fmt::Display) -> Error {
    Error::new(Status::ChannelFaulted, format!("{PROTOCOL_ERROR}: {what}"))
}

const PROTOCOL_ERROR: &str = "protocol error";

/// Whether this side ends a connection for that reason.
pub(crate) fn is_protocol_error(reason: &Error) -> bool {
    reason.message().starts_with(PROTOCOL_ERROR)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::{inproc, Sent};
    use std::io::IoSlice;

    #[test]
    fn a_quiet_connection_gives_back_what_makes_it_quick() {
        let (near, mut far) = inproc::pair(1 << 16);
        let mut inbox = Inbox::new(near.receive, 1 << 20, &Limits::default(), 1);
        let length = 1u32 << 19;
        let bytes = [&length.to_le_bytes()[..], &vec![1; length as usize]].concat();
        let sender = std::thread::spawn(move || {
            let mut sent = 0;
            while sent < bytes.len() {
                match far.transmit.send(&[IoSlice::new(&bytes[sent..])], &[]).expect("it reads") {
                    Sent::Bytes(count) => sent += count,
                    Sent::Full => drop(far.transmit.wait_writable(time::after(QUIET))),
                }
            }
            far
        });
        assert!(matches!(inbox.next(None, false), Ok(Next::Frame(_))));
        let _far = sender.join().expect("all is sent");
        assert!(inbox.buffer.is_roomy());
        let deadline = Some(time::after(QUIET) + Duration::from_millis(100));
        assert!(matches!(inbox.next(deadline, false), Ok(Next::TimedOut)));
        assert!(!inbox.buffer.is_roomy());
    }
}
