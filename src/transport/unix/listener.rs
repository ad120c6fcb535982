//! Accepting streams until stopped, whatever the kind of socket.

use super::event::Event;
use super::os;
use crate::sync::atomic::{AtomicBool, Ordering};
use crate::sync::Arc;
use crate::transport::{Endpoint, Listen, Stop, Stream};
use std::io;
use std::os::fd::{AsFd, BorrowedFd};

/// A socket that listens and does not block.
pub(super) trait Source: Send {
    /// Accepts one stream; `None` if its peer may not connect.
    fn accept(&self) -> io::Result<Option<Stream>>;

    fn fd(&self) -> BorrowedFd<'_>;
}

/// Listens at one endpoint.
pub(super) struct Listener<S> {
    source: S,
    endpoint: Endpoint,
    stopper: Arc<Stopper>,
}

impl<S: Source> Listener<S> {
    pub(super) fn new(source: S, endpoint: Endpoint) -> io::Result<Listener<S>> {
        let stopper = Arc::new(Stopper { stopped: AtomicBool::new(false), event: Event::new()? });
        Ok(Listener { source, endpoint, stopper })
    }

    fn wait(&self) -> io::Result<()> {
        let socket = os::interest(self.source.fd(), libc::POLLIN);
        let stop = os::interest(self.stopper.event.as_fd(), libc::POLLIN);
        os::poll(&mut [socket, stop], None).map(drop)
    }
}

impl<S: Source> Listen for Listener<S> {
    fn accept(&mut self) -> io::Result<Option<Stream>> {
        while !self.stopper.stopped.load(Ordering::SeqCst) {
            match self.source.accept() {
                Ok(Some(stream)) => return Ok(Some(stream)),
                Ok(None) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.wait()?,
                Err(error) if is_of_one_peer(&error) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    fn stopper(&self) -> Arc<dyn Stop> {
        self.stopper.clone()
    }
}

/// Whether it befell the connection that would have been accepted, which is then gone, and not the
/// listener: the peer left, or the network to it failed.
fn is_of_one_peer(error: &io::Error) -> bool {
    matches!(
        error.raw_os_error(),
        Some(
            libc::ECONNABORTED
                | libc::ECONNRESET
                | libc::EINTR
                | libc::EPROTO
                | libc::ENOPROTOOPT
                | libc::ENETDOWN
                | libc::ENETUNREACH
                | libc::EHOSTDOWN
                | libc::EHOSTUNREACH
                | libc::ENOTCONN
        )
    )
}

struct Stopper {
    stopped: AtomicBool,
    /// Never cleared, so that every later wait ends at once.
    event: Event,
}

impl Stop for Stopper {
    fn stop(&self) {
        self.stopped.store(true, Ordering::SeqCst);
        self.event.raise();
    }
}
