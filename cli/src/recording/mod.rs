//! Reads traces: what passed on the connections of a host, a client or a proxy. Anybody may have written the
//! file: reading takes bounded memory, and everything in it is as untrusted as what a peer sends.

mod blocks;
mod calls;
mod frame;
mod key;
mod script;
#[cfg(test)]
mod tests;

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;
use std::time::Duration;

use blocks::{Block, Blocks};

use crate::failure::Failure;

pub use calls::{Calls, Made};
pub use frame::{Frame, Payload, Side};
pub use key::{canonical, Key};
pub use script::{Call, Outcome, Script, Step};

/// What the header of a trace begins with.
const COMMENT: &str = "Callgate frames, protocol version 1";

/// The link type of frames.
const LINK_TYPE: u16 = 147;

/// The most connections of a trace, and the longest text that is kept about one: so memory is bounded.
const CONNECTIONS: usize = 1 << 16;
const DESCRIPTION: usize = 256;

/// A connection of a trace.
#[derive(Clone)]
pub struct Connection {
    /// Which side recorded it.
    pub recorder: Side,
    /// The endpoint, and what is known of the peer.
    pub description: String,
}

/// What happened next. Connections are numbers, which count from 0.
pub enum Event {
    Began { connection: usize },
    Frame(Frame),
    Ended { connection: usize, time: Duration, dropped: u64 },
    Stopped { time: Duration, reason: String },
}

/// A trace that is being read.
pub struct Recording<R = BufReader<File>> {
    blocks: Blocks<R>,
    connections: Vec<Connection>,
    /// The number of the present section's first connection.
    section: usize,
    has_begun: bool,
}

impl Recording {
    /// Opens a file.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn open(path: &Path) -> Result<Recording, Failure> {
        let file = File::open(path).map_err(|error| cannot_read(path, &error))?;
        Ok(Recording::new(BufReader::new(file)))
    }
}

/// The failure of a file that cannot be read, or is no trace.
pub fn cannot_read(path: &Path, error: &io::Error) -> Failure {
    Failure::Usage(format!("cannot read the trace {}: {error}", path.display()))
}

impl<R: Read> Recording<R> {
    pub fn new(input: R) -> Recording<R> {
        let (blocks, connections) = (Blocks::new(input), Vec::new());
        Recording { blocks, connections, section: 0, has_begun: false }
    }

    /// A connection that has begun.
    pub fn connection(&self, number: usize) -> &Connection {
        &self.connections[number]
    }

    /// Whether the file ended within a block, as after a crash.
    pub fn is_cut(&self) -> bool {
        self.blocks.is_cut
    }

    /// The next event; `None` at the end.
    ///
    /// # Errors
    /// Those of the input; invalid data where it is no trace.
    pub fn next(&mut self) -> io::Result<Option<Event>> {
        loop {
            let Some(block) = self.blocks.next()? else { return Ok(None) };
            if !self.has_begun && !matches!(block, Block::Section { .. }) {
                return Err(not_ours());
            }
            if let Some(event) = self.event(block)? {
                return Ok(Some(event));
            }
        }
    }

    fn event(&mut self, block: Block) -> io::Result<Option<Event>> {
        Ok(Some(match block {
            Block::Section { comment } => {
                if !comment.starts_with(COMMENT) {
                    return Err(not_ours());
                }
                (self.section, self.has_begun) = (self.connections.len(), true);
                return Ok(None);
            }
            Block::Interface { link_type, name, description } => {
                self.add(link_type, &name, &description)?;
                Event::Began { connection: self.connections.len() - 1 }
            }
            Block::Packet { interface, time, flags, bytes, length } => {
                let connection = self.known(interface)?;
                let recorder = self.connections[connection].recorder;
                let from = match flags & 3 {
                    1 => recorder.other(),
                    2 => recorder,
                    _ => return Err(malformed("a frame has no direction")),
                };
                Event::Frame(Frame::new(connection, time, from, bytes, length.into()))
            }
            Block::Statistics { time, comment: Some(reason), .. } => {
                Event::Stopped { time, reason }
            }
            Block::Statistics { interface, time, dropped, comment: None } => {
                Event::Ended { connection: self.known(interface)?, time, dropped }
            }
        }))
    }

    fn add(&mut self, link_type: u16, name: &str, description: &str) -> io::Result<()> {
        let recorder = match name {
            "client" => Side::Client,
            "host" => Side::Host,
            _ => return Err(not_ours()),
        };
        if link_type != LINK_TYPE {
            return Err(not_ours());
        }
        if self.connections.len() == CONNECTIONS {
            return Err(malformed("it has too many connections"));
        }
        let description = description.chars().take(DESCRIPTION).collect();
        self.connections.push(Connection { recorder, description });
        Ok(())
    }

    /// The number of a connection of the present section.
    fn known(&self, interface: u32) -> io::Result<usize> {
        let number = self.section.saturating_add(interface as usize);
        match number < self.connections.len() {
            true => Ok(number),
            false => Err(malformed("a frame belongs to no connection")),
        }
    }
}

fn not_ours() -> io::Error {
    malformed("it is no trace of Callgate")
}

fn malformed(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}
