//! Peers that speak no TLS, another TLS, nothing or nonsense.

use crate::raw::{client_config, connect, meet, serve, server_config};
use crate::scene::{add, assert_fails, connecting, port, Scene, LIMIT};
use crate::support::gate::eventually;
use crate::support::{calculator_host, watched};
use callgate::{Limits, Status};
use rustls::pki_types::ServerName;
use rustls::ClientConnection;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

/// How long a handshake may take, where a test waits for its end.
const SHORT: Duration = Duration::from_millis(500);

/// Reads until the peer has ended the stream.
fn read_to_end(mut stream: TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    match stream.read_to_end(&mut bytes) {
        Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => panic!("it never ended"),
        _ => bytes,
    }
}

#[test]
fn sides_without_tls_and_with_tls_do_not_meet() {
    watched(LIMIT, || {
        let scene = Scene::new();
        let (secure, plain) =
            (scene.start(), calculator_host("tcp://127.0.0.1:0").start().unwrap());
        let options = format!("{}&{}", scene.client.options(), scene.trust());
        let error = add(&connecting(&plain, &options)).unwrap_err();
        assert_eq!(error.status(), Status::ChannelFaulted, "{error}");
        assert!(error.to_string().contains("TLS handshake"), "{error}");
        let error = add(&format!("tcp://127.0.0.1:{}", port(&secure))).unwrap_err();
        assert_eq!(error.status(), Status::ChannelFaulted, "{error}");
        assert_eq!(add(&scene.client_endpoint(&secure)).unwrap(), 3);
    });
}

#[test]
fn clients_of_other_versions_and_protocols_are_refused() {
    watched(LIMIT, || {
        let scene = Scene::new();
        let (host, log) = scene.start_logging();
        let (old, new) = (&rustls::version::TLS12, &rustls::version::TLS13);
        for (what, config, alert) in [
            ("TLS 1.2", client_config(&scene, &[old], &["callgate/1"]), "ProtocolVersion"),
            ("HTTP", client_config(&scene, &[new], &["h2", "http/1.1"]), "NoApplicationProtocol"),
        ] {
            let error = meet(config, &host).expect_err(what).to_string();
            assert!(error.contains(alert), "{what}: {error}");
        }
        // Who names no protocol gets nothing but the end.
        let unnamed = client_config(&scene, &[new], &[]);
        assert_eq!(meet(unnamed, &host).unwrap(), b"");
        // And its host says why, as it does for HTTP.
        eventually("the host has logged both", || {
            log.lock().unwrap().matches("the peer uses TLS for another protocol").count() == 2
        });
        assert!(host.connections().is_empty());
        assert_eq!(add(&scene.client_endpoint(&host)).unwrap(), 3);
    });
}

#[test]
fn hosts_of_other_versions_and_protocols_are_refused() {
    watched(LIMIT, || {
        let scene = Scene::new();
        let (old, new) = (&rustls::version::TLS12, &rustls::version::TLS13);
        for (versions, protocol, why) in [
            (&[old], "callgate/1", "no TLS in common"),
            (&[new], "", "for another protocol than Callgate's"),
            (&[new], "h2", "no TLS in common"),
        ] {
            let port = serve(server_config(&scene, versions, protocol));
            let endpoint = format!("tls://localhost:{port}?{}", scene.trust());
            assert_fails(&endpoint, Status::Unsupported, why);
        }
    });
}

#[test]
fn garbage_gets_an_alert_and_the_end() {
    watched(LIMIT, || {
        let scene = Scene::new();
        let host = scene.start();
        let mut record = vec![22, 3, 1, 0x3f, 0xff];
        record.resize(100_000, 0x5a);
        for garbage in [&b"GET / HTTP/1.1\r\n\r\n"[..], &[0; 70_000], &[0xff; 10], &record] {
            let mut stream = connect(&host);
            // The host may have ended the stream by now.
            let _ = stream.write_all(garbage);
            let _ = stream.shutdown(std::net::Shutdown::Write);
            let answer = read_to_end(stream);
            assert!(answer.len() < 100, "{answer:?}");
        }
        assert_eq!(add(&scene.client_endpoint(&host)).unwrap(), 3);
    });
}

#[test]
fn a_silent_client_holds_nothing_but_its_place_until_the_deadline() {
    watched(LIMIT, || {
        let scene = Scene::new();
        let mut limits = Limits::default();
        limits.handshake_timeout = SHORT;
        limits.handshakes = 4;
        let host = calculator_host(&scene.host_endpoint()).limits(limits).start().unwrap();
        let hello = {
            let config = client_config(&scene, &[&rustls::version::TLS13], &["callgate/1"]);
            let name = ServerName::try_from("localhost").unwrap();
            let mut tls = ClientConnection::new(Arc::new(config), name).unwrap();
            let mut bytes = Vec::new();
            tls.write_tls(&mut bytes).unwrap();
            bytes
        };
        // Nothing, a part of a hello, and a hello without what must follow; more than there are places.
        let silent: Vec<_> = [0, 1, hello.len() - 1, hello.len()]
            .iter()
            .cycle()
            .take(12)
            .map(|count| {
                let mut stream = connect(&host);
                stream.write_all(&hello[..*count]).unwrap();
                stream
            })
            .collect();
        assert_eq!(add(&scene.client_endpoint(&host)).unwrap(), 3);
        for stream in silent {
            read_to_end(stream);
        }
        assert!(host.connections().is_empty());
    });
}

#[test]
fn a_thousand_clients_that_vanish_leave_nothing() {
    watched(LIMIT, || {
        let scene = Scene::new();
        let host = scene.start();
        let connected = scene.client_endpoint(&host);
        for round in 0..1_000 {
            let mut stream = connect(&host);
            if round % 3 > 0 {
                let _ = stream.write_all(&[22, 3, 1, 2, 0, 1, 0, 1, 0xfc][..1 + round % 9]);
            }
            if round % 100 == 0 {
                assert_eq!(add(&connected).unwrap(), 3);
            }
        }
        assert_eq!(add(&connected).unwrap(), 3);
        eventually("all connections are gone", || host.connections().is_empty());
        host.close().unwrap();
    });
}
