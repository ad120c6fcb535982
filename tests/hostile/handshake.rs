//! Handshakes that peers break off or repeat.

use std::io::Write;
use std::time::Duration;

use callgate::unstable::wire::{encode_hello, encode_welcome, Hello, PeerLimits, Welcome, Who};
use callgate::Client;

use crate::honest::beside;
use crate::support::gate::eventually;
use crate::support::raw::{self, RawHost};
use crate::support::{calculator_host, watched};

const LIMIT: Duration = Duration::from_secs(60);
const STRANGERS: usize = 300;

fn hello() -> Vec<u8> {
    let hello = Hello {
        min_version: 1,
        max_version: 1,
        offered: Vec::new(),
        required: Vec::new(),
        limits: PeerLimits::default(),
        who: Who::default(),
    };
    let mut frame = Vec::new();
    encode_hello(&mut frame, &hello);
    frame
}

#[test]
fn peers_that_are_gone_before_they_are_read_harm_nobody() {
    watched(LIMIT, || {
        let endpoint = raw::endpoint("gone");
        let host = calculator_host(&endpoint).start().unwrap();
        let endpoint = &endpoint;
        let (report, ()) = beside(endpoint, || {
            for stranger in 0..STRANGERS {
                let mut stream = raw::dial(endpoint);
                let hello = hello();
                let sent = [0, hello.len() / 2, hello.len()][stranger % 3];
                stream.write_all(&hello[..sent]).unwrap();
            }
        });
        report.require_unharmed();
        eventually("they leave nothing behind", || host.connections().len() <= 1);
    });
}

#[test]
fn a_host_that_welcomes_twice_is_left_and_tried_again() {
    watched(LIMIT, || {
        let endpoint = raw::endpoint("twice");
        let host = RawHost::listen(&endpoint);
        let client = Client::connect(&endpoint).unwrap();
        let welcome = Welcome {
            version: 1,
            features: Vec::new(),
            limits: PeerLimits::default(),
            connection_id: 2,
            who: Who::default(),
        };
        let mut frame = Vec::new();
        encode_welcome(&mut frame, &welcome);
        let mut peer = host.accept();
        client.wait_connected(None).unwrap();
        peer.stream.write_all(&frame).unwrap();
        // The goodbye that says why, then the end.
        while peer.next().is_some() {}
        let _again = host.accept();
        client.close().unwrap();
    });
}
