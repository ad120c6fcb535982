//! Byte streams between processes.
//!
//! A connection has a receiving and a sending half, and a control that any thread may use. Nothing
//! above this layer sees a descriptor. The contract is made for Windows' overlapped pipes, TLS and
//! shared memory too: halves may own buffers of their own, and a read may stay pending while
//! another thread becomes the reader.

mod endpoint;
pub mod inproc;
#[cfg(unix)]
mod unix;
mod wake_cost;

use crate::error::Result;
#[cfg(doc)]
use crate::error::Status;
use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

pub use endpoint::{Access, Endpoint, Scope};
#[cfg(unix)]
use unix as system;
pub(crate) use wake_cost::{measure_wake_cost, wake_cost};

/// How to wait in [`Receive::recv`].
#[derive(Clone, Copy, Debug, Default)]
pub struct Wait {
    /// When to give up; `None` waits for ever.
    pub deadline: Option<Instant>,
    /// Whether [`Control::interrupt`] may end the wait; it costs a system call.
    pub interruptible: bool,
    /// How many bytes to receive at most; `None` for as many as the buffer has capacity for.
    pub most: Option<usize>,
}

/// What [`Receive::recv`] brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// So many bytes, at least 1, were appended to the buffer.
    Bytes(usize),
    /// The deadline passed.
    TimedOut,
    /// [`Control::interrupt`] was called.
    Interrupted,
    /// The peer has finished sending, or the stream was shut down.
    End,
}

/// What [`Transmit::send`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// So many bytes, at least 1, were handed to the operating system.
    Bytes(usize),
    /// There is no room now; see [`Transmit::wait_for_room`].
    Full,
}

/// Something that travels beside the bytes, such as a file descriptor. None can yet.
#[derive(Debug)]
pub enum Handle {}

/// The receiving half of a stream. One thread uses it at a time; which one may change between calls.
pub trait Receive: Send {
    /// Appends what has arrived to `buffer`, into its spare capacity (never growing it, so there
    /// must be some). Waits as `wait` says; what is there already comes even after the deadline.
    /// After an error or [`Arrival::End`] nothing more comes.
    fn recv(&mut self, buffer: &mut Vec<u8>, wait: &Wait) -> io::Result<Arrival>;

    /// Receives like [`Receive::recv`], but polls for `duration` instead of sleeping. `None` when nothing
    /// has come by then, as always from a transport that cannot poll.
    fn spin(
        &mut self,
        _buffer: &mut Vec<u8>,
        _wait: &Wait,
        _duration: Duration,
    ) -> io::Result<Option<Arrival>> {
        Ok(None)
    }
}

/// The sending half of a stream. One thread uses it at a time; which one may change between calls.
pub trait Transmit: Send {
    /// Hands over a first part of `slices`, gathered, without waiting; they must not all be empty.
    /// Never raises SIGPIPE.
    fn send(&mut self, slices: &[IoSlice<'_>], handles: &[Handle]) -> io::Result<Sent>;

    /// Waits until there is room to send (`true`) or the deadline has passed (`false`). A stream that
    /// has ended counts as room: sending then tells.
    fn wait_for_room(&mut self, deadline: Instant) -> io::Result<bool>;
}

/// What any thread may do to a stream while others use its halves.
pub trait Control: Send + Sync {
    /// Makes the interruptible [`Receive::recv`] that is waiting, or else the next one, return
    /// [`Arrival::Interrupted`]. Several interrupts before it may count as one.
    fn interrupt(&self);

    /// Ends sending: what was handed over before still arrives, and then the peer sees the end. It
    /// can go on sending.
    fn finish(&self);

    /// Ends the stream both ways: what waits on it returns, what is tried later fails. What was
    /// handed over before may still arrive at the peer.
    fn shutdown(&self);
}

/// Who is at the other end, as the operating system vouches for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Peer {
    /// The user at the other end (local transports on Unix).
    pub uid: Option<u32>,
    /// Its group.
    pub gid: Option<u32>,
    /// Its process. Information, never proof: pids are reused.
    pub pid: Option<u32>,
    /// Its network address (TCP).
    pub address: Option<SocketAddr>,
}

/// An established stream, before any handshake. It is closed when both halves and the control have
/// been dropped.
pub struct Stream {
    /// The receiving half.
    pub receive: Box<dyn Receive>,
    /// The sending half.
    pub transmit: Box<dyn Transmit>,
    /// What any thread may do to it.
    pub control: Arc<dyn Control>,
    /// Who is at the other end.
    pub peer: Peer,
}

/// A place where streams arrive. Dropping it frees the address.
pub trait Listen: Send {
    /// The next stream; `None` after [`Stop::stop`]. Peers that left meanwhile, or may not connect, are
    /// passed over. After an error (too many descriptors) the caller may try again after a pause.
    fn accept(&mut self) -> io::Result<Option<Stream>>;

    /// Where it listens; for TCP with the port that the system chose.
    fn endpoint(&self) -> &Endpoint;

    /// What ends [`Listen::accept`] from another thread.
    fn stopper(&self) -> Arc<dyn Stop>;
}

/// Ends a [`Listen::accept`] or [`Dialler::dial`] that waits in another thread.
pub trait Stop: Send + Sync {
    /// Makes the accept or dial that is waiting, and all later ones, give up.
    fn stop(&self);
}

/// Listens on an endpoint.
///
/// Another host there is [`Status::AddressInUse`]; a stale socket file of one that died is replaced. A
/// group that does not exist is [`Status::InvalidArgument`], one that this user is not in
/// [`Status::AccessDenied`].
pub fn listen(endpoint: &Endpoint) -> Result<Box<dyn Listen>> {
    endpoint.check()?;
    system::listen(endpoint)
}

/// Connects to the host that listens on an endpoint, before the deadline; see [`Dialler::dial`].
pub fn dial(endpoint: &Endpoint, deadline: Instant) -> Result<Stream> {
    Dialler::new(endpoint, deadline)?.dial()
}

/// An attempt to connect, which another thread may stop.
pub struct Dialler<'a> {
    endpoint: &'a Endpoint,
    deadline: Instant,
    stopper: Arc<system::Stopper>,
}

impl<'a> Dialler<'a> {
    /// Prepares to connect to the host that listens on an endpoint, before the deadline.
    pub fn new(endpoint: &'a Endpoint, deadline: Instant) -> Result<Dialler<'a>> {
        endpoint.check()?;
        let stopper = Arc::new(system::Stopper::for_dialling(endpoint)?);
        Ok(Dialler { endpoint, deadline, stopper })
    }

    /// What ends [`Dialler::dial`] from another thread.
    pub fn stopper(&self) -> Arc<dyn Stop> {
        self.stopper.clone()
    }

    /// Connects.
    ///
    /// [`Status::ChannelFaulted`] says that no host listens there now, [`Status::TimedOut`] that it did
    /// not answer in time, [`Status::AccessDenied`] that this user may not connect to it, or should
    /// not, [`Status::Closed`] that it was stopped.
    pub fn dial(&self) -> Result<Stream> {
        system::dial(self)
    }
}

/// How many processors this end of a stream and the other may use between them, as far as can be
/// known: with one alone, looking for an answer only keeps the peer from giving it.
pub(crate) fn processors(peer: &Peer) -> usize {
    system::processors(peer.pid)
}

#[cfg(not(unix))]
mod system {
    use super::{Dialler, Endpoint, Listen, Stop, Stream};
    use crate::error::{Error, Result, Status};

    fn unsupported(endpoint: &Endpoint) -> Error {
        let message = format!("{endpoint}: this system has no transport yet");
        Error::new(Status::Unsupported, message)
    }

    pub(super) fn exact_timers() -> Option<()> {
        None
    }

    pub(super) fn processors(_: Option<u32>) -> usize {
        std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get)
    }

    pub(super) fn listen(endpoint: &Endpoint) -> Result<Box<dyn Listen>> {
        Err(unsupported(endpoint))
    }

    pub(super) fn dial(dialler: &Dialler<'_>) -> Result<Stream> {
        Err(unsupported(dialler.endpoint))
    }

    pub(super) struct Stopper;

    impl Stopper {
        pub(super) fn for_dialling(endpoint: &Endpoint) -> Result<Stopper> {
            Err(unsupported(endpoint))
        }
    }

    impl Stop for Stopper {
        fn stop(&self) {}
    }
}
