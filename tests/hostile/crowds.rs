//! Peers that try to take every place of a host.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use callgate::unstable::wire::{Message, PeerLimits};
use callgate::{Client, Host, Limits, Status};

use crate::honest;
use crate::support::raw::hello;
#[cfg(unix)]
use crate::support::raw::{self, RawClient};
#[cfg(unix)]
use crate::support::user::{as_stranger, is_root};
use crate::support::{calculator_host, unique, watched};

const LIMIT: Duration = Duration::from_secs(60);

const PLACES: usize = 16;

/// A host with few places at this endpoint and on TCP, and its TCP address.
fn host(endpoint: &str, change: impl FnOnce(&mut Limits)) -> (Host, String) {
    let mut limits = Limits::default();
    limits.connections = PLACES;
    limits.connections_per_user = PLACES;
    change(&mut limits);
    let host =
        calculator_host(endpoint).endpoint("tcp://127.0.0.1:0").limits(limits).start().unwrap();
    let address = host.endpoints()[1].to_string().replace("tcp://", "");
    (host, address)
}

/// Introduces a client. `None` if the host refused it, which must be because of its limits.
fn introduced<S: Read + Write>(mut stream: S) -> Option<S> {
    let takes = PeerLimits { frame: 1 << 20, ..PeerLimits::default() };
    stream.write_all(&hello(&[], takes)).unwrap();
    let mut length = [0; 4];
    stream.read_exact(&mut length).unwrap();
    let mut frame = vec![0; u32::from_le_bytes(length) as usize];
    stream.read_exact(&mut frame).unwrap();
    match Message::decode(&frame).unwrap() {
        Message::Welcome(_) => Some(stream),
        Message::Refuse { status, message } => {
            assert_eq!(status, i64::from(Status::LimitExceeded.code()), "{message}");
            None
        }
        other => panic!("neither welcome nor refuse: {other:?}"),
    }
}

/// As many TCP connections as the host accepts, of more than it has places for.
fn tcp_crowd(address: &str) -> Vec<TcpStream> {
    let dial = |_| introduced(TcpStream::connect(address).unwrap());
    (0..2 * PLACES).filter_map(dial).collect()
}

#[test]
fn a_crowd_on_tcp_leaves_places_to_local_users() {
    watched(LIMIT, || {
        let endpoint = format!("pipe://{}", unique("crowd"));
        let (_host, address) = host(&endpoint, |_| {});
        let (report, ()) = honest::beside(&endpoint, || {
            let crowd = tcp_crowd(&address);
            println!("{} of {PLACES} places went to TCP", crowd.len());
            assert_eq!(crowd.len(), PLACES * 3 / 4);
            let own = Client::connect(&endpoint).unwrap();
            own.wait_connected(Some(LIMIT)).expect("there is a place for the host's user");
        });
        report.require_unharmed();
    });
}

#[test]
fn a_crowd_at_one_address_leaves_places_to_others() {
    watched(LIMIT, || {
        let endpoint = format!("pipe://{}", unique("crowd"));
        let (_host, address) = host(&endpoint, |limits| limits.connections_per_user = 5);
        assert_eq!(tcp_crowd(&address).len(), 5);
    });
}

#[cfg(unix)]
#[test]
fn a_crowd_of_another_user_leaves_places_to_the_hosts_own() {
    if !is_root() {
        return;
    }
    watched(LIMIT, || {
        let endpoint = raw::local_endpoint("crowd");
        let mut limits = Limits::default();
        limits.connections = PLACES;
        limits.connections_per_user = PLACES;
        let _host =
            calculator_host(&format!("{endpoint}?access=everyone")).limits(limits).start().unwrap();
        let crowd: Vec<_> = as_stranger(|| {
            let dial = |_| introduced(raw::dial(&endpoint));
            (0..2 * PLACES).filter_map(dial).collect()
        });
        assert_eq!(crowd.len(), PLACES * 7 / 8);
        let own: Vec<_> = (0..2).map(|_| RawClient::ask(&endpoint)).collect();
        assert!(own.iter().all(Result::is_ok), "there are places for the host's own user");
    });
}

#[cfg(unix)]
#[test]
fn a_crowd_of_silent_diallers_gives_way_itself() {
    watched(LIMIT, || {
        let endpoint = raw::local_endpoint("crowd");
        let (_host, address) = host(&endpoint, |limits| limits.handshakes = 8);
        let slow = raw::dial(&endpoint);
        // The host has accepted the slow one, and before all others, when it welcomes the next one there.
        let _next = RawClient::connect(&endpoint);
        let crowd: Vec<_> = (0..50).map(|_| TcpStream::connect(&address).unwrap()).collect();
        // The one in the crowd that was dropped first has seen the end.
        assert_eq!((&crowd[0]).read(&mut [0]).unwrap_or(0), 0);
        introduced(slow).expect("its handshake was not dropped");
    });
}
