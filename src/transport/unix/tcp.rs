//! TCP.

use super::fork::Kept;
use super::listener::{Listener, Source};
use super::{failure, os, stream};
use crate::limits;
use crate::sync::thread;
use crate::transport::{Endpoint, Listen, Peer, Stream};
use crate::{Error, Result, Status};
use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream, ToSocketAddrs};
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::mpsc;
use std::time::{Duration, Instant};

pub(super) fn listen(host: &str, port: u16) -> Result<Box<dyn Listen>> {
    let endpoint = |port| Endpoint::Tcp { host: host.to_string(), port };
    let listening = || {
        let addresses: Vec<_> = (host, port).to_socket_addrs()?.collect();
        let socket = TcpListener::bind(&addresses[..])?;
        os::listen(socket.as_fd(), limits::BACKLOG)?;
        socket.set_nonblocking(true)?;
        // What it accepts inherits these.
        set_options(socket.as_fd())?;
        let chosen = socket.local_addr()?.port();
        Listener::new(TcpSource(Kept::new(socket)), endpoint(chosen))
    };
    match listening() {
        Ok(listener) => Ok(Box::new(listener)),
        Err(error) => Err(failure::of_listening(&endpoint(port), &error)),
    }
}

struct TcpSource(Kept<TcpListener>);

impl Source for TcpSource {
    fn accept(&self) -> io::Result<Option<Stream>> {
        let (socket, address) = self.0.accept()?;
        Ok(Some(open(socket, address)))
    }

    fn fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

fn open(socket: TcpStream, address: SocketAddr) -> Stream {
    let peer = Peer { address: Some(address), ..Peer::default() };
    stream::open(socket.into(), peer)
}

/// Small frames leave at once; a peer that is gone is found out.
fn set_options(socket: BorrowedFd<'_>) -> io::Result<()> {
    let seconds = |duration: Duration| duration.as_secs() as libc::c_int;
    let user_timeout = limits::TCP_USER_TIMEOUT.as_millis() as libc::c_int;
    let tcp = |option, value| os::set_number(socket, libc::IPPROTO_TCP, option, value);
    tcp(libc::TCP_NODELAY, 1)?;
    tcp(libc::TCP_KEEPIDLE, seconds(limits::TCP_KEEPALIVE_IDLE))?;
    tcp(libc::TCP_KEEPINTVL, seconds(limits::TCP_KEEPALIVE_INTERVAL))?;
    tcp(libc::TCP_KEEPCNT, limits::TCP_KEEPALIVE_PROBES as libc::c_int)?;
    tcp(libc::TCP_USER_TIMEOUT, user_timeout)?;
    os::set_number(socket, libc::SOL_SOCKET, libc::SO_KEEPALIVE, 1)
}

pub(super) fn dial(
    endpoint: &Endpoint,
    host: &str,
    port: u16,
    deadline: Instant,
) -> Result<Stream> {
    if port == 0 {
        let message = format!("cannot connect to {endpoint}: port 0 is only for listening");
        return Err(Error::new(Status::InvalidArgument, message));
    }
    let connecting = || {
        let addresses = resolve(host, port, deadline)?;
        let socket = connect_to_any(&addresses, deadline)?;
        let address = socket.peer_addr()?;
        Ok(open(socket, address))
    };
    connecting().map_err(|error| failure::of_dialling(endpoint, &error))
}

/// The addresses of a host. Looking up a name takes no deadline, so a thread of its own does it and
/// is left behind when it takes too long; it ends with the look-up.
fn resolve(host: &str, port: u16, deadline: Instant) -> io::Result<Vec<SocketAddr>> {
    if let Ok(address) = host.parse() {
        return Ok(vec![SocketAddr::new(address, port)]);
    }
    let (found, answer) = mpsc::channel();
    let host = host.to_string();
    thread::Builder::new().name("callgate-lookup".to_string()).spawn(move || {
        let addresses = (host.as_str(), port).to_socket_addrs().map(Vec::from_iter);
        // Nobody may be waiting any more.
        let _ = found.send(addresses);
    })?;
    let left = deadline.saturating_duration_since(Instant::now());
    answer.recv_timeout(left).map_err(|_| io::ErrorKind::TimedOut)?
}

/// Tries one address after the other, each for its share of the time that is left.
fn connect_to_any(addresses: &[SocketAddr], deadline: Instant) -> io::Result<TcpStream> {
    let mut last = io::Error::new(io::ErrorKind::NotFound, "the host has no address");
    for (index, address) in addresses.iter().enumerate() {
        let left = deadline.saturating_duration_since(Instant::now());
        let share = left / (addresses.len() - index) as u32;
        match connect(*address, share) {
            Ok(socket) => return Ok(socket),
            Err(error) => last = error,
        }
    }
    Err(last)
}

fn connect(address: SocketAddr, timeout: Duration) -> io::Result<TcpStream> {
    if timeout.is_zero() {
        return Err(io::ErrorKind::TimedOut.into());
    }
    let socket = TcpStream::connect_timeout(&address, timeout)?;
    // Where nobody listens on a local port of the range that clients get theirs from, a socket can
    // connect to itself.
    if socket.local_addr()? == socket.peer_addr()? {
        return Err(io::Error::from_raw_os_error(libc::ECONNREFUSED));
    }
    set_options(socket.as_fd())?;
    Ok(socket)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::fd::AsRawFd;

    fn option(socket: &TcpStream, level: libc::c_int, option: libc::c_int) -> libc::c_int {
        let mut value = 0;
        let mut size = size_of::<libc::c_int>() as libc::socklen_t;
        let fd = socket.as_raw_fd();
        // SAFETY: the value is writable for the size given.
        let got =
            unsafe { libc::getsockopt(fd, level, option, (&raw mut value).cast(), &mut size) };
        assert_eq!(got, 0);
        value
    }

    #[test]
    fn both_ends_notice_a_dead_peer_and_send_at_once() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        set_options(listener.as_fd()).unwrap();
        let address = listener.local_addr().unwrap();
        let client = connect(address, Duration::from_secs(60)).unwrap();
        let (host, _) = listener.accept().unwrap();
        for socket in [client, host] {
            assert!(socket.nodelay().unwrap());
            assert_eq!(option(&socket, libc::SOL_SOCKET, libc::SO_KEEPALIVE), 1);
            let tcp = |name| option(&socket, libc::IPPROTO_TCP, name);
            assert_eq!(tcp(libc::TCP_KEEPIDLE), 30);
            assert_eq!(tcp(libc::TCP_KEEPINTVL) * tcp(libc::TCP_KEEPCNT), 20);
            assert_eq!(tcp(libc::TCP_USER_TIMEOUT), 20_000);
        }
    }
}
