//! What is special about Windows: names that are not paths, instances of pipes, clients that leave early.

use crate::streams::{
    connect, endpoint, far, listen, receive_exactly, room, send_all, soon, unique, watched,
};
use callgate::unstable::transport::{self, Arrival, Endpoint, Listen, Scope, Wait};
use callgate::Status;
use std::fs::OpenOptions;
use std::os::windows::fs::OpenOptionsExt;
use std::sync::Barrier;
use std::thread;
use std::time::Instant;

fn failure(text: &str) -> callgate::Error {
    transport::dial(&endpoint(text), far()).err().expect("dialling must fail")
}

fn assert_works(listener: &mut dyn Listen) {
    let (mut client, mut host) = connect(listener);
    send_all(&mut *client.transmit, b"x");
    assert_eq!(receive_exactly(&mut *host.receive, 1, &Wait::default()), b"x");
}

#[test]
fn the_peers_of_pipes_are_known() {
    let mut listener = listen(&format!("pipe://{}", unique("peer")));
    let (client, host) = connect(&mut *listener);
    for peer in [&client.peer, &host.peer] {
        assert_eq!(peer.pid, Some(std::process::id()));
        assert!(peer.sid().is_some_and(|sid| sid.starts_with("S-1-5-21-")), "{peer:?}");
        assert_eq!((peer.uid(), peer.gid, peer.address), (None, None, None));
    }
    assert_eq!(client.peer.user, host.peer.user);
    let name = host.peer.user.and_then(|user| user.name()).unwrap();
    let own = std::env::var("USERNAME").unwrap();
    assert!(name.ends_with(&format!(r"\{own}")), "{name}");
}

#[test]
fn pipes_with_whole_names_are_where_other_software_finds_them() {
    let name = unique("whole name, #1 & more");
    let mut listener = listen(&format!("pipe:////./pipe/{name}"));
    let path = format!(r"\\.\pipe\{name}");
    // The host learns the user of such clients at once, and of others only when they write.
    const SECURITY_IDENTIFICATION: u32 = 1 << 16;
    let mut other = OpenOptions::new();
    other.read(true).write(true).security_qos_flags(SECURITY_IDENTIFICATION);
    let other = other.open(&path).unwrap();
    let stream = listener.accept().unwrap().unwrap();
    drop((other, stream));
    assert_works(&mut *listener);
    drop(listener);
    assert!(OpenOptions::new().read(true).open(&path).is_err());
}

#[test]
fn unix_sockets_are_refused_with_the_cure() {
    let unix = endpoint("unix:///run/x.sock");
    for error in [transport::listen(&unix).err().unwrap(), failure("unix:///run/x.sock")] {
        assert_eq!(error.status(), Status::Unsupported, "{error}");
        assert!(error.message().contains("use pipe://"), "{error}");
    }
}

#[test]
fn where_no_host_is_dialling_says_so() {
    let gone = listen("tcp://127.0.0.1:0").endpoint().to_string();
    for text in [format!("pipe://{}", unique("none")), gone] {
        let error = failure(&text);
        assert_eq!(error.status(), Status::ChannelFaulted, "{error}");
        assert!(error.message().contains(&format!("no host listens on {text}")), "{error}");
    }
    assert_eq!(failure("tcp://localhost:0").status(), Status::InvalidArgument);
}

#[test]
fn the_name_is_free_once_the_host_is_gone() {
    let pipe = endpoint(&format!("pipe://{}", unique("free")));
    for _ in 0..20 {
        let mut listener = transport::listen(&pipe).unwrap();
        assert_works(&mut *listener);
        drop(listener);
        assert!(transport::dial(&pipe, far()).is_err());
    }
}

#[test]
fn stop_ends_accept_before_during_and_after() {
    for text in [format!("pipe://{}", unique("stop")), "tcp://127.0.0.1:0".to_string()] {
        watched(move || {
            for round in 0..30 {
                let mut listener = listen(&text);
                let stopper = listener.stopper();
                let barrier = Barrier::new(2);
                thread::scope(|scope| {
                    scope.spawn(|| {
                        barrier.wait();
                        (0..round * 20).for_each(|_| std::hint::spin_loop());
                        stopper.stop();
                    });
                    barrier.wait();
                    assert!(listener.accept().unwrap().is_none());
                });
                transport::dial(listener.endpoint(), far()).unwrap();
                assert!(listener.accept().unwrap().is_none());
            }
        });
    }
}

#[test]
fn clients_that_leave_early_do_not_end_accepting() {
    for text in [format!("pipe://{}", unique("leave")), "tcp://127.0.0.1:0".to_string()] {
        watched(move || {
            let mut listener = listen(&text);
            let endpoint = listener.endpoint().clone();
            for _ in 0..100 {
                drop(transport::dial(&endpoint, far()).unwrap());
                thread::scope(|scope| {
                    scope.spawn(|| {
                        let mut client = transport::dial(&endpoint, far()).unwrap();
                        send_all(&mut *client.transmit, b"x");
                        client.receive.recv(&mut room(1), &Wait::default()).unwrap();
                    });
                    // The stream of the client that has left may come out, and is at its end.
                    let mut arrival = Arrival::End;
                    while arrival == Arrival::End {
                        let mut host = listener.accept().unwrap().unwrap();
                        arrival = host.receive.recv(&mut room(1), &Wait::default()).unwrap();
                    }
                    assert_eq!(arrival, Arrival::Bytes(1));
                });
            }
        });
    }
}

#[test]
fn a_host_that_does_not_accept_times_out_the_dial() {
    watched(|| {
        let listener = listen(&format!("pipe://{}", unique("busy")));
        let _waits = transport::dial(listener.endpoint(), far()).unwrap();
        let deadline = soon(60);
        let error = transport::dial(listener.endpoint(), deadline).err().unwrap();
        assert_eq!(error.status(), Status::TimedOut, "{error}");
        assert!(Instant::now() >= deadline);
    });
}

#[test]
fn a_dial_that_waits_can_be_stopped() {
    watched(|| {
        let listener = listen(&format!("pipe://{}", unique("stopped")));
        let _waits = transport::dial(listener.endpoint(), far()).unwrap();
        let dialler = transport::Dialler::new(listener.endpoint(), far()).unwrap();
        let stopper = dialler.stopper();
        thread::scope(|scope| {
            scope.spawn(move || stopper.stop());
            assert_eq!(dialler.dial().err().unwrap().status(), Status::Closed);
        });
    });
}

#[test]
fn many_clients_at_once_are_all_accepted() {
    const CLIENTS: usize = 40;
    watched(|| {
        let mut listener = listen(&format!("pipe://{}", unique("many")));
        let endpoint = listener.endpoint().clone();
        thread::scope(|scope| {
            for _ in 0..CLIENTS {
                scope.spawn(|| {
                    let mut client = transport::dial(&endpoint, far()).unwrap();
                    send_all(&mut *client.transmit, b"x");
                    client.receive.recv(&mut room(1), &Wait::default()).unwrap();
                });
            }
            for _ in 0..CLIENTS {
                let mut host = listener.accept().unwrap().unwrap();
                assert_eq!(receive_exactly(&mut *host.receive, 1, &Wait::default()), b"x");
                host.control.shutdown();
            }
        });
    });
}

#[test]
fn a_pipe_takes_a_large_frame_that_nobody_reads() {
    const LARGE: usize = 256 << 10;
    watched(|| {
        let mut listener = listen(&format!("pipe://{}", unique("large")));
        let (mut client, _host) = connect(&mut *listener);
        send_all(&mut *client.transmit, &vec![0x5a; LARGE]);
    });
}

#[test]
fn the_pipes_with_a_host_are_found() {
    let pipe = endpoint(&format!("pipe://{}", unique("found")));
    let is_found = || Endpoint::pipes(Scope::User).unwrap().contains(&pipe);
    if let Err(error) = Endpoint::pipes(Scope::User) {
        // ERROR_BAD_DEV_TYPE.
        assert_eq!(error.os_code(), Some(66), "{error}");
        return eprintln!("NOT TESTED: wine does not list pipes");
    }
    assert!(!is_found());
    let listener = transport::listen(&pipe).unwrap();
    assert!(is_found());
    drop(listener);
    assert!(!is_found());
}

#[test]
fn names_are_taken_as_they_are() {
    assert_works(&mut *listen(&format!("pipe://{} größe%20.x", unique("odd"))));
}
