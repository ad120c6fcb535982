//! An established stream over any kind of socket.

use super::event::Event;
use super::os;
use crate::chunk::Chunk;
use crate::process::CloseOnFork;
use crate::sync::atomic::{AtomicBool, Ordering};
use crate::sync::{Arc, Mutex, Weak};
use crate::time;
use crate::transport::waits::{self, check_capacity};
use crate::transport::{Arrival, Control, Handle, Peer, Receive, Sent, Stream, Transmit, Wait};
use std::io::{self, IoSlice};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::{Duration, Instant};

/// A deadline at least this far away is left to the socket's receive timeout, which costs no system call
/// while it fits. A nearer deadline is kept exactly, by polling.
const FAR: Duration = Duration::from_secs(1);

/// How late a far deadline may be, through the socket's timeout.
const SLACK: Duration = Duration::from_millis(50);

/// If a socket timeout is too short by at least this factor, it is set again; otherwise waiting twice is
/// cheaper.
const MUCH_LONGER: u32 = 4;

/// Shared by both halves. The socket is closed when both are gone, so neither can use a descriptor that was
/// reused.
struct Socket {
    fd: CloseOnFork<OwnedFd>,
    ended: AtomicBool,
    interrupted: AtomicBool,
    /// Wakes a polling receiver. Created on first use, as many streams never need it.
    wake: Mutex<Option<Arc<Event>>>,
}

/// Makes a stream from a connected, blocking socket.
pub(super) fn open(fd: OwnedFd, peer: Peer) -> Stream {
    let socket = Arc::new(Socket {
        fd: CloseOnFork::new(fd),
        ended: AtomicBool::new(false),
        interrupted: AtomicBool::new(false),
        wake: Mutex::new(None),
    });
    Stream {
        receive: Box::new(Receiver { socket: socket.clone(), timeout: None, wake: None }),
        control: Arc::new(SocketControl(Arc::downgrade(&socket))),
        transmit: Box::new(Sender(socket)),
        peer,
    }
}

impl Socket {
    /// Receives once; `None` if there is nothing yet.
    fn receive(
        &self,
        buffer: &mut Chunk,
        wait: &Wait,
        flags: libc::c_int,
    ) -> io::Result<Option<Arrival>> {
        match os::recv(self.fd.as_fd(), buffer, wait.most, flags) {
            Ok(0) => Ok(Some(Arrival::End)),
            Ok(count) => Ok(Some(Arrival::Bytes(count))),
            Err(error) if is_passing(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whether this wait must end because of an interrupt; consumes the interrupt.
    fn take_interrupt(&self, wait: &Wait) -> bool {
        wait.interruptible
            && self.interrupted.load(Ordering::Relaxed)
            && self.interrupted.swap(false, Ordering::SeqCst)
    }
}

fn is_passing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted)
}

/// Does not keep the socket open: a program may keep a connection that has ended.
struct SocketControl(Weak<Socket>);

impl Control for SocketControl {
    fn interrupt(&self) {
        if let Some(socket) = self.0.upgrade() {
            socket.interrupt();
        }
    }

    fn finish(&self) {
        if let Some(socket) = self.0.upgrade() {
            socket.shutdown(libc::SHUT_WR);
        }
    }

    fn shutdown(&self) {
        if let Some(socket) = self.0.upgrade() {
            socket.ended.store(true, Ordering::SeqCst);
            socket.shutdown(libc::SHUT_RDWR);
        }
    }
}

impl Socket {
    fn interrupt(&self) {
        // Set before taking the lock: a receiver that creates its event after we found none, which it does
        // under the lock, sees the flag before it polls.
        self.interrupted.store(true, Ordering::SeqCst);
        if !self.fd.is_ours() {
            return;
        }
        if let Some(wake) = &*self.wake.lock() {
            wake.raise();
        }
    }

    fn shutdown(&self, how: libc::c_int) {
        if self.fd.is_ours() {
            // Fails only if the peer has already ended the stream.
            let _ = os::shutdown(self.fd.as_fd(), how);
        }
    }
}

struct Receiver {
    socket: Arc<Socket>,
    /// The socket's present receive timeout.
    timeout: Option<Duration>,
    /// The socket's event, once this half has needed it.
    wake: Option<Arc<Event>>,
}

impl Receive for Receiver {
    fn recv(&mut self, buffer: &mut Chunk, wait: &Wait) -> io::Result<Arrival> {
        match self.before_receiving(buffer, wait)? {
            Some(arrival) => Ok(arrival),
            None => self.block(buffer, wait),
        }
    }

    fn spin(
        &mut self,
        buffer: &mut Chunk,
        wait: &Wait,
        duration: Duration,
    ) -> io::Result<Option<Arrival>> {
        let known = self.before_receiving(buffer, wait)?;
        if known.is_some() {
            return Ok(known);
        }
        waits::spin(wait, duration, || {
            match self.socket.receive(buffer, wait, libc::MSG_DONTWAIT)? {
                None => Ok(self.socket.take_interrupt(wait).then_some(Arrival::Interrupted)),
                arrival => Ok(arrival),
            }
        })
    }
}

impl Receiver {
    /// Checks what can be known without a system call.
    fn before_receiving(&self, buffer: &Chunk, wait: &Wait) -> io::Result<Option<Arrival>> {
        check_capacity(buffer)?;
        if self.socket.ended.load(Ordering::SeqCst) || !self.socket.fd.is_ours() {
            return Ok(Some(Arrival::End));
        }
        Ok(self.socket.take_interrupt(wait).then_some(Arrival::Interrupted))
    }

    /// Sleeps until something arrives: in one system call, unless an exact deadline or an interrupt may end
    /// the wait.
    fn block(&mut self, buffer: &mut Chunk, wait: &Wait) -> io::Result<Arrival> {
        if wait.interruptible {
            return self.poll(buffer, wait);
        }
        loop {
            let left = wait.deadline.map(time::left);
            if left.is_some_and(|left| left < FAR) {
                return self.poll(buffer, wait);
            }
            self.fit_timeout(left)?;
            if let Some(arrival) = self.socket.receive(buffer, wait, 0)? {
                return Ok(arrival);
            }
        }
    }

    /// Sets the socket's receive timeout so that it ends soon enough, but not much too soon.
    fn fit_timeout(&mut self, left: Option<Duration>) -> io::Result<()> {
        let fits = match (self.timeout, left) {
            (Some(set), Some(left)) => set <= left + SLACK && left <= set * MUCH_LONGER,
            (set, left) => set == left,
        };
        if !fits {
            os::set_timeout(self.socket.fd.as_fd(), libc::SO_RCVTIMEO, left)?;
            self.timeout = left;
        }
        Ok(())
    }

    /// Sleeps until something arrives, the exact deadline passes, or an interrupt comes.
    fn poll(&mut self, buffer: &mut Chunk, wait: &Wait) -> io::Result<Arrival> {
        // Data that has already arrived is returned even after the deadline.
        if let Some(arrival) = self.socket.receive(buffer, wait, libc::MSG_DONTWAIT)? {
            return Ok(arrival);
        }
        let wake = if wait.interruptible { Some(self.wake()?) } else { None };
        loop {
            if self.socket.take_interrupt(wait) {
                return Ok(Arrival::Interrupted);
            }
            let socket = os::interest(self.socket.fd.as_fd(), libc::POLLIN);
            let in_time = match &wake {
                Some(wake) => {
                    let mut both = [socket, os::interest(wake.as_fd(), libc::POLLIN)];
                    let in_time = os::poll(&mut both, wait.deadline)?;
                    if both[1].revents != 0 {
                        // Cleared before the flag is taken, so that no later interrupt is lost.
                        wake.clear();
                    }
                    in_time
                }
                None => os::poll(&mut [socket], wait.deadline)?,
            };
            if !in_time {
                return Ok(Arrival::TimedOut);
            }
            let arrival = self.socket.receive(buffer, wait, libc::MSG_DONTWAIT)?;
            if let Some(arrival) = arrival {
                return Ok(arrival);
            }
        }
    }

    /// The event that wakes this receiver.
    fn wake(&mut self) -> io::Result<Arc<Event>> {
        if let Some(wake) = &self.wake {
            return Ok(wake.clone());
        }
        let wake = Arc::new(Event::new()?);
        *self.socket.wake.lock() = Some(wake.clone());
        self.wake = Some(wake.clone());
        Ok(wake)
    }
}

struct Sender(Arc<Socket>);

impl Sender {
    fn fd(&self) -> BorrowedFd<'_> {
        self.0.fd.as_fd()
    }
}

impl Transmit for Sender {
    fn send(&mut self, slices: &[IoSlice<'_>], _: &[Handle]) -> io::Result<Sent> {
        let Some(first) = slices.iter().position(|slice| !slice.is_empty()) else {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "there is nothing to send"));
        };
        if !self.0.fd.is_ours() {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        loop {
            match os::send(self.fd(), &slices[first..]) {
                Ok(count) => return Ok(Sent::Bytes(count)),
                Err(error) => match error.kind() {
                    io::ErrorKind::WouldBlock => return Ok(Sent::Full),
                    io::ErrorKind::Interrupted => {}
                    _ => return Err(error),
                },
            }
        }
    }

    fn wait_writable(&mut self, deadline: Instant) -> io::Result<bool> {
        os::poll(&mut [os::interest(self.fd(), libc::POLLOUT)], Some(deadline))
    }
}
