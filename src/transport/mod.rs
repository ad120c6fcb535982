//! Byte streams between processes.
//!
//! A stream has a receiving half, a sending half, and a control that any thread may use. Nothing above this
//! layer sees a descriptor. The traits also fit Windows' overlapped pipes, TLS and shared memory: halves
//! may own buffers, and a read may stay pending while another thread becomes the reader.

mod certificate;
mod endpoint;
mod fingerprint;
mod guard;
pub mod inproc;
#[cfg(not(callgate_shuttle))]
mod io_errors;
#[cfg(callgate_shuttle)]
pub(crate) mod modelled;
mod party;
#[cfg(not(callgate_shuttle))]
mod tcp;
#[cfg(all(feature = "tls", not(callgate_shuttle)))]
mod tls;
#[cfg(not(all(feature = "tls", not(callgate_shuttle))))]
#[path = "without_tls.rs"]
mod tls;
#[cfg(all(unix, not(callgate_shuttle)))]
mod unix;
mod user;
#[cfg(not(callgate_shuttle))]
mod waits;
mod wake_cost;
#[cfg(all(windows, not(callgate_shuttle)))]
mod windows;

use crate::error::{Error, Result, Status};
use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

pub use crate::chunk::{Chunk, OutOfMemory};
pub use certificate::Certificate;
pub use endpoint::{Access, Endpoint, Scope, Security, Trust};
pub use fingerprint::KeyFingerprint;
pub use guard::Guard;
#[cfg(callgate_shuttle)]
use modelled as system;
pub(crate) use party::Party;
#[cfg(all(unix, not(callgate_shuttle)))]
use unix as system;
pub use user::User;
pub(crate) use wake_cost::{measure_wake_cost, wake_cost};
#[cfg(all(windows, not(callgate_shuttle)))]
use windows as system;

/// How to wait in [`Receive::recv`].
#[derive(Clone, Copy, Debug, Default)]
pub struct Wait {
    /// When to stop waiting; `None` waits without limit.
    pub deadline: Option<Instant>,
    /// Whether [`Control::interrupt`] may end the wait; this costs a system call.
    pub interruptible: bool,
    /// The most bytes to receive; `None` for as many as fit the buffer's capacity.
    pub most: Option<usize>,
}

/// The result of [`Receive::recv`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// This many bytes, at least 1, were appended to the buffer.
    Bytes(usize),
    /// The deadline passed.
    TimedOut,
    /// [`Control::interrupt`] was called.
    Interrupted,
    /// The peer has finished sending, or the stream was shut down.
    End,
}

/// The result of [`Transmit::send`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// This many bytes, at least 1, were handed to the operating system.
    Bytes(usize),
    /// There is no room now; see [`Transmit::wait_writable`].
    Full,
}

/// Something sent beside the bytes, such as a file descriptor. No transport supports any yet.
#[derive(Debug)]
pub enum Handle {}

/// The receiving half of a stream. One thread uses it at a time; it may move between threads.
pub trait Receive: Send {
    /// Appends what has arrived to `buffer`, within its spare capacity, of which there must be some. Waits
    /// as `wait` says; data that has already arrived is returned even after the deadline. After an error or
    /// [`Arrival::End`] nothing more arrives.
    fn recv(&mut self, buffer: &mut Chunk, wait: &Wait) -> io::Result<Arrival>;

    /// Receives like [`Receive::recv`], but polls for `duration` instead of sleeping. `None` if nothing has
    /// arrived by then; always `None` for a transport that cannot poll.
    fn spin(
        &mut self,
        _buffer: &mut Chunk,
        _wait: &Wait,
        _duration: Duration,
    ) -> io::Result<Option<Arrival>> {
        Ok(None)
    }
}

/// The sending half of a stream. One thread uses it at a time; it may move between threads.
pub trait Transmit: Send {
    /// Sends the beginning of `slices`, as much as there is room for, without waiting. They must not all be
    /// empty. Never raises SIGPIPE. What does not leave must begin the next call: a transport may already have
    /// put it into a record that it cannot take back.
    fn send(&mut self, slices: &[IoSlice<'_>], handles: &[Handle]) -> io::Result<Sent>;

    /// Waits until there is room to send (`true`) or the deadline has passed (`false`). An ended stream
    /// returns `true`: sending then reports the end.
    fn wait_writable(&mut self, deadline: Instant) -> io::Result<bool>;
}

/// What any thread may do to a stream while others use its halves.
pub trait Control: Send + Sync {
    /// Makes the interruptible [`Receive::recv`] that is waiting, or otherwise the next one, return
    /// [`Arrival::Interrupted`]. Several interrupts may count as one.
    fn interrupt(&self);

    /// Ends sending: everything sent so far still arrives, and then the peer sees the end. The peer can
    /// still send.
    fn finish(&self);

    /// Ends the stream in both directions: waiting operations return, and later ones fail. Data already
    /// sent may still arrive at the peer.
    fn shutdown(&self);
}

/// The peer's identity, vouched for by the operating system, or proved by its key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Peer {
    /// The peer's user; unknown over TCP. A client of a pipe on Windows knows the pipe's owner: *Administrators*
    /// for pipes of the system.
    pub user: Option<User>,
    /// The peer's group (local transports on Unix).
    pub gid: Option<u32>,
    /// The peer's process. For information, never as proof: process ids are reused.
    pub pid: Option<u32>,
    /// The peer's network address (TCP).
    pub address: Option<SocketAddr>,
    /// The peer's certificate (TLS), if it has shown one.
    pub certificate: Option<Certificate>,
}

impl Peer {
    /// The uid of the peer's user, on Unix.
    pub fn uid(&self) -> Option<u32> {
        self.user.as_ref()?.uid()
    }

    /// The SID of the peer's user, on Windows.
    pub fn sid(&self) -> Option<&str> {
        self.user.as_ref()?.sid()
    }
}

/// An established stream, before any handshake. It closes when both halves have been dropped, whether or not
/// the control still exists.
pub struct Stream {
    /// The receiving half.
    pub receive: Box<dyn Receive>,
    /// The sending half.
    pub transmit: Box<dyn Transmit>,
    /// The control, for any thread.
    pub control: Arc<dyn Control>,
    /// The peer's identity.
    pub peer: Peer,
}

/// A listener, which accepts streams. Dropping it frees the address.
pub trait Listen: Send {
    /// Waits for the next stream; `None` after [`Stop::stop`]. Skips peers that have left already. Fails with
    /// [`io::ErrorKind::PermissionDenied`] for a peer that may not connect, which is disconnected; the caller
    /// may accept again at once. After any other error (too many descriptors) it may do so after a pause.
    fn accept(&mut self) -> io::Result<Option<Stream>>;

    /// The endpoint that it listens on; for TCP with the port that the system chose.
    fn endpoint(&self) -> &Endpoint;

    /// Stops [`Listen::accept`] from another thread.
    fn stopper(&self) -> Arc<dyn Stop>;
}

/// Stops a [`Listen::accept`] or [`Dialler::dial`] that waits in another thread.
pub trait Stop: Send + Sync {
    /// Makes the waiting accept or dial, and all later ones, give up.
    fn stop(&self);
}

/// Listens on an endpoint. The streams of `tls://` are raw until they are [secured](Guard::secure).
///
/// Fails with [`Status::AddressInUse`] if another host listens there; the stale socket file of a dead host
/// is replaced. Fails with [`Status::InvalidArgument`] for a group that does not exist, and with
/// [`Status::AccessDenied`] for a group that this user is not in.
pub fn listen(endpoint: &Endpoint) -> Result<Box<dyn Listen>> {
    endpoint.check()?;
    system::listen(endpoint)
}

/// Connects to the host that listens on an endpoint, until the deadline, and secures the stream; see
/// [`Dialler::dial`] and [`Guard::secure`].
pub fn dial(endpoint: &Endpoint, deadline: Instant) -> Result<Stream> {
    let guard = Guard::of_client(endpoint)?;
    guard.secure(Dialler::new(endpoint, deadline)?.dial()?, deadline)
}

/// An attempt to connect, which another thread can stop.
pub struct Dialler<'a> {
    endpoint: &'a Endpoint,
    deadline: Instant,
    stopper: Arc<system::Stopper>,
}

impl<'a> Dialler<'a> {
    /// Prepares to connect to the host that listens on an endpoint, until the deadline. Fails with
    /// [`Status::InvalidArgument`] for port 0.
    pub fn new(endpoint: &'a Endpoint, deadline: Instant) -> Result<Dialler<'a>> {
        endpoint.check()?;
        if endpoint.port() == Some(0) {
            let message = format!("cannot connect to {endpoint}: port 0 is only for listening");
            return Err(Error::new(Status::InvalidArgument, message));
        }
        let stopper = Arc::new(system::Stopper::for_dialling(endpoint)?);
        Ok(Dialler { endpoint, deadline, stopper })
    }

    /// Stops [`Dialler::dial`] from another thread.
    pub fn stopper(&self) -> Arc<dyn Stop> {
        self.stopper.clone()
    }

    /// Connects. The stream of `tls://` is raw until it is [secured](Guard::secure).
    ///
    /// Fails with [`Status::ChannelFaulted`] if no host listens there, [`Status::TimedOut`] if it did not
    /// answer in time, [`Status::AccessDenied`] if this user may not connect to it or must not trust it,
    /// and [`Status::Closed`] if the attempt was stopped.
    pub fn dial(&self) -> Result<Stream> {
        system::dial(self)
    }
}

impl Endpoint {
    /// The pipes of a scope on which a host listens, sorted by name. A host may be gone, or new, by the time
    /// this returns.
    ///
    /// # Errors
    /// Access denied if a folder of pipes is not safe, or cannot be read.
    pub fn pipes(scope: Scope) -> Result<Vec<Endpoint>> {
        let names = system::live_pipes(scope)?.into_iter();
        let pipes = names.map(|name| Endpoint::Pipe { name, scope, access: Access::default() });
        Ok(pipes.filter(|pipe| pipe.check().is_ok()).collect())
    }
}

/// The number of processors that the two ends of a stream may use between them, as far as that is known.
/// With only one, spinning for a reply just keeps the peer from sending it.
pub(crate) fn processors(peer: &Peer) -> usize {
    system::processors(peer.pid)
}
