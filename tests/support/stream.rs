//! Streams of peers that speak the protocol by hand: Unix sockets, TCP and TLS, on Windows TCP alone.

use std::io;
use std::net::{TcpListener, TcpStream};
#[cfg(unix)]
use std::os::fd::OwnedFd;
#[cfg(unix)]
use std::os::unix::net::{UnixListener, UnixStream};

/// A connected stream. Reading and writing do not depend on the kind of socket.
#[cfg(unix)]
pub type Stream = UnixStream;
#[cfg(windows)]
pub type Stream = TcpStream;

/// Connects to `unix://PATH`, `tcp://ADDRESS` or `tls://ADDRESS`.
pub fn dial(endpoint: &str) -> io::Result<Stream> {
    match endpoint.split_once("://") {
        #[cfg(unix)]
        Some(("unix", path)) => UnixStream::connect(path),
        #[cfg(unix)]
        Some(("tls", address)) => super::tls::dial(address),
        Some(("tcp", address)) => TcpStream::connect(address).map(from_tcp),
        _ => panic!("no raw peer can connect to {endpoint}"),
    }
}

#[cfg(unix)]
fn from_tcp(stream: TcpStream) -> Stream {
    OwnedFd::from(stream).into()
}

#[cfg(windows)]
fn from_tcp(stream: TcpStream) -> Stream {
    stream
}

/// Whether nothing came within the timeout of a stream.
pub fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut)
}

/// A socket that listens.
pub enum Listener {
    #[cfg(unix)]
    Unix(UnixListener),
    Tcp(TcpListener),
    #[cfg(unix)]
    Tls(TcpListener),
}

impl Listener {
    /// Listens at `unix://PATH`, where no file is yet, `tcp://ADDRESS` or `tls://ADDRESS`.
    pub fn bind(endpoint: &str) -> io::Result<Listener> {
        match endpoint.split_once("://") {
            #[cfg(unix)]
            Some(("unix", path)) => UnixListener::bind(path).map(Listener::Unix),
            Some(("tcp", address)) => TcpListener::bind(address).map(Listener::Tcp),
            #[cfg(unix)]
            Some(("tls", rest)) => {
                let (address, _) = rest.split_once('?').unwrap_or((rest, ""));
                TcpListener::bind(address).map(Listener::Tls)
            }
            _ => panic!("no raw peer can listen at {endpoint}"),
        }
    }

    /// Waits for a client.
    pub fn accept(&self) -> io::Result<Stream> {
        match self {
            #[cfg(unix)]
            Listener::Unix(listener) => Ok(listener.accept()?.0),
            Listener::Tcp(listener) => Ok(from_tcp(listener.accept()?.0)),
            #[cfg(unix)]
            Listener::Tls(listener) => super::tls::accept(listener),
        }
    }

    /// Where clients connect to.
    pub fn endpoint(&self) -> String {
        match self {
            #[cfg(unix)]
            Listener::Unix(listener) => {
                let address = listener.local_addr().unwrap();
                format!("unix://{}", address.as_pathname().expect("it has a path").display())
            }
            Listener::Tcp(listener) => format!("tcp://{}", listener.local_addr().unwrap()),
            #[cfg(unix)]
            Listener::Tls(listener) => {
                super::tls::with_keys(&listener.local_addr().unwrap().to_string())
            }
        }
    }

    /// Another handle of the same listener, which does not wait for clients.
    pub fn without_waiting(&self) -> io::Result<Listener> {
        Ok(match self {
            #[cfg(unix)]
            Listener::Unix(listener) => {
                listener.set_nonblocking(true)?;
                Listener::Unix(listener.try_clone()?)
            }
            Listener::Tcp(listener) => {
                listener.set_nonblocking(true)?;
                Listener::Tcp(listener.try_clone()?)
            }
            #[cfg(unix)]
            Listener::Tls(listener) => {
                listener.set_nonblocking(true)?;
                Listener::Tls(listener.try_clone()?)
            }
        })
    }
}
