//! What no peer should send: it ends the connection that it came on, and no other.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use callgate::unstable::wire::PeerLimits;
use callgate::{Client, Limits};

use crate::script::SocketPath;
use crate::service::Service;
use crate::support::raw::{call_frame, hello, RawClient};
use crate::support::watched;

const LIMIT: Duration = Duration::from_secs(60);

/// Lets another client call during `offend`, which must cause this number of logged protocol errors.
fn among_others(errors: usize, offend: impl Fn(&SocketPath) + Send + 'static) {
    watched(LIMIT, move || {
        let socket = SocketPath::new();
        let service = Service::default();
        let endpoint = socket.endpoint();
        let _host = service.host(&endpoint).start().unwrap();
        let client = Client::connect(&endpoint).unwrap();
        client.wait_connected(None).unwrap();
        let id = client.connection().unwrap().id();
        let done = AtomicBool::new(false);
        thread::scope(|scope| {
            let caller = scope.spawn(|| {
                let peer = client.proxy("IPeer").unwrap();
                let mut calls = 0;
                while calls == 0 || !done.load(Ordering::Relaxed) {
                    calls += 1;
                    assert_eq!(peer.call::<i64>("Add", &(calls, 1)).unwrap(), calls + 1);
                }
            });
            offend(&socket);
            service.logged_or_counted("protocol error", errors);
            done.store(true, Ordering::Relaxed);
            caller.join().unwrap();
        });
        assert_eq!(client.connection().unwrap().id(), id, "the other client's connection goes on");
    });
}

fn framed(body: &[u8]) -> Vec<u8> {
    [&(body.len() as u32).to_le_bytes(), body].concat()
}

/// Waits for the end, which may be a reset.
fn until_end(mut stream: UnixStream) {
    let mut rest = Vec::new();
    // A reset counts as an end: the host has closed with bytes of ours unread.
    let _ = stream.read_to_end(&mut rest);
}

#[test]
fn garbage_instead_of_a_handshake() {
    let call = call_frame(1, "IPeer", "Add", b"\x92\x01\x01");
    let too_long = (64 * 1024 + 1_u32).to_le_bytes().to_vec();
    let offences = [
        b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".to_vec(),
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".to_vec(),
        vec![0; 64],
        vec![0xff; 64],
        too_long,
        framed(b"\xc1"),
        framed(b"\x90"),
        // A hello that is cut short within its frame.
        framed(b"\x99\x00\xa8callgate\x01"),
        call,
    ];
    among_others(offences.len(), move |socket| {
        for offence in &offences {
            let mut stream = UnixStream::connect(&socket.0).unwrap();
            stream.write_all(offence).unwrap();
            until_end(stream);
        }
    });
}

#[test]
fn bad_frames_after_the_handshake() {
    let frame_limit = Limits::default().frame as u32;
    let offences = [
        (frame_limit + 1).to_le_bytes().to_vec(),
        u32::MAX.to_le_bytes().to_vec(),
        0_u32.to_le_bytes().to_vec(),
        framed(b"\xc1"),
        framed(b"\x05"),
        framed(b"\x80"),
        framed(b"no MessagePack"),
        // Unknown kinds: a number, a text, none at all.
        framed(b"\x92\x63\x01"),
        framed(b"\x92\xa4call\x01"),
        framed(b"\x90"),
        // An array of 2^32 - 1 elements that are missing.
        framed(b"\xdd\xff\xff\xff\xff\x04"),
        // A call whose interface claims to be 2^32 - 1 bytes long.
        framed(b"\x9b\x04\x01\x00\xdb\xff\xff\xff\xffI"),
        hello(&[], PeerLimits::default()),
    ];
    among_others(offences.len(), move |socket| {
        for offence in &offences {
            let mut client = RawClient::connect(&socket.endpoint());
            client.stream.write_all(offence).unwrap();
            until_end(client.stream);
        }
    });
}

#[test]
fn a_call_before_the_offence_is_answered() {
    among_others(1, |socket| {
        let mut client = RawClient::connect(&socket.endpoint());
        let call = call_frame(1, "IPeer", "Add", b"\x92\x01\x01");
        client.stream.write_all(&call).unwrap();
        assert!(client.next().is_some());
        client.stream.write_all(&framed(b"\xc1")).unwrap();
        until_end(client.stream);
    });
}

#[test]
fn an_end_within_a_frame_is_just_an_end() {
    among_others(0, |socket| {
        let call = call_frame(1, "IPeer", "Add", b"\x92\x01\x01");
        for length in 1..call.len() {
            let mut client = RawClient::connect(&socket.endpoint());
            client.stream.write_all(&call[..length]).unwrap();
        }
        let hello = hello(&[], PeerLimits::default());
        for length in 0..hello.len() {
            let mut stream = UnixStream::connect(&socket.0).unwrap();
            stream.write_all(&hello[..length]).unwrap();
        }
    });
}
