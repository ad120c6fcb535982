//! Raw ping-pongs inside TLS: rustls and a TCP socket, in the plainest code.

use std::fs;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use rustls::pki_types::ServerName;
use rustls::{ClientConnection, ServerConnection, StreamOwned};

use super::exchange::Reading;
use crate::bytes::{check, pattern, stamp};
use crate::keys::{self, NAME};
use crate::stats::timed;

/// Ping-pongs over TLS, one connection after another.
#[derive(Clone, Copy)]
pub struct SecuredFloor {
    pub name: &'static str,
    reading: Reading,
    /// The sizes of a request and of its reply, which is the end of the request, in bytes.
    question: usize,
    answer: usize,
}

/// A socket that may spin before it blocks.
struct Socket {
    stream: TcpStream,
    reading: Reading,
}

impl Read for Socket {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        match self.reading.spin(&self.stream, bytes) {
            Some(count) => Ok(count),
            None => self.stream.read(bytes),
        }
    }
}

impl Write for Socket {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl SecuredFloor {
    /// Both floors of a call with one request and one reply.
    pub fn both((question, answer): (usize, usize)) -> [SecuredFloor; 2] {
        let floor = |name, reading| SecuredFloor { name, reading, question, answer };
        [floor("rustls, blocking", Reading::Blocking), floor("rustls, spinning", Reading::Spinning)]
    }

    /// The file with the port.
    fn port(&self, folder: &Path) -> PathBuf {
        folder.join(self.name)
    }

    fn socket(self, stream: TcpStream) -> Socket {
        stream.set_nodelay(true).expect("TCP can send at once");
        Socket { stream, reading: self.reading }
    }

    /// Replies in the background, with the keys in the folder.
    pub fn serve(self, folder: &Path) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let port = listener.local_addr().expect("it has a port").port();
        fs::write(self.port(folder), port.to_string()).expect("the folder is there");
        let config = Arc::new(keys::server(folder));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let tls = ServerConnection::new(config.clone()).expect("TLS can begin");
                self.answer(StreamOwned::new(tls, self.socket(stream.expect("a client connects"))));
            }
        });
    }

    /// Replies to one client until it disconnects.
    fn answer(self, mut stream: StreamOwned<ServerConnection, Socket>) {
        let mut question = vec![0; self.question];
        let end = self.question - self.answer;
        while stream.read_exact(&mut question).is_ok() {
            if stream.write_all(&question[end..]).is_err() {
                return;
            }
        }
    }

    /// Connects; returns what sends one request, different from the one before, and measures the reply.
    pub fn connect(self, folder: &Path) -> impl FnMut() -> Duration {
        let port = fs::read_to_string(self.port(folder)).expect("the floor is served");
        let port: u16 = port.parse().expect("a port");
        let stream = TcpStream::connect(("127.0.0.1", port)).expect("the floor is served");
        let name = ServerName::try_from(NAME).expect("a name");
        let tls = ClientConnection::new(Arc::new(keys::client(folder)), name);
        let mut stream = StreamOwned::new(tls.expect("TLS can begin"), self.socket(stream));
        let mut question: Vec<u8> = pattern(self.question).collect();
        let mut answer = vec![0; self.answer];
        let mut asked = 0;
        move || {
            asked += 1;
            stamp(&mut question, asked);
            let (_, took) = timed(|| {
                stream.write_all(&question).expect("the floor listens");
                stream.read_exact(&mut answer).expect("the floor replies");
            });
            check(&answer, &question[question.len() - answer.len()..], asked);
            took
        }
    }
}
