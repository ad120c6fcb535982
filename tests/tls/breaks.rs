//! Streams that break, or that somebody on the way changes.

use crate::scene::{port, Scene, LIMIT};
use crate::support::gate::eventually;
use crate::support::watched;
use callgate::testing::{Direction, Faults, FaultyRelay};
use callgate::unstable::transport::{self, Arrival, Chunk, Guard, Wait};
use callgate::{Client, Host, Limits, Proxy, Status};
use std::time::{Duration, Instant};

/// A relay in front of a host, and the endpoint of the relay for clients.
fn relay(scene: &Scene, host: &Host, faults: Faults) -> (FaultyRelay, String) {
    let to = format!("tcp://127.0.0.1:{}", port(host));
    let relay = FaultyRelay::start("tcp://127.0.0.1:0", &to, faults).unwrap();
    let at = relay.endpoint().strip_prefix("tcp://127.0.0.1:").unwrap();
    let (client, trust) = (scene.client.options(), scene.trust());
    let endpoint = format!("tls://localhost:{at}?{client}&{trust}");
    (relay, endpoint)
}

/// A client that soon gives up a handshake and tries again.
fn quick(endpoint: &str) -> Client {
    let mut limits = Limits::default();
    limits.handshake_timeout = Duration::from_secs(1);
    limits.reconnect_backoff = Some((Duration::from_millis(1), Duration::from_millis(5)));
    Client::builder(endpoint).limits(limits).connect().unwrap()
}

/// Calls until the connection has broken, or often; returns whether a call failed.
fn call_until_broken(relay: &FaultyRelay, proxy: &Proxy) -> bool {
    for number in 0..2_000 {
        match proxy.call::<i64>("Add", &(number, 1)) {
            Ok(sum) => assert_eq!(sum, number + 1),
            Err(error) => {
                assert_eq!(error.status(), Status::ChannelFaulted, "{error}");
                eventually("the client has connected again", || relay.connections() >= 2);
                return true;
            }
        }
    }
    false
}

#[test]
fn a_changed_byte_ends_the_connection_and_no_call_gets_a_wrong_reply() {
    watched(LIMIT, || {
        let scene = Scene::new();
        let host = scene.start();
        for direction in [Direction::ToHost, Direction::ToClient] {
            let mut broken = 0;
            for at in [5_000, 5_020, 20_000, 20_001, 30_007] {
                let mut faults = Faults::default();
                faults.direction = Some(direction);
                faults.connections = Some(1);
                faults.corrupt = Some(at..=at);
                let (relay, endpoint) = relay(&scene, &host, faults);
                let client = quick(&endpoint);
                broken +=
                    i32::from(call_until_broken(&relay, &client.proxy("ICalculator").unwrap()));
            }
            // TLS ignores the two bytes of a record that once named a version.
            assert!(broken >= 3, "only {broken} of 5 connections broke");
        }
    });
}

#[test]
fn a_changed_byte_in_the_handshake_lets_nobody_in() {
    watched(LIMIT, || {
        let scene = Scene::new();
        let host = scene.start();
        for direction in [Direction::ToHost, Direction::ToClient] {
            for at in [0, 4, 10, 100, 200, 600] {
                let mut faults = Faults::default();
                faults.direction = Some(direction);
                faults.corrupt = Some(at..=at);
                let (relay, endpoint) = relay(&scene, &host, faults);
                let client = quick(&endpoint);
                eventually("the client has tried twice", || relay.connections() >= 2);
                assert!(client.connection().is_none());
                assert!(host.connections().is_empty());
                relay.set_faults(Faults::default()).unwrap();
                eventually("the client is connected", || client.connection().is_some());
                client.close().unwrap();
                eventually("the connection is gone", || host.connections().is_empty());
            }
        }
    });
}

#[test]
fn a_stream_that_is_cut_has_not_ended() {
    watched(LIMIT, || {
        let scene = Scene::new();
        let listening = scene.host_endpoint().parse().unwrap();
        let guard = Guard::of_host(&listening).unwrap();
        let mut listener = transport::listen(&listening).unwrap();
        let callgate::Endpoint::Tls { port, .. } = *listener.endpoint() else { unreachable!() };
        let to = format!("tcp://127.0.0.1:{port}");
        let relay = FaultyRelay::start("tcp://127.0.0.1:0", &to, Faults::default()).unwrap();
        let at = relay.endpoint().strip_prefix("tcp://127.0.0.1:").unwrap();
        let (client, trust) = (scene.client.options(), scene.trust());
        let endpoint = format!("tls://localhost:{at}?{client}&{trust}").parse().unwrap();
        let far = Instant::now() + Duration::from_secs(60);
        let dialling = std::thread::spawn(move || transport::dial(&endpoint, far).unwrap());
        let raw = listener.accept().unwrap().expect("nobody stopped it");
        let mut host = guard.secure(raw, far).unwrap();
        let mut client = dialling.join().unwrap();
        relay.cut();
        for stream in [&mut client, &mut host] {
            let mut buffer = Chunk::with_capacity(10).unwrap();
            let arrival = stream.receive.recv(&mut buffer, &Wait::default());
            assert_ne!(arrival.ok(), Some(Arrival::End), "a cut stream seems to have ended");
        }
    });
}

#[test]
fn a_relay_has_no_certificates() {
    let [plain, encrypted] = ["tcp://127.0.0.1:0", "tls://127.0.0.1:4000?trust=anyone"];
    for (listen, host) in [(plain, encrypted), (encrypted, plain)] {
        let error = FaultyRelay::start(listen, host, Faults::default()).unwrap_err();
        assert_eq!(error.status(), Status::Unsupported, "{error}");
        assert!(error.message().contains("from tcp:// to tcp://, with the host's port"), "{error}");
    }
}

#[test]
fn a_client_connects_again_after_a_cut() {
    watched(LIMIT, || {
        let scene = Scene::new();
        let host = scene.start();
        let (relay, endpoint) = relay(&scene, &host, Faults::default());
        let client = Client::connect(&endpoint).unwrap();
        let proxy = client.proxy("ICalculator").unwrap();
        for _ in 0..3 {
            client.wait_connected(None).unwrap();
            assert_eq!(proxy.call::<i64>("Add", &(1, 2)).unwrap(), 3);
            let before = relay.connections();
            relay.cut();
            eventually("the client has connected again", || relay.connections() > before);
        }
    });
}
