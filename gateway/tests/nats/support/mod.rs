//! What the tests run: a NATS server, gateways, hosts and clients.

#[path = "../../../../tests/support/certificates.rs"]
#[allow(dead_code)]
pub mod certificates;
pub mod gateway;
pub mod host;
pub mod machines;
#[path = "../../../../tests/support/names.rs"]
mod names;
pub mod nats;
pub mod process_host;
pub mod server;

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

pub use names::unique;

/// How long anything may take before the test fails: far more than it needs on a busy machine.
pub const LIMIT: Duration = Duration::from_secs(60);

/// A command of a program, on the machine whose commands begin with this prefix.
pub fn command(prefix: &[String], program: &str) -> Command {
    match prefix {
        [] => Command::new(program),
        [first, rest @ ..] => {
            let mut command = Command::new(first);
            command.args(rest).arg(program);
            command
        }
    }
}

/// Runs a test with a watchdog.
pub fn watched(test: impl FnOnce() + Send + 'static) {
    watched_for(LIMIT, test);
}

/// The same for a test that takes longer.
pub fn watched_for(limit: Duration, test: impl FnOnce() + Send + 'static) {
    let (done, finished) = mpsc::channel();
    let running = thread::spawn(move || {
        test();
        done.send(()).ok();
    });
    match finished.recv_timeout(limit) {
        Err(mpsc::RecvTimeoutError::Timeout) => panic!("the test hangs"),
        _ => running.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
    }
}

/// Tries until it holds.
pub fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + LIMIT / 2;
    while !holds() {
        assert!(Instant::now() < deadline, "this never came true: {what}");
        thread::sleep(Duration::from_millis(5));
    }
}

/// A process, killed when it is dropped.
pub struct Process(Child);

impl Process {
    pub fn start(mut command: Command) -> std::io::Result<Process> {
        command.spawn().map(Process)
    }

    /// The lines that it prints to standard error, as they come.
    pub fn errors(&mut self) -> mpsc::Receiver<String> {
        lines(self.0.stderr.take().expect("it is piped"))
    }

    /// Sends it a signal.
    pub fn signal(&self, name: &str) {
        let id = self.0.id().to_string();
        let sent = Command::new("kill").args([&format!("-{name}"), &id]).status();
        assert!(sent.expect("kill runs").success());
    }

    /// Waits for its end; returns its exit code.
    pub fn wait(&mut self) -> Option<i32> {
        let mut ended = None;
        eventually("the process ends", || {
            ended = self.0.try_wait().expect("it is a child");
            ended.is_some()
        });
        ended.and_then(|status| status.code())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// The lines of an output, as they come.
fn lines(output: impl Read + Send + 'static) -> mpsc::Receiver<String> {
    let (found, lines) = mpsc::channel();
    thread::spawn(move || {
        let all = BufReader::new(output).lines().map_while(Result::ok);
        all.for_each(|line| drop(found.send(line)));
    });
    lines
}
