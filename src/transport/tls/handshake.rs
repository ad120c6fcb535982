//! How a raw stream becomes a secured one: the TLS handshake, on the thread that opens the connection.

use super::records::Records;
use super::{failures, identity, stream, PROTOCOL};
use crate::error::{Error, Result, Status};
use crate::time;
use crate::transport::{Arrival, Sent, Stream, Transmit, Wait};
use rustls::Connection;
use std::io::{self, IoSlice};
use std::time::{Duration, Instant};

/// How long a side that refuses the other reads on: if it closed at once, bytes that are still on their way
/// could make the system throw the reason away before the peer has read it.
const LINGER: Duration = Duration::from_secs(1);

/// The handshake of one connection.
struct Handshake {
    tls: Connection,
    stream: Stream,
    records: Records,
    deadline: Instant,
}

/// Secures a stream.
pub(super) fn run(tls: Connection, stream: Stream, deadline: Instant) -> Result<Stream> {
    let mut handshake = Handshake { tls, stream, records: Records::default(), deadline };
    handshake.shake_hands()?;
    handshake.check_protocol()?;
    let Handshake { tls, mut stream, records, .. } = handshake;
    let certificate = tls.peer_certificates().and_then(<[_]>::first).map(identity::of).transpose();
    stream.peer.certificate = certificate.map_err(|error| failures::of_handshake(&error))?;
    Ok(stream::open(tls, stream, records))
}

impl Handshake {
    fn shake_hands(&mut self) -> Result<()> {
        loop {
            self.send()?;
            if !self.tls.is_handshaking() {
                return Ok(());
            }
            self.receive()?;
            while self.tls.is_handshaking() && !self.records.is_empty() {
                if let Err(error) = self.records.decrypt_some(&mut self.tls) {
                    return Err(self.refuse(failures::of_handshake(&error)));
                }
            }
        }
    }

    /// A peer that speaks another protocol inside TLS, such as HTTP, is no peer.
    fn check_protocol(&mut self) -> Result<()> {
        if self.tls.alpn_protocol() == Some(PROTOCOL) {
            return Ok(());
        }
        let error = failures::of_handshake(&rustls::Error::NoApplicationProtocol);
        Err(self.refuse(error))
    }

    /// Sends what the connection has to say.
    fn send(&mut self) -> Result<()> {
        let mut bytes = Vec::new();
        while self.tls.wants_write() {
            self.tls.write_tls(&mut bytes).expect("a vector takes all bytes");
        }
        send_all(&mut *self.stream.transmit, &bytes, self.deadline)
    }

    fn receive(&mut self) -> Result<()> {
        let room = self.records.room().map_err(|reason| failures::lost(&reason.into()))?;
        let wait = Wait { deadline: Some(self.deadline), ..Wait::default() };
        match self.stream.receive.recv(room, &wait) {
            Ok(Arrival::Bytes(_)) => Ok(()),
            Ok(Arrival::TimedOut | Arrival::Interrupted) => Err(too_slow()),
            Ok(Arrival::End) => Err(Error::new(
                Status::ChannelFaulted,
                "the peer ended the stream during the TLS handshake; it may not use TLS",
            )),
            Err(error) => Err(failures::lost(&error)),
        }
    }

    /// Says why there will be no connection, if the peer still listens, and waits until it has read that.
    fn refuse(&mut self, error: Error) -> Error {
        self.tls.send_close_notify();
        if self.send().is_ok() {
            self.stream.control.finish();
            self.linger();
        }
        error
    }

    fn linger(&mut self) {
        let deadline = Some(self.deadline.min(time::after(LINGER)));
        let wait = Wait { deadline, ..Wait::default() };
        loop {
            self.records = Records::default();
            let Ok(room) = self.records.room() else { return };
            if !matches!(self.stream.receive.recv(room, &wait), Ok(Arrival::Bytes(_)))
                || time::has_passed(deadline)
            {
                return;
            }
        }
    }
}

fn send_all(transmit: &mut dyn Transmit, mut bytes: &[u8], deadline: Instant) -> Result<()> {
    let lost = |error: io::Error| failures::lost(&error);
    while !bytes.is_empty() {
        match transmit.send(&[IoSlice::new(bytes)], &[]).map_err(lost)? {
            Sent::Bytes(count) => bytes = &bytes[count..],
            Sent::Full => {
                if !transmit.wait_writable(deadline).map_err(lost)? {
                    return Err(too_slow());
                }
            }
        }
    }
    Ok(())
}

fn too_slow() -> Error {
    Error::new(Status::TimedOut, "the TLS handshake took too long")
}
