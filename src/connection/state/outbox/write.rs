//! Writes the bytes of frames to the transport, waiting for room as far as the sender may.

use std::io::{self, IoSlice};
use std::time::Duration;

use crate::chunk::OutOfMemory;
use crate::connection::state::outbox::block::next_look;
use crate::connection::state::outbox::{Blocking, Outbox, Sender};
use crate::error::{Error, Status};
use crate::limits::LEAST_READ;
use crate::time;
use crate::transport::{Sent, Transmit};

/// How long a sender waits for room before it makes sure that some thread reads: as long as any connection
/// may be left unread.
const BRIEFLY: Duration = Duration::from_micros(500);

impl Outbox {
    /// Writes all slices as far as blocking allows; returns how many bytes were written.
    pub(super) fn write<const N: usize>(
        &self,
        transmit: &mut dyn Transmit,
        slices: [&[u8]; N],
        blocking: Blocking,
        sender: &dyn Sender,
    ) -> (usize, io::Result<()>) {
        let whole = length(slices);
        let mut sent = 0;
        let mut told = false;
        // When the peer must have read more, and what had been written when that began to count.
        let mut patience = None;
        while sent < whole {
            let outcome = transmit.send(&remaining(slices, sent).map(IoSlice::new), &[]);
            match (outcome, blocking) {
                (Ok(Sent::Bytes(count)), _) => {
                    sent += count;
                    patience = patience.filter(|(_, from)| sent - from < LEAST_READ);
                }
                (Ok(Sent::Full), Blocking::Never | Blocking::Prompted) => break,
                (Ok(Sent::Full), _) if self.is_ending() => break,
                (Ok(Sent::Full), Blocking::Until(deadline)) => {
                    let (stalled, _) = *patience
                        .get_or_insert_with(|| (time::after(self.limits.write_timeout), sent));
                    let end = deadline.map_or(stalled, |deadline| deadline.min(stalled));
                    let until = match told {
                        true => next_look(sender, end),
                        // A peer that reads makes room by then; waking a reader takes longer.
                        false => end.min(time::after(BRIEFLY)),
                    };
                    match transmit.wait_writable(until) {
                        Ok(true) => {}
                        Ok(false) if !told => {
                            told = true;
                            self.note_stalled();
                            sender.about_to_block();
                        }
                        Ok(false) if until == stalled => return (sent, Err(stalled_error())),
                        Ok(false) if until < end && !sender.cancellation().is_cancelled() => {}
                        Ok(false) => break,
                        Err(error) => return (sent, Err(error)),
                    }
                }
                (Err(error), _) => return (sent, Err(error)),
            }
        }
        (sent, Ok(()))
    }

    /// The writing thread may wait for long.
    #[cold]
    fn note_stalled(&self) {
        self.queue.lock().writer.note_stalled();
        self.changed.notify_all();
    }
}

/// What is left of some slices after `sent` bytes.
#[inline]
pub(super) fn remaining<const N: usize>(slices: [&[u8]; N], mut sent: usize) -> [&[u8]; N] {
    slices.map(|part| {
        let gone = sent.min(part.len());
        sent -= gone;
        &part[gone..]
    })
}

#[inline]
pub(super) fn length<const N: usize>(slices: [&[u8]; N]) -> usize {
    slices.iter().map(|part| part.len()).sum()
}

fn stalled_error() -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, "the peer has read too little within the write timeout")
}

/// There is no memory to queue a frame of this size.
pub(super) fn not_queued(bytes: usize, reason: OutOfMemory) -> Error {
    Error::new(
        Status::LimitExceeded,
        format!("a frame of {bytes} bytes could not be queued: {reason}"),
    )
}

/// A part of a frame was sent, and there is no memory to keep the rest.
pub(super) fn cut_short(reason: OutOfMemory) -> Error {
    Error::new(
        Status::ChannelFaulted,
        format!("the connection was ended: {reason} that could not be sent at once"),
    )
}

pub(super) fn lost(error: &io::Error) -> Error {
    Error::from_io(Status::ChannelFaulted, "the connection was lost while sending", error)
}

#[cfg(all(test, not(callgate_shuttle)))]
mod tests {
    use std::thread;

    use super::*;
    use crate::chunk::Chunk;
    use crate::connection::state::outbox::block::Unattended;
    use crate::connection::state::outbox::{Cut, Order, OutboxLimits};
    use crate::transport::{inproc, Arrival, Wait};

    /// The peer makes room again and again, as over TCP with small buffers, but reads far too slowly.
    #[test]
    fn a_peer_must_read_enough_within_each_write_timeout() {
        const SIP: usize = 4096;
        let (near, mut far) = inproc::pair(SIP);
        let limits = OutboxLimits {
            queue: LEAST_READ,
            held: 1,
            prompted: 1,
            write_timeout: Duration::from_millis(500),
        };
        let outbox = Outbox::new(near.transmit, limits, Cut::NONE);
        let reader = thread::spawn(move || {
            let mut sip = Chunk::new();
            let mut arrives = |sip: &mut Chunk| {
                sip.clear();
                sip.reserve(SIP).expect("there is memory");
                let wait = Wait { most: Some(SIP), ..Wait::default() };
                matches!(far.receive.recv(sip, &wait), Ok(Arrival::Bytes(_)))
            };
            while arrives(&mut sip) {
                thread::sleep(Duration::from_millis(20));
            }
        });
        let frame = vec![0; 2 * LEAST_READ];
        let patience = Blocking::Until(None);
        let sent = outbox.send([&frame, &[]], Order::Free, |_| true, patience, &Unattended);
        let error = sent.expect_err("reading all of it takes five seconds");
        assert!(error.message().contains("read too little"), "{error}");
        near.control.shutdown();
        reader.join().expect("the stream has ended");
    }
}
