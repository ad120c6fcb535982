//! The way in: whole frames, read by one thread at a time, which looks for a while before it sleeps.

use std::io;
use std::time::{Duration, Instant};

use crate::error::{Error, Result, Status};
use crate::sync::atomic::Ordering;
use crate::sync::thread;
use crate::transport::{Arrival, Receive, Wait, LOOKERS};
use crate::wire::{Frame, FrameBuffer};

/// What reading brought.
pub(crate) enum Next {
    Frame(Frame),
    TimedOut,
    Interrupted,
    /// The peer has finished sending.
    End,
}

/// How long to look before sleeping, learnt from what looking brought.
///
/// A look that finds something keeps the while as it is; one that does not halves it, down to
/// none, with a probe now and then. So a conversation at speed never sleeps, and an idle one costs
/// nothing.
pub(crate) struct Look {
    longest: Duration,
    current: Duration,
    unlooked: u32,
    /// A thread was just given work, and has yet to run.
    makes_way: bool,
}

/// Below that, looking is given up for a while.
const SHORTEST_LOOK: Duration = Duration::from_micros(4);

/// After so many sleeps without looking, one look is tried again.
const PROBE_AFTER: u32 = 16;

impl Look {
    /// Looks for at most that long; not at all with fewer than two processors.
    pub fn new(longest: Duration, processors: usize) -> Look {
        let longest = if processors < 2 { Duration::ZERO } else { longest };
        Look { longest, current: longest, unlooked: 0, makes_way: false }
    }

    fn next(&mut self) -> Duration {
        if self.longest.is_zero() {
            return Duration::ZERO;
        }
        if self.current.is_zero() {
            self.unlooked += 1;
            if self.unlooked < PROBE_AFTER {
                return Duration::ZERO;
            }
            self.unlooked = 0;
            return self.longest;
        }
        self.current
    }

    /// Looks for as long as that pays. The place among the lookers is given back before sleeping.
    fn look(
        &mut self,
        receive: &mut dyn Receive,
        room: &mut Vec<u8>,
        wait: &Wait,
        processors: usize,
    ) -> io::Result<Option<Arrival>> {
        let long = self.next();
        if long.is_zero() {
            return Ok(None);
        }
        let Some(_place) = Looking::enter(processors) else {
            return Ok(None);
        };
        if std::mem::take(&mut self.makes_way) {
            thread::yield_now();
        }
        let found = receive.look(room, wait, long)?;
        self.learn(matches!(found, Some(Arrival::Bytes(_))));
        Ok(found)
    }

    fn learn(&mut self, found: bool) {
        self.current = if found {
            self.longest
        } else if self.current / 2 < SHORTEST_LOOK {
            Duration::ZERO
        } else {
            self.current / 2
        };
    }
}

/// A place among the lookers, of whom there are fewer than processors, so that looking never keeps
/// the awaited from running; given back on drop.
struct Looking;

impl Looking {
    fn enter(processors: usize) -> Option<Looking> {
        let place = Looking;
        let others = LOOKERS.fetch_add(1, Ordering::Relaxed);
        (others + 1 < processors).then_some(place)
    }
}

impl Drop for Looking {
    fn drop(&mut self) {
        LOOKERS.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A connection by which nothing has come for so long gives back the memory that makes it quick. Long
/// enough for the wait to cost no more than one without an end.
const QUIET: Duration = Duration::from_secs(2);

/// The receiving half with the frames that it brought.
pub(crate) struct Inbox {
    receive: Box<dyn Receive>,
    buffer: FrameBuffer,
    look: Look,
    processors: usize,
}

impl Inbox {
    /// An inbox that looks for at most so long, if the two ends have several processors.
    pub fn new(
        receive: Box<dyn Receive>,
        frame_limit: usize,
        look: Duration,
        processors: usize,
    ) -> Inbox {
        Inbox {
            receive,
            buffer: FrameBuffer::new(frame_limit),
            look: Look::new(look, processors),
            processors,
        }
    }

    /// The handshake is done: frames may be larger, and arrive in parts if these were agreed on.
    pub fn establish(&mut self, frame_limit: usize, parts: bool) {
        self.buffer.set_limit(frame_limit);
        if parts {
            self.buffer.accept_parts();
        }
    }

    /// Another thread has been given work: the next look lets it run first. Looking on would keep it
    /// from the processor, and whoever awaits what it does would look in vain.
    pub fn make_way(&mut self) {
        self.look.makes_way = true;
    }

    /// Whether it ever looks: the two ends have several processors.
    pub fn looks(&self) -> bool {
        !self.look.longest.is_zero()
    }

    /// Whether another frame has arrived whole already.
    pub fn has_frame(&self) -> bool {
        self.buffer.has_frame()
    }

    /// A frame that has arrived whole already.
    pub fn buffered(&mut self) -> Result<Option<Frame>> {
        self.buffer.next_frame().map_err(|malformed| protocol_error(&malformed))
    }

    /// The same, if it begins with `head` and has no more than so many bytes.
    pub fn buffered_with(&mut self, head: &[u8], most: usize) -> Option<Frame> {
        self.buffer.next_frame_with(head, most)
    }

    /// The next frame, waiting for it.
    pub fn next(&mut self, deadline: Option<Instant>, interruptible: bool) -> Result<Next> {
        loop {
            if let Some(frame) = self.buffered()? {
                return Ok(Next::Frame(frame));
            }
            let roomy = self.buffer.is_roomy();
            let most = self.buffer.most_wanted();
            let room = self.buffer.room().map_err(|malformed| protocol_error(&malformed))?;
            let quiet = roomy.then(|| Instant::now() + QUIET);
            let first = quiet.filter(|quiet| deadline.is_none_or(|deadline| *quiet < deadline));
            let wait = Wait { deadline: first.or(deadline), interruptible, most };
            let arrival = match self.look.look(&mut *self.receive, room, &wait, self.processors) {
                Ok(None) => self.receive.recv(room, &wait),
                Ok(Some(arrival)) => Ok(arrival),
                Err(error) => Err(error),
            };
            match arrival {
                Ok(Arrival::Bytes(_)) => {}
                Ok(Arrival::TimedOut) if first.is_some() => self.buffer.give_back(),
                Ok(Arrival::TimedOut) => return Ok(Next::TimedOut),
                Ok(Arrival::Interrupted) => return Ok(Next::Interrupted),
                Ok(Arrival::End) => return Ok(Next::End),
                Err(error) => {
                    return Err(Error::from_io(
                        Status::ChannelFaulted,
                        "the connection was lost",
                        &error,
                    ))
                }
            }
        }
    }
}

/// The end of a connection whose peer does not keep to the protocol.
pub(crate) fn protocol_error(what: &dyn std::fmt::Display) -> Error {
    Error::new(Status::ChannelFaulted, format!("protocol error: {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::{inproc, Sent};
    use std::io::IoSlice;

    const LONG: Duration = Duration::from_micros(40);

    #[test]
    fn looking_is_off_on_one_processor() {
        assert_eq!(Look::new(LONG, 1).next(), Duration::ZERO);
    }

    #[test]
    fn failures_cut_the_look_to_nothing_and_a_probe_brings_it_back() {
        let mut look = Look::new(LONG, 2);
        let mut looked = 0;
        while !look.current.is_zero() {
            look.next();
            look.learn(false);
            looked += 1;
        }
        assert!(looked < 8, "{looked} looks in vain");
        let rounds = (1..=PROBE_AFTER).find(|_| look.next() == LONG);
        assert_eq!(rounds, Some(PROBE_AFTER));
        look.learn(true);
        assert_eq!(look.next(), LONG);
    }

    #[test]
    fn a_quiet_connection_gives_back_what_makes_it_quick() {
        let (near, mut far) = inproc::pair(1 << 16);
        let mut inbox = Inbox::new(near.receive, 1 << 20, Duration::ZERO, 1);
        let length = 1u32 << 19;
        let bytes = [&length.to_le_bytes()[..], &vec![1; length as usize]].concat();
        let sender = std::thread::spawn(move || {
            let mut sent = 0;
            while sent < bytes.len() {
                match far.transmit.send(&[IoSlice::new(&bytes[sent..])], &[]).expect("it reads") {
                    Sent::Bytes(count) => sent += count,
                    Sent::Full => drop(far.transmit.wait_for_room(Instant::now() + QUIET)),
                }
            }
            far
        });
        assert!(matches!(inbox.next(None, false), Ok(Next::Frame(_))));
        let _far = sender.join().expect("all is sent");
        assert!(inbox.buffer.is_roomy());
        let deadline = Some(Instant::now() + QUIET + Duration::from_millis(100));
        assert!(matches!(inbox.next(deadline, false), Ok(Next::TimedOut)));
        assert!(!inbox.buffer.is_roomy());
    }
}
