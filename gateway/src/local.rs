//! The local side of a session: the stream to a client or a host.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use callgate::unstable::transport::{Arrival, Chunk, Control, Receive, Stream, Wait};
use callgate::unstable::wire::encode_refuse;
use callgate::Status;
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;

use crate::outlet::Outlet;
use crate::session::Piece;

/// How many pieces a thread reads ahead.
const READ_AHEAD: usize = 1;

/// How long a refused client may take to read why.
const LINGER: Duration = Duration::from_secs(1);

/// A local stream. It ends when this is dropped: as a lost connection does, unless it has ended in order.
pub struct Local {
    /// What the stream says; ends with it. An error is the last thing.
    pub pieces: mpsc::Receiver<io::Result<Piece>>,
    /// What the stream is told.
    pub outlet: Outlet,
    control: Arc<dyn Control>,
    has_ended: bool,
}

impl Local {
    /// Starts to read the stream, on a thread, in pieces of at most `largest` bytes.
    pub fn new(stream: Stream, largest: usize) -> Local {
        let (sender, pieces) = mpsc::channel(READ_AHEAD);
        let receive = stream.receive;
        spawn_blocking(move || read(receive, largest, &sender));
        let (outlet, control) = (Outlet::new(stream.transmit), stream.control);
        Local { pieces, outlet, control, has_ended: false }
    }

    /// Ends what the stream is told; everything before still arrives.
    pub fn finish(&self) {
        self.control.finish();
    }

    /// Notes that both directions have ended: the other program may still read what was written.
    pub fn ended(&mut self) {
        self.has_ended = true;
    }
}

impl Drop for Local {
    fn drop(&mut self) {
        if !self.has_ended {
            self.control.shutdown();
        }
    }
}

/// Passes on pieces until the stream ends, or nobody wants them.
fn read(mut receive: Box<dyn Receive>, largest: usize, pieces: &mpsc::Sender<io::Result<Piece>>) {
    let mut chunk = Chunk::new();
    let wait = Wait { most: Some(largest), ..Wait::default() };
    loop {
        chunk.clear();
        let received = match chunk.reserve_exact(largest) {
            Ok(()) => receive.recv(&mut chunk, &wait),
            Err(out_of_memory) => Err(out_of_memory.into()),
        };
        let piece = match received {
            Ok(Arrival::Bytes(_)) => Ok(Piece::new(&chunk)),
            Ok(Arrival::TimedOut | Arrival::Interrupted) => continue,
            Ok(Arrival::End) => return,
            Err(error) => Err(error),
        };
        let is_last = piece.is_err();
        if pieces.blocking_send(piece).is_err() || is_last {
            return;
        }
    }
}

/// Refuses a client in place of a host: its calls do not run, and their errors have the message as their cause. Call
/// it where waiting is allowed: it waits until the client has read why, for a short time.
pub fn refuse(mut stream: Stream, status: Status, message: &str) {
    let mut frame = Vec::new();
    encode_refuse(&mut frame, status.code().into(), message);
    // The frame fits into what a new stream takes at once. If not, the client is gone.
    if stream.transmit.send(&[io::IoSlice::new(&frame)], &[]).is_err() {
        return;
    }
    stream.control.finish();
    // Ending the stream before the client's hello is read could destroy the frame.
    let wait = Wait { deadline: Some(Instant::now() + LINGER), ..Wait::default() };
    let mut hello = Chunk::new();
    while hello.reserve_exact(1024).is_ok() {
        match stream.receive.recv(&mut hello, &wait) {
            Ok(Arrival::Bytes(_)) => hello.clear(),
            _ => return,
        }
    }
}
