//! Listening and connecting: what exists, what is in the way, and which error results.

use crate::streams::{
    connect, endpoint, far, listen, receive_exactly, send_all, soon, unique, watched, Folder,
    STARTING,
};
use callgate::unstable::transport::{self, Access, Endpoint, Scope, User, Wait};
use callgate::Status;
use std::fs;
use std::net::SocketAddr;
use std::os::fd::AsRawFd;
use std::os::unix::fs::{symlink, MetadataExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::Barrier;
use std::thread;
use std::time::Instant;

fn refusal(endpoint: &Endpoint) -> callgate::Error {
    transport::listen(endpoint).err().expect("listening must fail")
}

fn failure(endpoint: &Endpoint) -> callgate::Error {
    transport::dial(endpoint, far()).err().expect("dialling must fail")
}

#[test]
fn local_peers_are_known() {
    let folder = Folder::new();
    let pipe = format!("pipe://{}", unique("peer"));
    let me = fs::metadata("/proc/self").unwrap();
    for endpoint in [endpoint(&pipe), folder.endpoint("peer.sock")] {
        let mut listener = transport::listen(&endpoint).unwrap();
        let (client, host) = connect(&mut *listener);
        for peer in [client.peer, host.peer] {
            assert_eq!(peer.user, Some(User::Unix(me.uid())));
            assert_eq!((peer.uid(), peer.sid()), (Some(me.uid()), None));
            assert_eq!(peer.gid, Some(me.gid()));
            assert_eq!(peer.pid, Some(std::process::id()));
            assert_eq!(peer.address, None);
        }
    }
}

#[test]
fn tcp_peers_have_addresses_and_the_listener_its_port() {
    let mut listener = listen("tcp://localhost:0");
    let Endpoint::Tcp { port, .. } = *listener.endpoint() else {
        panic!("{:?}", listener.endpoint());
    };
    assert_ne!(port, 0);
    let (client, host) = connect(&mut *listener);
    assert_eq!(client.peer.address.as_ref().map(SocketAddr::port), Some(port));
    assert!(host.peer.address.unwrap().ip().is_loopback());
    assert_eq!(host.peer.user, None);
}

#[test]
fn tcp_is_open_to_other_machines_only_where_that_is_asked_for() {
    for open in ["tcp://0.0.0.0:0", "tcp://[::]:0", "tcp://192.0.2.1:0"] {
        let refused = refusal(&endpoint(open));
        assert_eq!(refused.status(), Status::InvalidArgument, "{refused}");
        let cure = format!("{open}?insecure=1");
        assert!(refused.message().contains(&cure), "{refused}");
    }
    let mut listener = listen("tcp://0.0.0.0:0?insecure=1");
    let listens = listener.endpoint().to_string();
    assert!(listens.ends_with("?insecure=1") && !listens.contains(":0?"), "{listens}");
    let (client, host) = connect(&mut *listener);
    assert_eq!(client.peer.user.or(host.peer.user), None);
}

#[test]
fn stop_ends_accept_before_during_and_after() {
    let folder = Folder::new();
    for endpoint in [folder.endpoint("stop.sock"), endpoint("tcp://127.0.0.1:0")] {
        watched(move || {
            for round in 0..50 {
                let mut listener = transport::listen(&endpoint).unwrap();
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
                drop(listener);
                stopper.stop();
            }
        });
    }
}

#[test]
fn where_no_host_is_dialling_says_so() {
    let _closed_ones_are_gone = STARTING.read().unwrap();
    let folder = Folder::new();
    drop(UnixListener::bind(folder.0.join("stale.sock")).unwrap());
    let gone = listen("tcp://127.0.0.1:0").endpoint().clone();
    for endpoint in [
        endpoint(&format!("pipe://{}", unique("none"))),
        folder.endpoint("none.sock"),
        folder.endpoint("stale.sock"),
        gone,
    ] {
        let error = failure(&endpoint);
        assert_eq!(error.status(), Status::ChannelFaulted, "{error}");
        let expected = format!("no host listens on {endpoint}");
        assert!(error.message().contains(&expected), "{error}");
        assert!(error.os_code().is_some());
    }
}

#[test]
fn what_cannot_be_dialled_or_listened_on_is_refused() {
    assert_eq!(failure(&endpoint("tcp://localhost:0")).status(), Status::InvalidArgument);
    let nowhere = endpoint("unix:///no/such/folder/x.sock");
    assert_eq!(refusal(&nowhere).status(), Status::InvalidArgument);
    let forged = Endpoint::Unix { path: "relative".into(), access: Access::Owner };
    assert_eq!(refusal(&forged).status(), Status::InvalidArgument);
    assert_eq!(failure(&forged).status(), Status::InvalidArgument);
}

#[test]
fn whole_names_of_pipes_are_of_windows_alone() {
    let pipe = endpoint("pipe:////./pipe/MySoftware.Server");
    for error in [refusal(&pipe), failure(&pipe)] {
        assert_eq!(error.status(), Status::Unsupported, "{error}");
        assert!(error.message().contains("use pipe://name or unix:///"), "{error}");
    }
}

#[test]
fn a_host_that_does_not_accept_times_out_the_dial() {
    let folder = Folder::new();
    let endpoint = folder.endpoint("busy.sock");
    let listener = UnixListener::bind(folder.0.join("busy.sock")).unwrap();
    // SAFETY: takes no pointers; makes the queue as short as possible.
    assert_eq!(unsafe { libc::listen(listener.as_raw_fd(), 0) }, 0);
    watched(move || {
        let mut queued = Vec::new();
        loop {
            let deadline = soon(60);
            match transport::dial(&endpoint, deadline) {
                Ok(stream) => queued.push(stream),
                Err(error) => {
                    assert_eq!(error.status(), Status::TimedOut, "{error}");
                    assert!(Instant::now() >= deadline);
                    break;
                }
            }
        }
        // Its host is alive nevertheless, so it is not replaced.
        assert_eq!(refusal(&endpoint).status(), Status::AddressInUse);
        drop(listener);
    });
}

#[test]
fn a_second_host_is_told_that_the_first_is_there() {
    let folder = Folder::new();
    let pipe = format!("pipe://{}", unique("second"));
    for endpoint in [endpoint(&pipe), folder.endpoint("x.sock"), endpoint("tcp://127.0.0.1:0")] {
        let mut first = transport::listen(&endpoint).unwrap();
        let error = refusal(first.endpoint());
        assert_eq!(error.status(), Status::AddressInUse);
        assert!(error.message().contains(&first.endpoint().to_string()), "{error}");
        connect(&mut *first);
    }
}

#[test]
fn the_pipes_with_a_host_are_found() {
    let pipe = endpoint(&format!("pipe://{}", unique("found")));
    let is_found = || Endpoint::pipes(Scope::User).unwrap().contains(&pipe);
    assert!(!is_found());
    let listener = transport::listen(&pipe).unwrap();
    assert!(is_found());
    drop(listener);
    assert!(!is_found());
}

#[test]
fn closing_leaves_nothing_behind() {
    let folder = Folder::new();
    let endpoint = folder.endpoint("x.sock");
    for _ in 0..2 {
        let listener = transport::listen(&endpoint).unwrap();
        assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 2);
        drop(listener);
        assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 0);
    }
}

#[test]
fn a_live_socket_without_a_lock_is_not_stolen() {
    let _closed_ones_are_gone = STARTING.read().unwrap();
    let folder = Folder::new();
    let path = folder.0.join("x.sock");
    let other = UnixListener::bind(&path).unwrap();
    assert_eq!(refusal(&folder.endpoint("x.sock")).status(), Status::AddressInUse);
    let _client = UnixStream::connect(&path).unwrap();
    drop(other);
    transport::listen(&folder.endpoint("x.sock")).unwrap();
}

#[test]
fn what_is_no_socket_is_not_deleted() {
    let folder = Folder::new();
    fs::write(folder.0.join("file"), "precious").unwrap();
    fs::create_dir(folder.0.join("folder")).unwrap();
    drop(UnixListener::bind(folder.0.join("stale.sock")).unwrap());
    symlink(folder.0.join("stale.sock"), folder.0.join("link")).unwrap();
    for name in ["file", "folder", "link"] {
        let error = refusal(&folder.endpoint(name));
        assert_eq!(error.status(), Status::AddressInUse);
        assert!(error.message().contains("not a socket"), "{error}");
        assert!(folder.0.join(name).exists());
    }
    assert_eq!(fs::read_to_string(folder.0.join("file")).unwrap(), "precious");
}

#[test]
fn a_socket_that_took_our_place_is_left_alone() {
    let folder = Folder::new();
    let listener = transport::listen(&folder.endpoint("x.sock")).unwrap();
    fs::remove_file(folder.0.join("x.sock")).unwrap();
    let other = UnixListener::bind(folder.0.join("x.sock")).unwrap();
    drop(listener);
    UnixStream::connect(folder.0.join("x.sock")).unwrap();
    drop(other);
}

#[test]
fn a_link_in_place_of_the_lock_is_refused() {
    let folder = Folder::new();
    fs::write(folder.0.join("victim"), "precious").unwrap();
    symlink(folder.0.join("victim"), folder.0.join("x.sock.lock")).unwrap();
    let error = refusal(&folder.endpoint("x.sock"));
    assert_eq!(error.status(), Status::AccessDenied);
    assert!(error.message().contains("x.sock.lock"), "{error}");
    let mode = fs::metadata(folder.0.join("victim")).unwrap().permissions().mode();
    assert_ne!(mode & 0o777, 0o600);
}

#[test]
fn names_are_taken_as_they_are() {
    let name = format!("{} größe%20.sock", unique("odd"));
    let mut listener = listen(&format!("pipe://{name}"));
    let (mut client, mut host) = connect(&mut *listener);
    send_all(&mut *client.transmit, b"x");
    assert_eq!(receive_exactly(&mut *host.receive, 1, &Wait::default()), b"x");
}
