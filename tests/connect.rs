//! Clients that are still connecting, or that connect again and again.

mod support;

use std::fs;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::{AsRawFd, RawFd};
use std::os::unix::net::UnixListener;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use callgate::{Client, Limits, Status};
use support::gate::eventually;
use support::{calculator_host, unique, watched};

const LIMIT: Duration = Duration::from_secs(60);

/// A client that waits long for its host.
fn client(endpoint: &str) -> Client {
    let mut limits = Limits::default();
    limits.handshake_timeout = LIMIT * 10;
    Client::builder(endpoint).limits(limits).connect().unwrap()
}

/// Makes a listener's accept queue as short as possible.
fn shorten(listener: RawFd) {
    // SAFETY: takes no pointers.
    assert_eq!(unsafe { libc::listen(listener, 0) }, 0);
}

/// Connects until the accept queue is full.
fn fill(address: SocketAddr) -> Vec<TcpStream> {
    let connect = || TcpStream::connect_timeout(&address, Duration::from_millis(200)).ok();
    std::iter::from_fn(connect).collect()
}

/// How many sockets of this machine wait for the reply to their first packet to a port.
fn dialling(port: u16) -> usize {
    let sockets = fs::read_to_string("/proc/net/tcp").unwrap();
    let (port, sent) = (format!(":{port:04X}"), "02");
    let waits = |line: &&str| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        fields[2].ends_with(&port) && fields[3] == sent
    };
    sockets.lines().filter(waits).count()
}

/// Whether a thread of this process is in this system call.
fn some_thread_is_in(call: libc::c_long) -> bool {
    let tasks = fs::read_dir("/proc/self/task").unwrap();
    let calls = tasks.filter_map(|task| fs::read_to_string(task.ok()?.path().join("syscall")).ok());
    let call = call.to_string();
    calls.into_iter().any(|line| line.split_whitespace().next() == Some(call.as_str()))
}

#[test]
fn closing_ends_a_dial_over_tcp_that_hangs() {
    watched(LIMIT, || {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        shorten(listener.as_raw_fd());
        let address = listener.local_addr().unwrap();
        let queued = fill(address);
        eventually("the fillers have given up", || dialling(address.port()) == 0);
        let client = client(&format!("tcp://{address}"));
        eventually("the client dials", || dialling(address.port()) == 1);
        client.close().unwrap();
        eventually("its socket is gone", || dialling(address.port()) == 0);
        assert_eq!(client.wait_connected(None).unwrap_err().status(), Status::Closed);
        drop(queued);
    });
}

#[test]
fn closing_ends_a_dial_at_a_path_that_hangs() {
    watched(LIMIT, || {
        let path = std::env::temp_dir().join(unique("full"));
        let listener = UnixListener::bind(&path).unwrap();
        shorten(listener.as_raw_fd());
        let endpoint = format!("unix://{}", path.display());
        // One or two fit into the queue.
        let clients = [client(&endpoint), client(&endpoint), client(&endpoint)];
        eventually("a client dials", || some_thread_is_in(libc::SYS_connect));
        for client in clients {
            client.close().unwrap();
        }
        fs::remove_file(path).unwrap();
    });
}

/// A client whose pauses start from `first` and grow without limit.
fn client_of_pauses(endpoint: &str, first: Duration) -> Client {
    let mut limits = Limits::default();
    limits.reconnect_backoff = Some((first, LIMIT * 1000));
    limits.connection_timeout = LIMIT;
    Client::builder(endpoint).limits(limits).connect().unwrap()
}

#[test]
fn a_host_that_drops_each_connection_is_left_in_peace() {
    watched(LIMIT, || {
        let (come, times) = mpsc::channel();
        let come = std::sync::Mutex::new(come);
        let host = calculator_host(&format!("pipe://{}", unique("dropping")))
            .client_connected(move |connection| {
                come.lock().unwrap().send(Instant::now()).ok();
                connection.close();
            })
            .start()
            .unwrap();
        let client = client_of_pauses(&host.endpoints()[0].to_string(), Duration::from_millis(2));
        let times: Vec<Instant> = times.iter().take(11).collect();
        // The tenth pause is 1.6^9 times the first, plus or minus a fifth.
        let last = times[10] - times[9];
        assert!(last >= Duration::from_millis(109), "{last:?}");
        client.close().unwrap();
    });
}

#[test]
fn after_a_connection_that_was_of_use_pauses_begin_anew() {
    watched(LIMIT, || {
        let host = calculator_host(&format!("pipe://{}", unique("useful"))).start().unwrap();
        let client = client_of_pauses(&host.endpoints()[0].to_string(), Duration::from_millis(1));
        let calculator = client.proxy("ICalculator").unwrap();
        // The last pause would last for days.
        for _ in 0..50 {
            assert_eq!(calculator.call::<i64>("Add", &(1, 2)).unwrap(), 3);
            let generation = client.connection().unwrap().generation();
            for connection in host.connections() {
                connection.close();
            }
            eventually("the client is connected again", || {
                client.connection().is_some_and(|now| now.generation() > generation)
            });
        }
    });
}
