//! A host that speaks the protocol by hand.

use std::collections::VecDeque;
use std::io::Write;

use callgate::unstable::wire::{
    encode_welcome, FrameBuffer, Message, PeerLimits, Welcome, Who, VERSION,
};

use super::stream::Listener;
use super::{endpoints, RawClient, Stream, FRAME};

/// A host without the library's connection code.
pub struct RawHost(Listener);

impl RawHost {
    /// Listens at an endpoint where nothing is yet.
    pub fn listen(endpoint: &str) -> RawHost {
        RawHost(Listener::bind(endpoint).unwrap())
    }

    /// A host on each transport that raw peers can use.
    pub fn on_each_transport(name: &str) -> Vec<RawHost> {
        endpoints(name).iter().map(|endpoint| RawHost::listen(endpoint)).collect()
    }

    /// Where it listens.
    pub fn endpoint(&self) -> String {
        self.0.endpoint()
    }

    /// Waits for a client, and returns its stream before anything was read.
    pub fn accept_stream(&self) -> Stream {
        self.0.accept().unwrap()
    }

    /// Waits for a client, reads its hello, and welcomes it; returns this end of the connection.
    pub fn accept(&self) -> RawClient {
        self.accept_taking(PeerLimits::default())
    }

    /// The same, with these limits for what the client may send.
    pub fn accept_taking(&self, takes: PeerLimits) -> RawClient {
        let stream = self.accept_stream();
        let buffer = FrameBuffer::new(FRAME as usize);
        let mut client = RawClient { stream, buffer, frames: VecDeque::new() };
        let hello = client.next().expect("a hello");
        assert!(matches!(Message::decode(&hello), Ok(Message::Hello(_))));
        let welcome = Welcome {
            version: VERSION,
            features: Vec::new(),
            limits: PeerLimits { frame: FRAME, ..takes },
            connection_id: 1,
            who: Who::default(),
        };
        let mut bytes = Vec::new();
        encode_welcome(&mut bytes, &welcome);
        client.stream.write_all(&bytes).unwrap();
        client
    }
}

impl Drop for RawHost {
    fn drop(&mut self) {
        if let Some(path) = self.endpoint().strip_prefix("unix://") {
            std::fs::remove_file(path).ok();
        }
    }
}
