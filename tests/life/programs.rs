//! Programs that run other programs, beside themselves or in their own place.

use std::io::Read;
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::thread;

use callgate::{Execution, Status};

use crate::scene::{add, client, host, patient, tcp, LIMIT};
use crate::support::gate::eventually;
use crate::support::process::{self, Process};
use crate::support::{unique, watched};

fn pipe() -> String {
    format!("pipe://{}", unique("programs"))
}

/// How a program starts another one.
#[derive(Clone, Copy)]
enum Start {
    /// Where the system allows it, without a fork whose handlers run.
    Spawn,
    ForkAndExec,
}

fn command(program: &str, start: Start) -> Command {
    let mut command = Command::new(program);
    if let Start::ForkAndExec = start {
        // SAFETY: it does nothing; but because of it the standard library forks.
        unsafe { command.pre_exec(|| Ok(())) };
    }
    command
}

#[test]
fn another_program_inherits_no_descriptor() {
    watched(LIMIT, || {
        for endpoint in [pipe(), tcp()] {
            let (host, _) = host(&endpoint, patient());
            let (client, calculator, _) = client(&host.endpoints()[0].to_string(), patient());
            add(&calculator);
            for start in [Start::Spawn, Start::ForkAndExec] {
                let list = "for one in /proc/self/fd/*; do readlink $one; done";
                let listed = command("sh", start).args(["-c", list]).stdin(Stdio::null()).output();
                let listed = String::from_utf8(listed.unwrap().stdout).unwrap();
                let is_ours = |target: &&str| {
                    ["socket:", "eventfd", ".lock"].iter().any(|what| target.contains(what))
                };
                let inherited: Vec<_> = listed.lines().filter(is_ours).collect();
                assert!(listed.contains("/dev/null") && inherited.is_empty(), "{inherited:?}");
            }
            client.close().unwrap();
            host.close().unwrap();
        }
    });
}

/// A host with a child that outlives it. Tells its endpoint and the child's id.
fn host_with_a_child(role: &str) {
    let (kind, endpoint) = role.split_once(' ').unwrap();
    let (host, _) = host(endpoint, patient());
    let (_client, calculator, _) = client(&host.endpoints()[0].to_string(), patient());
    add(&calculator);
    let child = match kind {
        "spawn" => outliving(Start::Spawn).id(),
        "fork-and-exec" => outliving(Start::ForkAndExec).id(),
        _ => forked(),
    };
    process::tell(format_args!("{} {child}", host.endpoints()[0]));
    process::orders().for_each(drop);
}

/// A child that runs another program. Until it says so, it may hold what this process holds: the parent does not wait
/// until the system has closed the child's descriptors.
fn outliving(start: Start) -> Child {
    let mut command = command("sh", start);
    command.args(["-c", "echo runs; exec sleep 600"]).stdin(Stdio::null()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut says = [0; 5];
    child.stdout.take().unwrap().read_exact(&mut says).unwrap();
    assert_eq!(&says, b"runs\n");
    child
}

/// A copy of this process that lives on without running another program.
fn forked() -> u32 {
    let (mut forked, in_child) = UnixStream::pair().unwrap();
    // SAFETY: the child only says that it runs and waits, and the system ends it some time.
    match unsafe { libc::fork() } {
        0 => loop {
            // SAFETY: these take numbers, and one byte that is there.
            unsafe {
                libc::alarm(600);
                libc::close(libc::STDOUT_FILENO);
                libc::write(in_child.as_raw_fd(), [0_u8].as_ptr().cast(), 1);
                libc::pause();
            }
        },
        child => {
            // Until the child has done what it does behind every fork, it holds what this process holds.
            forked.read_exact(&mut [0]).unwrap();
            child as u32
        }
    }
}

/// A child that outlives its parent. Killed on drop.
struct Orphan(libc::pid_t);

impl Drop for Orphan {
    fn drop(&mut self) {
        // SAFETY: takes numbers.
        unsafe { libc::kill(self.0, libc::SIGKILL) };
    }
}

#[test]
fn a_child_that_outlives_its_host_leaves_the_place_to_a_successor() {
    const TEST: &str = "programs::a_child_that_outlives_its_host_leaves_the_place_to_a_successor";
    if let Some(role) = process::role() {
        return host_with_a_child(&role);
    }
    watched(LIMIT, || {
        for kind in ["spawn", "fork-and-exec", "fork"] {
            for endpoint in [pipe(), tcp()] {
                let mut process = Process::start(TEST, &format!("{kind} {endpoint}"));
                let told = process.hear();
                let (endpoint, child) = told.split_once(' ').unwrap();
                let orphan = Orphan(child.parse().unwrap());
                process.kill();
                let (successor, _) = host(endpoint, patient());
                let (client, calculator, _) = client(endpoint, patient());
                add(&calculator);
                // SAFETY: takes numbers.
                let there = unsafe { libc::kill(orphan.0, 0) };
                assert_eq!(there, 0, "the child lives");
                client.close().unwrap();
                successor.close().unwrap();
            }
        }
    });
}

/// Runs a program in the place of this one that ends with its input.
fn become_another() -> ! {
    let program = format!("echo {}another; exec cat > /dev/null", process::MARK);
    panic!("{}", Command::new("sh").args(["-c", &program]).exec());
}

#[test]
fn a_client_that_becomes_another_program_leaves_its_host() {
    const TEST: &str = "programs::a_client_that_becomes_another_program_leaves_its_host";
    if let Some(endpoint) = process::role() {
        let (_client, _, gate) = client(&endpoint, patient());
        thread::spawn(move || gate.call::<()>("Pass", &()));
        process::orders().next();
        become_another();
    }
    watched(LIMIT, || {
        let endpoint = pipe();
        let (host, gate) = host(&endpoint, patient());
        let mut process = Process::start(TEST, &endpoint);
        gate.wait_for(1);
        process.say("become another program");
        eventually("the host has no connection", || host.connections().is_empty());
        gate.open();
        assert!(!process.has_ended());
        host.close().unwrap();
    });
}

#[test]
fn a_host_that_becomes_another_program_leaves_its_place_to_a_successor() {
    const TEST: &str =
        "programs::a_host_that_becomes_another_program_leaves_its_place_to_a_successor";
    if let Some(endpoint) = process::role() {
        let (host, gate) = host(&endpoint, patient());
        process::tell(&host.endpoints()[0]);
        gate.wait_for(1);
        process::orders().next();
        become_another();
    }
    watched(LIMIT, || {
        for endpoint in [pipe(), tcp()] {
            let mut process = Process::start(TEST, &endpoint);
            let endpoint = process.hear();
            let (client, calculator, gate) = client(&endpoint, patient());
            thread::scope(|scope| {
                let held = scope.spawn(|| gate.call::<()>("Pass", &()));
                process.say("become another program");
                let error = held.join().unwrap().unwrap_err();
                let (status, execution) = (error.status(), error.execution());
                assert_eq!((status, execution), (Status::ChannelFaulted, Execution::Unknown));
            });
            // Its connections end a little earlier than its hold on the place.
            assert_eq!(process.hear(), "another");
            let (successor, _) = host(&endpoint, patient());
            add(&calculator);
            assert!(!process.has_ended());
            client.close().unwrap();
            successor.close().unwrap();
        }
    });
}
