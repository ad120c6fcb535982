//! Tests that need a process of their own: umasks, sudden death, scarce descriptors, SIGPIPE, fork. The
//! test program starts itself again, with the role in its environment.

use crate::streams::{connect, far, watched, Folder, STARTING};
use callgate::unstable::transport::{self, Access, Endpoint};
use callgate::Status;
use std::fs;
use std::io::{BufRead, BufReader, IoSlice, Read};
use std::os::unix::fs::MetadataExt;
use std::process::{Child, ChildStdout, Command, Stdio};

const ROLE: &str = "CALLGATE_TEST_ROLE";
const ENDPOINT: &str = "CALLGATE_TEST_ENDPOINT";

/// Starts a child in this role, after `setup` in its shell, and waits until it is ready.
fn start(role: &str, endpoint: &Endpoint, setup: &str) -> (Child, BufReader<ChildStdout>) {
    let starting = STARTING.write().unwrap();
    let mut child = Command::new("sh")
        .args(["-c", &format!("{setup}; exec \"$0\" \"$@\"")])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "processes::child", "--nocapture"])
        .env(ROLE, role)
        .env(ENDPOINT, endpoint.to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    drop(starting);
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    while !line.contains("ready") {
        line.clear();
        assert_ne!(output.read_line(&mut line).unwrap(), 0, "the child died");
    }
    (child, output)
}

fn finish(mut child: Child, mut output: BufReader<ChildStdout>) {
    drop(child.stdin.take());
    let mut rest = String::new();
    output.read_to_string(&mut rest).unwrap();
    assert!(child.wait().unwrap().success(), "{rest}");
}

/// The child's side; does nothing when it runs as an ordinary test.
#[test]
fn child() {
    let Ok(role) = std::env::var(ROLE) else {
        return;
    };
    let endpoint: Endpoint = std::env::var(ENDPOINT).unwrap().parse().unwrap();
    match role.as_str() {
        "listen" => {
            let _listener = transport::listen(&endpoint).unwrap();
            ready_until_told();
        }
        "exhaust" => exhaust(&endpoint),
        "broken pipe" => send_to_nobody(&endpoint),
        other => panic!("no role {other:?}"),
    }
}

fn ready_until_told() {
    println!("\nready");
    std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
}

#[test]
fn the_socket_is_open_to_those_it_is_for_whatever_the_umask() {
    watched(|| {
        let own = Access::Group(fs::metadata("/proc/self").unwrap().gid().to_string());
        for (access, expected) in [(Access::Owner, 0o600), (own, 0o660), (Access::Everyone, 0o666)]
        {
            for umask in ["0", "022", "077", "0277", "0777"] {
                let folder = Folder::new();
                let path = folder.0.join("x.sock");
                let endpoint = Endpoint::Unix { path, access: access.clone() };
                let (child, output) = start("listen", &endpoint, &format!("umask {umask}"));
                for (name, expected) in [("x.sock", expected), ("x.sock.lock", 0o600)] {
                    let mode = fs::metadata(folder.0.join(name)).unwrap().mode();
                    assert_eq!(mode & 0o7777, expected, "{name} under umask {umask}");
                }
                transport::dial(&endpoint, far()).unwrap();
                finish(child, output);
            }
        }
    });
}

#[test]
fn the_place_of_a_killed_host_is_taken_over() {
    watched(|| {
        let folder = Folder::new();
        let endpoint = folder.endpoint("x.sock");
        let (mut child, _output) = start("listen", &endpoint, ":");
        let error = transport::listen(&endpoint).err().unwrap();
        assert_eq!(error.status(), Status::AddressInUse);
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(folder.0.join("x.sock").exists());
        let mut listener = transport::listen(&endpoint).unwrap();
        connect(&mut *listener);
    });
}

#[test]
fn running_out_of_descriptors_passes() {
    watched(|| {
        let folder = Folder::new();
        let (child, output) = start("exhaust", &folder.endpoint("x.sock"), "ulimit -n 40");
        finish(child, output);
    });
}

fn exhaust(endpoint: &Endpoint) {
    let mut listener = transport::listen(endpoint).unwrap();
    let mut streams = Vec::new();
    let error = loop {
        match transport::dial(endpoint, far()) {
            Ok(stream) => streams.push(stream),
            Err(error) => break error,
        }
    };
    assert_eq!(error.status(), Status::LimitExceeded, "{error}");
    assert_eq!(error.os_code(), Some(libc::EMFILE));
    // Connecting needs more than the one that is left.
    let _last = std::fs::File::open("/dev/null");
    let error = listener.accept().err().unwrap();
    assert_eq!(error.raw_os_error(), Some(libc::EMFILE));
    streams.pop();
    assert!(listener.accept().unwrap().is_some());
    ready_until_told();
}

#[test]
fn sending_to_nobody_raises_no_signal() {
    watched(|| {
        let folder = Folder::new();
        let (child, output) = start("broken pipe", &folder.endpoint("x.sock"), ":");
        finish(child, output);
    });
}

fn send_to_nobody(local: &Endpoint) {
    // SAFETY: restores the signal's default action, which ends the process; Rust ignores the signal.
    unsafe { libc::signal(libc::SIGPIPE, libc::SIG_DFL) };
    for endpoint in [local.clone(), "tcp://127.0.0.1:0".parse().unwrap()] {
        let mut listener = transport::listen(&endpoint).unwrap();
        let (mut client, host) = connect(&mut *listener);
        drop(host);
        while client.transmit.send(&[IoSlice::new(b"x")], &[]).is_ok() {}
        assert!(client.transmit.send(&[IoSlice::new(b"x")], &[]).is_err());
    }
    ready_until_told();
}

#[test]
fn a_forked_child_leaves_its_parents_place_alone() {
    let folder = Folder::new();
    let endpoint = folder.endpoint("x.sock");
    let mut listener = transport::listen(&endpoint).unwrap();
    let starting = STARTING.write().unwrap();
    // SAFETY: the child only closes its copies and exits.
    match unsafe { libc::fork() } {
        0 => {
            drop(listener);
            // SAFETY: ends the child without running any code of the test.
            unsafe { libc::_exit(0) }
        }
        child => {
            assert_ne!(child, -1);
            let mut status = 0;
            // SAFETY: the status is writable.
            assert_eq!(unsafe { libc::waitpid(child, &mut status, 0) }, child);
            assert_eq!(status, 0);
        }
    }
    drop(starting);
    let error = transport::listen(&endpoint).err().unwrap();
    assert_eq!(error.status(), Status::AddressInUse);
    connect(&mut *listener);
}
