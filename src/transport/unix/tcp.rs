//! TCP.

use super::listener::{Listener, Source};
use super::stopper::Stopper;
use super::{io_errors, lookup, os, stream, tcp_socket};
use crate::error::Result;
use crate::limits;
use crate::process::CloseOnFork;
use crate::transport::{tcp, Dialler, Endpoint, Listen, Peer, Stream};
use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::{AsFd, BorrowedFd};
use std::time::{Duration, Instant};

/// Listens on the loopback address, or anywhere if that is declared to be insecure.
pub(super) fn listen(
    endpoint: &Endpoint,
    host: &str,
    port: u16,
    insecure: bool,
) -> Result<Box<dyn Listen>> {
    let failed = |error: io::Error| io_errors::of_listening(endpoint, &error);
    let addresses = tcp::listening_addresses(endpoint, host, port, insecure)?;
    let listening = || {
        let socket = TcpListener::bind(&addresses[..])?;
        os::listen(socket.as_fd(), limits::BACKLOG)?;
        socket.set_nonblocking(true)?;
        // Accepted sockets inherit these options.
        set_options(socket.as_fd())?;
        let port = socket.local_addr()?.port();
        let chosen = endpoint.with_port(port);
        Listener::new(TcpSource(CloseOnFork::new(socket)), chosen)
    };
    match listening() {
        Ok(listener) => Ok(Box::new(listener)),
        Err(error) => Err(failed(error)),
    }
}

struct TcpSource(CloseOnFork<TcpListener>);

impl Source for TcpSource {
    fn accept(&self) -> io::Result<Stream> {
        let (socket, address) = self.0.accept()?;
        Ok(open(socket, address))
    }

    fn fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

fn open(socket: TcpStream, address: SocketAddr) -> Stream {
    let peer = Peer { address: Some(address), ..Peer::default() };
    stream::open(socket.into(), peer)
}

/// Makes small frames leave at once, and dead peers noticed.
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

pub(super) fn dial(dialler: &Dialler<'_>, host: &str, port: u16) -> Result<Stream> {
    let endpoint = dialler.endpoint;
    let connecting = || {
        let addresses = lookup::addresses(host, port, dialler)?;
        let socket = tcp::connect_to_any(&addresses, dialler.deadline, |address, deadline| {
            connect(address, deadline, &dialler.stopper)
        })?;
        let address = socket.peer_addr()?;
        Ok(open(socket, address))
    };
    connecting().map_err(|error| io_errors::of_dialling(endpoint, &error))
}

fn connect(address: SocketAddr, deadline: Instant, stopper: &Stopper) -> io::Result<TcpStream> {
    let socket = tcp_socket::begin_to_connect(&address)?;
    let connected = os::interest(socket.as_fd(), libc::POLLOUT);
    stopper.wait(connected, Some(deadline))?.or_gave_up()?;
    if let Some(error) = socket.take_error()? {
        return Err(error);
    }
    // If nobody listens on a local port from the ephemeral range, a socket can connect to itself.
    if socket.local_addr()? == socket.peer_addr()? {
        return Err(io::Error::from_raw_os_error(libc::ECONNREFUSED));
    }
    socket.set_nonblocking(false)?;
    set_options(socket.as_fd())?;
    Ok(socket)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time;
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
        let far = time::now() + Duration::from_secs(60);
        let client = connect(address, far, &Stopper::new().unwrap()).unwrap();
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
