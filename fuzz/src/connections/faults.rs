//! What happens to the bytes of one direction of a connection on their way.

use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::sync::Arc;
use std::time::Instant;

use arbitrary::Arbitrary;
use callgate::unstable::transport::{Control, Handle, Sent, Stream, Transmit};

#[derive(Arbitrary, Clone, Debug)]
enum Fault {
    /// The bytes after this place are sent by themselves.
    Split,
    /// Some bits of the next byte are turned over.
    Corrupt(u8),
    /// The next byte is lost.
    Lose,
    /// These bytes come in between.
    Insert(Vec<u8>),
    /// The connection is cut, both ways.
    Cut,
    /// The following bytes are swallowed.
    Silence,
}

/// Runs are short: every fault is nearer than this.
const FARTHEST: u16 = 1000;

/// A fault, and the number of bytes between the fault before and this one.
#[derive(Arbitrary, Clone, Debug)]
pub struct Event {
    after: u16,
    fault: Fault,
}

impl Event {
    fn near(&self) -> Event {
        Event { after: self.after % FARTHEST, fault: self.fault.clone() }
    }

    /// Whether the receiver gets other bytes than the sender sent.
    pub fn lies(&self) -> bool {
        matches!(self.fault, Fault::Corrupt(_) | Fault::Lose | Fault::Insert(_))
    }

    /// Whether the receiver may wait for bytes that never come.
    pub fn may_hang(&self) -> bool {
        self.lies() || matches!(self.fault, Fault::Silence)
    }
}

/// Makes these events happen to what is sent on a stream.
pub fn spoil(stream: Stream, events: &[Event]) -> Stream {
    let transmit = Spoiled {
        half: stream.transmit,
        control: stream.control.clone(),
        events: events.iter().map(Event::near).collect(),
        silent: false,
    };
    Stream { transmit: Box::new(transmit), ..stream }
}

struct Spoiled {
    half: Box<dyn Transmit>,
    control: Arc<dyn Control>,
    events: VecDeque<Event>,
    silent: bool,
}

impl Transmit for Spoiled {
    fn send(&mut self, slices: &[IoSlice<'_>], handles: &[Handle]) -> io::Result<Sent> {
        let bytes: Vec<u8> = slices.iter().flat_map(|slice| slice.iter().copied()).collect();
        while let Some(event) = self.events.front_mut().filter(|_| !self.silent) {
            let distance = usize::from(event.after);
            if distance > 0 {
                let count = bytes.len().min(distance);
                let sent = self.half.send(&[IoSlice::new(&bytes[..count])], handles)?;
                if let Sent::Bytes(count) = sent {
                    event.after -= count as u16;
                }
                return Ok(sent);
            }
            match &mut event.fault {
                Fault::Corrupt(bits) => {
                    let changed = [bytes[0] ^ (*bits).max(1)];
                    let sent = self.half.send(&[IoSlice::new(&changed)], handles)?;
                    if let Sent::Bytes(_) = sent {
                        self.events.pop_front();
                    }
                    return Ok(sent);
                }
                Fault::Insert(more) if !more.is_empty() => {
                    match self.half.send(&[IoSlice::new(more)], handles)? {
                        Sent::Bytes(count) => drop(more.drain(..count)),
                        Sent::Full => return Ok(Sent::Full),
                    }
                    continue;
                }
                Fault::Lose => {
                    self.events.pop_front();
                    return Ok(Sent::Bytes(1));
                }
                Fault::Cut => self.control.shutdown(),
                Fault::Silence => self.silent = true,
                Fault::Split | Fault::Insert(_) => {}
            }
            self.events.pop_front();
        }
        match self.silent {
            true => Ok(Sent::Bytes(bytes.len())),
            false => self.half.send(slices, handles),
        }
    }

    fn wait_writable(&mut self, deadline: Instant) -> io::Result<bool> {
        self.half.wait_writable(deadline)
    }
}
