//! Accepts streams until stopped, on any kind of socket.

use super::os;
use super::stopper::Stopper;
use crate::sync::Arc;
use crate::transport::waits::Waited;
use crate::transport::{Endpoint, Listen, Stop, Stream};
use std::io;
use std::os::fd::BorrowedFd;

/// A listening, non-blocking socket.
pub(super) trait Source: Send {
    /// Accepts one stream. Fails with [`io::ErrorKind::PermissionDenied`] if its peer may not connect.
    fn accept(&self) -> io::Result<Stream>;

    fn fd(&self) -> BorrowedFd<'_>;
}

/// Listens on one endpoint.
pub(super) struct Listener<S> {
    source: S,
    endpoint: Endpoint,
    stopper: Arc<Stopper>,
}

impl<S: Source> Listener<S> {
    pub(super) fn new(source: S, endpoint: Endpoint) -> io::Result<Listener<S>> {
        let stopper = Arc::new(Stopper::new()?);
        Ok(Listener { source, endpoint, stopper })
    }

    /// Waits for a connection (`true`) or the stop (`false`).
    fn wait(&self) -> io::Result<bool> {
        let socket = os::interest(self.source.fd(), libc::POLLIN);
        Ok(self.stopper.wait(socket, None)? == Waited::Ready)
    }
}

impl<S: Source> Listen for Listener<S> {
    fn accept(&mut self) -> io::Result<Option<Stream>> {
        // Waiting first, since accepting would fail for lack of descriptors even if nobody connects.
        while self.wait()? {
            match self.source.accept() {
                Ok(stream) => return Ok(Some(stream)),
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

/// Whether an error concerns only the connection being accepted, which is then gone, and not the listener:
/// the peer left, or its network failed.
fn is_of_one_peer(error: &io::Error) -> bool {
    matches!(
        error.raw_os_error(),
        Some(
            libc::EAGAIN
                | libc::ECONNABORTED
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
