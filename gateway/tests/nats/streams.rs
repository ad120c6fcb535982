//! What gateways make of bytes: the same bytes. These hosts and clients are plain sockets.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use crate::support::gateway::{connect_at, offer, Gateway};
use crate::support::server::Server;
use crate::support::{unique, watched, LIMIT};

/// A host that is a plain listener, and gateways to it.
struct Scene {
    listener: TcpListener,
    entrance: String,
    _gateways: [Gateway; 2],
    _server: Server,
}

impl Scene {
    fn new() -> Option<Scene> {
        Server::start().map(Scene::on)
    }

    fn on(server: Server) -> Scene {
        let listener = TcpListener::bind("127.0.0.1:0").expect("it listens");
        let host = format!("tcp://{}", listener.local_addr().expect("an address"));
        let service = server.service("test");
        let gateways = [offer(&service, &host), connect_at(&service, "tcp://127.0.0.1:0", &[])];
        let entrance = gateways[1].endpoint.trim_start_matches("tcp://").to_owned();
        Scene { listener, entrance, _gateways: gateways, _server: server }
    }

    /// Both ends of a new connection: the client's and the host's.
    fn connection(&self) -> (TcpStream, TcpStream) {
        let client = TcpStream::connect(&self.entrance).expect("the gateway listens");
        let (host, _) = self.listener.accept().expect("the gateway connects");
        for stream in [&client, &host] {
            stream.set_read_timeout(Some(LIMIT)).expect("a timeout");
        }
        (client, host)
    }
}

/// Bytes without a short period.
fn bytes(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at % 251) as u8 ^ (at / 65_536) as u8).collect()
}

#[test]
fn bytes_arrive_as_they_are_sent_in_both_directions() {
    watched(|| {
        let Some(scene) = Scene::new() else { return };
        let (mut client, mut host) = scene.connection();
        for length in [1, 2, 1000, 65_510, 65_536, 65_537, 300_000] {
            let sent = bytes(length);
            let mut arrived = vec![0; length];
            thread::scope(|scope| {
                scope.spawn(|| client.write_all(&sent).unwrap());
                host.read_exact(&mut arrived).unwrap();
            });
            assert!(arrived == sent, "{length} to the host");
            thread::scope(|scope| {
                scope.spawn(|| host.write_all(&sent).unwrap());
                client.read_exact(&mut arrived).unwrap();
            });
            assert!(arrived == sent, "{length} to the client");
        }
    });
}

#[test]
fn one_direction_may_end_before_the_other() {
    watched(|| {
        let Some(scene) = Scene::new() else { return };
        let (mut client, mut host) = scene.connection();
        client.write_all(b"question").unwrap();
        client.shutdown(Shutdown::Write).unwrap();
        let mut question = String::new();
        host.read_to_string(&mut question).unwrap();
        assert_eq!(question, "question");
        let sent = bytes(3_000_000);
        thread::scope(|scope| {
            let sent = &sent;
            scope.spawn(move || host.write_all(sent).unwrap());
            let mut answer = Vec::new();
            client.read_to_end(&mut answer).unwrap();
            assert!(answer == *sent);
        });
    });
}

#[test]
fn a_slow_reader_slows_its_sender_and_nobody_else() {
    watched(|| {
        let Some(scene) = Scene::new() else { return };
        let (mut client, mut host) = scene.connection();
        let (mut other_client, mut other_host) = scene.connection();
        // Far more than the window and all buffers of the system on the way.
        let sent = bytes(64_000_000);
        // Nobody reads, so there is no room at last.
        client.set_write_timeout(Some(Duration::from_secs(1))).unwrap();
        let mut written = 0;
        while let Ok(count) = client.write(&sent[written..]) {
            written += count;
        }
        assert!(written < sent.len());
        other_client.write_all(b"meanwhile").unwrap();
        let mut meanwhile = [0; 9];
        other_host.read_exact(&mut meanwhile).unwrap();
        assert_eq!(&meanwhile, b"meanwhile");
        client.set_write_timeout(None).unwrap();
        let mut arrived = vec![0; sent.len()];
        thread::scope(|scope| {
            scope.spawn(|| client.write_all(&sent[written..]).unwrap());
            host.read_exact(&mut arrived).unwrap();
        });
        assert!(arrived == sent);
    });
}

#[test]
fn a_server_that_takes_only_small_messages_gets_small_ones() {
    watched(|| {
        let config = std::env::temp_dir().join(unique("config"));
        std::fs::write(&config, "max_payload: 2048\n").expect("it is written");
        let _removed = Removed(config.clone());
        let Some(server) = Server::start_with(&["-c", config.to_str().expect("UTF-8")]) else {
            return;
        };
        let scene = Scene::on(server);
        let (mut client, mut host) = scene.connection();
        let sent = bytes(500_000);
        let mut arrived = vec![0; sent.len()];
        thread::scope(|scope| {
            scope.spawn(|| client.write_all(&sent).unwrap());
            host.read_exact(&mut arrived).unwrap();
        });
        assert!(arrived == sent);
    });
}

/// A file, removed on drop.
struct Removed(PathBuf);

impl Drop for Removed {
    fn drop(&mut self) {
        std::fs::remove_file(&self.0).ok();
    }
}
