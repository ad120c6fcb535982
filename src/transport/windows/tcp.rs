//! TCP.

use super::device::Device;
use super::event::Event;
use super::stopper::Stopper;
use super::{io_errors, socket, stream};
use crate::error::Result;
use crate::sync::{thread, Arc};
use crate::time;
use crate::transport::waits::Waited;
use crate::transport::{tcp, Dialler, Endpoint, Listen, Peer, Stop, Stream};
use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream, ToSocketAddrs};
use std::os::windows::io::AsHandle;
use std::sync::mpsc;
use std::time::{Duration, Instant};
use windows_sys::Win32::Networking::WinSock::WSAECONNREFUSED;

/// How long accepting relies on the announcement of clients. wine 8 announces none any more after an announcement
/// without a client, until one is accepted.
const RECHECK: Duration = Duration::from_millis(500);

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
        let socket = socket::listen(&addresses)?;
        let came = Event::passing()?;
        socket::announce_clients(&socket, &came)?;
        let port = socket.local_addr()?.port();
        let endpoint = endpoint.with_port(port);
        let stopper = Arc::new(Stopper::new()?);
        Ok(TcpSource { socket, came, endpoint, stopper })
    };
    match listening() {
        Ok(listener) => Ok(Box::new(listener)),
        Err(error) => Err(failed(error)),
    }
}

struct TcpSource {
    socket: TcpListener,
    /// Raised when a client may have come.
    came: Event,
    endpoint: Endpoint,
    stopper: Arc<Stopper>,
}

impl Listen for TcpSource {
    fn accept(&mut self) -> io::Result<Option<Stream>> {
        while !self.stopper.is_stopped()? {
            match self.socket.accept() {
                Ok((socket, address)) => {
                    socket::make_blocking(&socket)?;
                    return open(socket, address).map(Some);
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    let recheck = Some(time::after(RECHECK));
                    if self.stopper.wait(self.came.as_handle(), recheck)? == Waited::Stopped {
                        break;
                    }
                }
                // The client has left.
                Err(error) if error.kind() == io::ErrorKind::ConnectionReset => {}
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

fn open(socket: TcpStream, address: SocketAddr) -> io::Result<Stream> {
    socket::set_options(&socket)?;
    let peer = Peer { address: Some(address), ..Peer::default() };
    stream::open(&Arc::new(Device::Socket(socket)), peer)
}

pub(super) fn dial(dialler: &Dialler<'_>, host: &str, port: u16) -> Result<Stream> {
    let endpoint = dialler.endpoint;
    let connecting = || {
        let socket = connect(host.to_string(), port, dialler)?;
        let address = socket.peer_addr()?;
        open(socket, address)
    };
    connecting().map_err(|error| io_errors::of_dialling(endpoint, &error))
}

/// Neither the system's look-up nor the standard library's way to connect can be stopped. So a thread of its
/// own does both, and is left behind if the attempt is stopped. It holds nothing of the client.
fn connect(host: String, port: u16, dialler: &Dialler<'_>) -> io::Result<TcpStream> {
    let done = Arc::new(Event::lasting()?);
    let (result, connected) = mpsc::channel();
    let (told, deadline) = (done.clone(), dialler.deadline);
    thread::Builder::new().name("callgate-connect".to_string()).spawn(move || {
        // The receiver may have stopped waiting.
        let _ = result.send(connect_to_any(&host, port, deadline));
        told.raise();
    })?;
    dialler.stopper.wait(done.as_handle(), Some(dialler.deadline))?.or_gave_up()?;
    connected.recv().map_err(|_| io::Error::other("connecting failed"))?
}

fn connect_to_any(host: &str, port: u16, deadline: Instant) -> io::Result<TcpStream> {
    let addresses: Vec<_> = (host, port).to_socket_addrs()?.collect();
    tcp::connect_to_any(&addresses, deadline, |address, deadline| {
        let left = time::left(deadline);
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        let socket = TcpStream::connect_timeout(&address, left)?;
        // If nobody listens on a local port from the ephemeral range, a socket can connect to itself.
        if socket.local_addr()? == socket.peer_addr()? {
            return Err(io::Error::from_raw_os_error(WSAECONNREFUSED));
        }
        Ok(socket)
    })
}
