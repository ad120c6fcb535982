//! How a stream becomes a connection: hello, then welcome or a refusal that says why.

use std::io::IoSlice;
use std::time::Instant;

use crate::connection::state::inbox::{out_of_memory, protocol_error, Inbox, Next};
use crate::connection::state::silence::Silence;
use crate::error::{Error, Result, Status};
use crate::limits::{Limits, HANDSHAKE_FRAME, SMALLEST_FRAME};
use crate::sync::Arc;
use crate::text::quoted;
use crate::transport::{self, Control, Peer, Sent, Stream, Transmit};
use crate::wire::{
    encode_hello, encode_refuse, encode_welcome, Hello, Message, PeerLimits, Welcome, Who, PARTS,
    VERSION,
};

/// What both sides have agreed on, and the stream.
pub(crate) struct Negotiated {
    pub id: u64,
    /// What the peer accepts.
    pub takes: PeerLimits,
    /// Whether large frames may be sent in parts.
    pub parts: bool,
    pub inbox: Inbox,
    pub transmit: Box<dyn Transmit>,
    pub control: Arc<dyn Control>,
    pub peer: Peer,
}

/// Information about this end.
fn who() -> Who {
    Who {
        library: concat!("callgate ", env!("CARGO_PKG_VERSION")).into(),
        language: "rust".into(),
        pid: std::process::id(),
    }
}

/// What this end accepts from the peer.
fn takes(limits: &Limits) -> PeerLimits {
    PeerLimits {
        frame: limits.frame as u64,
        calls: limits.inbound_calls as u64,
        bytes: limits.inbound_bytes as u64,
        nested_calls: limits.nested_calls as u64,
        nested_bytes: limits.frame as u64,
    }
}

/// A stream during the handshake.
struct Opening {
    inbox: Inbox,
    transmit: Box<dyn Transmit>,
    control: Arc<dyn Control>,
    peer: Peer,
    deadline: Instant,
}

impl Opening {
    fn new(stream: Stream, limits: &Limits, deadline: Instant) -> Opening {
        let processors = transport::processors(&stream.peer);
        Opening {
            inbox: Inbox::new(stream.receive, HANDSHAKE_FRAME, limits, processors),
            transmit: stream.transmit,
            control: stream.control,
            peer: stream.peer,
            deadline,
        }
    }

    fn send(&mut self, frame: &[u8]) -> Result<()> {
        let mut rest = frame;
        while !rest.is_empty() {
            match self.transmit.send(&[IoSlice::new(rest)], &[]) {
                Ok(Sent::Bytes(count)) => rest = &rest[count..],
                Ok(Sent::Full) => match self.transmit.wait_writable(self.deadline) {
                    Ok(true) => {}
                    Ok(false) => return Err(too_slow()),
                    Err(error) => return Err(lost(&error)),
                },
                Err(error) => return Err(lost(&error)),
            }
        }
        Ok(())
    }

    fn receive(&mut self) -> Result<crate::wire::Frame> {
        match self.inbox.next(Some(self.deadline), false)? {
            Next::Frame(frame) => Ok(frame),
            Next::Cut(_) => Err(out_of_memory()),
            Next::TimedOut | Next::Interrupted | Next::Silence => Err(too_slow()),
            Next::End => Err(Error::new(
                Status::ChannelFaulted,
                "the peer ended the connection during the handshake",
            )),
        }
    }

    /// Tells the peer why there will be no connection, if it still listens.
    fn refuse(mut self, error: Error) -> Error {
        let mut frame = Vec::new();
        encode_refuse(&mut frame, error.status().code().into(), error.message());
        // The refusal is what matters; the peer may be gone.
        let _ = self.send(&frame);
        error
    }

    fn establish(
        mut self,
        id: u64,
        takes: PeerLimits,
        features: &[String],
        limits: &Limits,
    ) -> Negotiated {
        let parts = features.iter().any(|feature| feature == PARTS);
        self.inbox.establish(limits, parts);
        let pings = limits.ping_after.filter(|_| self.peer.address.is_some());
        if let Some(ping_after) = pings {
            self.inbox.notice_silence(Silence::new(ping_after, limits.ping_timeout));
        }
        Negotiated {
            id,
            takes,
            parts,
            inbox: self.inbox,
            transmit: self.transmit,
            control: self.control,
            peer: self.peer,
        }
    }
}

/// The client's side of the handshake.
pub(crate) fn as_client(stream: Stream, limits: &Limits, deadline: Instant) -> Result<Negotiated> {
    let mut opening = Opening::new(stream, limits, deadline);
    let hello = Hello {
        min_version: VERSION,
        max_version: VERSION,
        offered: features(limits),
        required: Vec::new(),
        limits: takes(limits),
        who: who(),
    };
    let mut frame = Vec::new();
    encode_hello(&mut frame, &hello);
    opening.send(&frame)?;
    let frame = opening.receive()?;
    match Message::decode(&frame).map_err(|malformed| protocol_error(&malformed))? {
        Message::Welcome(welcome) => {
            check_welcome(&hello, &welcome)?;
            let Welcome { connection_id, limits: takes, features, .. } = welcome;
            Ok(opening.establish(connection_id, takes, &features, limits))
        }
        Message::Refuse { status, message } => Err(refused(status, message)),
        _ => Err(protocol_error(&"the host's first message is neither welcome nor refuse")),
    }
}

/// The host's side of the handshake. It calls `admit` only after the client has introduced itself, so that
/// silent clients take nobody's place. If it fails, a refusal has been sent.
pub(crate) fn as_host<A>(
    stream: Stream,
    limits: &Limits,
    id: u64,
    admit: impl FnOnce(&Peer) -> Result<A>,
    deadline: Instant,
) -> Result<(Negotiated, A)> {
    let mut opening = Opening::new(stream, limits, deadline);
    let frame = opening.receive()?;
    let hello = match Message::decode(&frame) {
        Ok(Message::Hello(hello)) => hello,
        Ok(_) => {
            return Err(opening.refuse(protocol_error(&"the client's first message is not hello")))
        }
        Err(malformed) => return Err(opening.refuse(protocol_error(&malformed))),
    };
    if opening.inbox.has_more() {
        let early = "the client sent more than its hello before it was welcomed";
        return Err(opening.refuse(protocol_error(&early)));
    }
    let admitted = match acceptable(&hello, limits).and_then(|()| admit(&opening.peer)) {
        Ok(admitted) => admitted,
        Err(error) => return Err(opening.refuse(error)),
    };
    let mut agreed = features(limits);
    agreed.retain(|feature| hello.offers(feature));
    let welcome = Welcome {
        version: VERSION,
        features: agreed,
        limits: takes(limits),
        connection_id: id,
        who: who(),
    };
    let mut frame = Vec::new();
    encode_welcome(&mut frame, &welcome);
    opening.send(&frame)?;
    Ok((opening.establish(id, hello.limits, &welcome.features, limits), admitted))
}

/// The features of the protocol that this end can use.
fn features(limits: &Limits) -> Vec<String> {
    if limits.parts {
        vec![PARTS.into()]
    } else {
        Vec::new()
    }
}

/// Refuses a peer whose limits do not even admit an error.
fn check_takes(takes: &PeerLimits) -> Result<()> {
    if takes.frame >= SMALLEST_FRAME {
        return Ok(());
    }
    Err(Error::new(
        Status::Unsupported,
        format!(
            "the peer's frame limit is {} bytes, but the smallest allowed is {SMALLEST_FRAME}",
            takes.frame
        ),
    ))
}

fn check_welcome(hello: &Hello, welcome: &Welcome) -> Result<()> {
    check_takes(&welcome.limits)?;
    if let Some(feature) = welcome.features.iter().find(|feature| !hello.offers(feature)) {
        return Err(protocol_error(&format!(
            "the host accepted the feature '{}', which was not offered",
            quoted(feature)
        )));
    }
    if welcome.version != VERSION {
        return Err(protocol_error(&format!(
            "the host chose version {} of the protocol, but only {VERSION} was offered",
            welcome.version
        )));
    }
    Ok(())
}

fn acceptable(hello: &Hello, limits: &Limits) -> Result<()> {
    check_takes(&hello.limits)?;
    if !(hello.min_version..=hello.max_version).contains(&VERSION) {
        return Err(Error::new(
            Status::Unsupported,
            format!(
                "this host speaks version {VERSION} of the protocol, the client ('{}') versions {} to {}",
                quoted(&hello.who.library), hello.min_version, hello.max_version
            ),
        ));
    }
    let ours = features(limits);
    match hello.required.iter().find(|feature| !ours.contains(feature)) {
        None => Ok(()),
        Some(feature) => Err(Error::new(
            Status::Unsupported,
            format!(
                "the client requires the feature '{}', which this host does not have",
                quoted(feature)
            ),
        )),
    }
}

fn refused(status: i64, message: &str) -> Error {
    let status = i32::try_from(status).ok().and_then(Status::from_code);
    Error::new(
        status.unwrap_or(Status::Internal),
        format!("the host refused the connection: {}", quoted(message)),
    )
}

fn too_slow() -> Error {
    Error::new(Status::TimedOut, "the handshake took too long")
}

fn lost(error: &std::io::Error) -> Error {
    Error::from_io(Status::ChannelFaulted, "the connection was lost during the handshake", error)
}
