//! Peers that break what is particular to pipes of Windows: the pieces in which bytes travel there, instances,
//! and clients that vanish.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::os::windows::fs::OpenOptionsExt;
use std::sync::mpsc;
use std::time::Duration;

use callgate::unstable::wire::{Message, PeerLimits};
use callgate::{Client, Host, Limits, Status};

use crate::honest::beside;
use crate::support::gate::eventually;
use crate::support::process::{self, Process};
use crate::support::raw::{call_frame, hello};
use crate::support::{binary, calculator_host, unique, watched};

const LIMIT: Duration = Duration::from_secs(240);

/// How long a handshake, and a frame that has begun, may stand still.
const SHORT: Duration = Duration::from_secs(1);

/// An endpoint whose pipe has the name that the endpoint shows.
fn endpoint(name: &str) -> String {
    format!("pipe:////./pipe/{}", unique(name))
}

fn host(endpoint: &str) -> Host {
    let mut limits = Limits::default();
    limits.handshake_timeout = SHORT;
    limits.write_timeout = SHORT;
    calculator_host(endpoint).limits(limits).start().unwrap()
}

/// Connects to a pipe as other software does. Waits while all instances are busy.
fn open(endpoint: &str) -> File {
    const SECURITY_IDENTIFICATION: u32 = 1 << 16;
    const ERROR_PIPE_BUSY: i32 = 231;
    let path = endpoint.replace("pipe:////./pipe/", r"\\.\pipe\");
    let mut options = OpenOptions::new();
    options.read(true).write(true).security_qos_flags(SECURITY_IDENTIFICATION);
    loop {
        match options.open(&path) {
            Err(error) if error.raw_os_error() == Some(ERROR_PIPE_BUSY) => std::thread::yield_now(),
            opened => return opened.expect("the host listens"),
        }
    }
}

/// A piece that claims a length and brings these bytes.
fn claiming(length: usize, bytes: &[u8]) -> Vec<u8> {
    [&(length as u32).to_le_bytes(), bytes].concat()
}

fn piece(bytes: &[u8]) -> Vec<u8> {
    claiming(bytes.len(), bytes)
}

fn greeting() -> Vec<u8> {
    hello(&[], PeerLimits { frame: 1 << 24, ..PeerLimits::default() })
}

/// Reads up to the end, which may be a broken pipe.
fn until_end(mut pipe: File) {
    match pipe.read_to_end(&mut Vec::new()) {
        Ok(_) => {}
        Err(error) => assert_eq!(error.kind(), io::ErrorKind::BrokenPipe, "{error}"),
    }
}

/// Reads the host's next piece: one frame, if nothing else is being sent.
fn next_piece(pipe: &mut File) -> Vec<u8> {
    let mut length = [0; 4];
    pipe.read_exact(&mut length).unwrap();
    let mut bytes = vec![0; u32::from_le_bytes(length) as usize];
    pipe.read_exact(&mut bytes).unwrap();
    bytes
}

#[test]
fn broken_pieces_end_their_connection_alone() {
    watched(LIMIT, || {
        let endpoint = endpoint("broken-pieces");
        let host = host(&endpoint);
        let add = call_frame(1, "ICalculator", "Add", &[0x92, 1, 2]);
        let broken: [(&str, Vec<u8>); 9] = [
            ("nothing", vec![]),
            ("half a length", vec![16, 0]),
            ("an end before the hello", vec![0; 4]),
            ("frames without pieces", greeting()),
            ("another protocol", b"GET / HTTP/1.1\r\n\r\n".to_vec()),
            ("a length of 4 GiB that never comes", claiming(u32::MAX as usize, &[0; 100])),
            ("half a hello in a whole piece", piece(&greeting()[..20])),
            (
                "a frame that the piece cuts",
                [piece(&greeting()), claiming(1000, &add[..9])].concat(),
            ),
            (
                "a frame and an end within it",
                [piece(&greeting()), piece(&add[..9]), vec![0; 4]].concat(),
            ),
        ];
        let (report, ()) = beside(&endpoint, || {
            for (what, bytes) in broken {
                println!("{what}");
                let mut pipe = open(&endpoint);
                pipe.write_all(&bytes).unwrap();
                until_end(pipe);
            }
        });
        report.require_unharmed();
        eventually("they leave nothing behind", || host.connections().is_empty());
    });
}

#[test]
fn pieces_of_a_byte_make_a_connection() {
    watched(LIMIT, || {
        let endpoint = endpoint("crumbs");
        let _host = host(&endpoint);
        let mut pipe = open(&endpoint);
        let call = call_frame(1, "ICalculator", "Add", &[0x92, 1, 2]);
        for frame in [greeting(), call] {
            let crumbs: Vec<u8> = frame.iter().flat_map(|byte| piece(&[*byte])).collect();
            pipe.write_all(&crumbs).unwrap();
            assert!(!next_piece(&mut pipe).is_empty());
        }
        // The end of sending, between two pieces.
        pipe.write_all(&[0; 4]).unwrap();
        until_end(pipe);
    });
}

#[test]
fn clients_that_leave_at_any_byte_are_forgotten() {
    const CLIENTS: usize = 1000;
    watched(LIMIT, || {
        let endpoint = endpoint("leave");
        let host = host(&endpoint);
        let bytes = piece(&greeting());
        let (report, ()) = beside(&endpoint, || {
            for client in 0..CLIENTS {
                let mut pipe = open(&endpoint);
                pipe.write_all(&bytes[..client % (bytes.len() + 1)]).unwrap();
            }
        });
        report.require_unharmed();
        eventually("they leave nothing behind", || host.connections().is_empty());
    });
}

/// Each child has connections in every phase when it is killed, and has begun a piece on some.
#[test]
fn clients_that_are_killed_at_any_byte_are_forgotten() {
    const TEST: &str = "pipes::clients_that_are_killed_at_any_byte_are_forgotten";
    const KILLS: usize = 20;
    const PIPES: usize = 50;
    if let Some(endpoint) = process::role() {
        let begun = claiming(1 << 20, &call_frame(1, "ICalculator", "Echo", &binary(1 << 19)));
        let bytes = [piece(&greeting()), begun].concat();
        let pipes: Vec<File> = (0..PIPES)
            .map(|number| {
                let mut pipe = open(&endpoint);
                pipe.write_all(&bytes[..bytes.len().min(number * 4)]).unwrap();
                pipe
            })
            .collect();
        process::tell("begun");
        process::orders().for_each(drop);
        return drop(pipes);
    }
    watched(LIMIT, || {
        let endpoint = endpoint("killed");
        let host = host(&endpoint);
        let (report, ()) = beside(&endpoint, || {
            for _ in 0..KILLS {
                let mut child = Process::start(TEST, &endpoint);
                assert_eq!(child.hear(), "begun");
                child.kill();
            }
        });
        report.require_unharmed();
        eventually("they leave nothing behind", || host.connections().is_empty());
    });
}

#[test]
fn a_client_that_never_reads_its_pipe_is_disconnected() {
    watched(LIMIT, || {
        let endpoint = endpoint("never-reads");
        let (left, leaving) = mpsc::channel();
        let mut limits = Limits::default();
        limits.write_timeout = SHORT;
        let host = calculator_host(&endpoint)
            .limits(limits)
            .client_disconnected(move |_, reason| left.send(reason.status()).unwrap())
            .start()
            .unwrap();
        let mut pipe = open(&endpoint);
        pipe.write_all(&piece(&greeting())).unwrap();
        for id in 1..=4 {
            let call = call_frame(id, "ICalculator", "Echo", &binary(1 << 20));
            pipe.write_all(&piece(&call)).unwrap();
        }
        assert_eq!(leaving.recv_timeout(LIMIT / 2).unwrap(), Status::ChannelFaulted);
        drop(pipe);
        host.close().unwrap();
    });
}

#[test]
fn a_crowd_of_silent_clients_gives_way() {
    watched(LIMIT, || {
        let endpoint = endpoint("silent");
        let mut limits = Limits::default();
        limits.handshakes = 8;
        limits.handshake_timeout = LIMIT;
        let _host = calculator_host(&endpoint).limits(limits).start().unwrap();
        let (report, crowd) =
            beside(&endpoint, || (0..50).map(|_| open(&endpoint)).collect::<Vec<_>>());
        report.require_unharmed();
        let mut crowd = crowd.into_iter();
        // Dropped for the newer ones.
        until_end(crowd.next().unwrap());
    });
}

#[test]
fn a_crowd_of_silent_diallers_on_tcp_gives_way_itself() {
    watched(LIMIT, || {
        let endpoint = endpoint("slow");
        let mut limits = Limits::default();
        limits.handshakes = 8;
        let builder = calculator_host(&endpoint).endpoint("tcp://127.0.0.1:0");
        let host = builder.limits(limits).start().unwrap();
        let address = host.endpoints()[1].to_string().replace("tcp://", "");
        let mut slow = open(&endpoint);
        // The host has accepted the slow one, and before all others, when it welcomes the next one there.
        let next = Client::connect(&endpoint).unwrap();
        next.wait_connected(None).unwrap();
        let crowd: Vec<_> = (0..50).map(|_| TcpStream::connect(&address).unwrap()).collect();
        // The one in the crowd that was dropped first has seen the end.
        assert_eq!((&crowd[0]).read(&mut [0]).unwrap_or(0), 0);
        slow.write_all(&piece(&greeting())).unwrap();
        let welcome = next_piece(&mut slow);
        assert!(matches!(Message::decode(&welcome[4..]).unwrap(), Message::Welcome(_)));
    });
}
