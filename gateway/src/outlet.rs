//! Writes to a local stream, whose reader may be slow, without holding up the runtime.

use std::collections::VecDeque;
use std::future::pending;
use std::io::{self, IoSlice};
use std::time::{Duration, Instant};

use callgate::unstable::transport::{Sent, Transmit};
use tokio::task::{spawn_blocking, JoinHandle};

/// How long a thread waits for room before it looks again.
const LONG: Duration = Duration::from_secs(3600);

/// The sending half of a local stream. It is written to at once if there is room; otherwise a thread waits for room,
/// and what comes meanwhile is kept.
pub struct Outlet {
    /// Absent while a thread has it, and once it has failed.
    transmit: Option<Box<dyn Transmit>>,
    writing: Option<JoinHandle<io::Result<Box<dyn Transmit>>>>,
    /// The length of the piece that the thread writes.
    length: usize,
    waiting: VecDeque<Vec<u8>>,
}

impl Outlet {
    pub fn new(transmit: Box<dyn Transmit>) -> Outlet {
        Outlet { transmit: Some(transmit), writing: None, length: 0, waiting: VecDeque::new() }
    }

    /// Hands on a piece, now (`true`) or as soon as there is room.
    ///
    /// # Errors
    /// The stream has ended.
    pub fn write(&mut self, piece: &[u8]) -> io::Result<bool> {
        match self.is_empty() {
            true => self.write_now(piece),
            false => {
                self.waiting.push_back(piece.to_vec());
                Ok(false)
            }
        }
    }

    /// Whether everything has been handed on.
    pub fn is_empty(&self) -> bool {
        self.writing.is_none() && self.waiting.is_empty()
    }

    /// Waits until the next piece has been handed on that had to wait, and returns its length.
    ///
    /// # Errors
    /// The stream has ended.
    pub async fn written(&mut self) -> io::Result<usize> {
        loop {
            if let Some(writing) = &mut self.writing {
                let written = writing.await;
                self.writing = None;
                self.transmit = Some(written.map_err(io::Error::other)??);
                return Ok(self.length);
            }
            match self.waiting.pop_front() {
                Some(piece) if self.write_now(&piece)? => return Ok(piece.len()),
                Some(_) => {}
                None => pending().await,
            }
        }
    }

    fn write_now(&mut self, piece: &[u8]) -> io::Result<bool> {
        let mut transmit = self.transmit.take().ok_or(io::ErrorKind::BrokenPipe)?;
        let mut rest = piece;
        while !rest.is_empty() {
            match transmit.send(&[IoSlice::new(rest)], &[])? {
                Sent::Bytes(count) => rest = &rest[count..],
                Sent::Full => {
                    let rest = rest.to_vec();
                    self.length = piece.len();
                    self.writing = Some(spawn_blocking(|| write_all(transmit, rest)));
                    return Ok(false);
                }
            }
        }
        self.transmit = Some(transmit);
        Ok(true)
    }
}

fn write_all(mut transmit: Box<dyn Transmit>, bytes: Vec<u8>) -> io::Result<Box<dyn Transmit>> {
    let mut rest = &bytes[..];
    while !rest.is_empty() {
        match transmit.send(&[IoSlice::new(rest)], &[])? {
            Sent::Bytes(count) => rest = &rest[count..],
            Sent::Full => drop(transmit.wait_writable(Instant::now() + LONG)?),
        }
    }
    Ok(transmit)
}
