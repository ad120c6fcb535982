//! A host in C that serves honest clients among hostile peers, and a client in C of hostile hosts: as they are, under
//! valgrind, and with the sanitizer, if any, that this program is compiled with. Every honest call gets its result, and both
//! programs release everything that they made. `CALLGATE_ATTACK_SECONDS` sets how long.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crate::c::{folder, program, root, valgrind, Link};
use crate::support::attack::{self, Attack, Call};
use crate::support::{binary, raw, watched};
use callgate::{CallOptions, Client, InboundCall, Proxy, Status};

/// Sanitizers and valgrind make calls slow.
fn patient() -> CallOptions {
    CallOptions::timeout(Duration::from_secs(120))
}

/// What the host serves, for hostile peers.
fn calls() -> Vec<Call> {
    vec![
        Call::new("IDesk", "Add", b"\x92\x01\x02"),
        Call::new("IDesk", "Echo", &binary(100_000)),
        Call::new("Old.Desk", "Defer", b"\x91\x07"),
        Call::new("IDesk", "CallBack", b"\x90"),
        Call::new("IDesk", "Wait", b"\x90"),
        Call::new("IOrdered", "Wait", b"\x90"),
        Call::new("IOrdered", "Note", b"\x90"),
    ]
}

/// Makes calls of every kind until the attack is over; returns how many.
fn call_honestly(endpoint: &str, over: &AtomicBool) -> i64 {
    let answer = |call: InboundCall| drop(call.reply(&42));
    let client = Client::builder(endpoint).callback_handler("ICallback", answer);
    let client = client.connect().unwrap();
    client.wait_connected(Some(Duration::from_secs(120))).unwrap();
    let (desk, ordered) = (client.proxy("IDesk").unwrap(), client.proxy("IOrdered").unwrap());
    let mut rounds = 0;
    while rounds == 0 || !over.load(Ordering::Acquire) {
        rounds += 1;
        call_each_method(&desk, rounds);
        ordered.one_way("Note", &()).unwrap();
    }
    assert_eq!(ordered.call_with::<i64>("Count", &(), &patient()).unwrap(), rounds);
    assert_eq!(client.connection().unwrap().generation(), 1, "the connection has never ended");
    client.close_within(Duration::from_secs(120)).unwrap();
    6 * rounds + 1
}

fn call_each_method(desk: &Proxy, round: i64) {
    let round = round % 1000;
    assert_eq!(desk.call_with::<i64>("Add", &(round, 1), &patient()).unwrap(), round + 1);
    assert_eq!(desk.call_with::<i64>("Defer", &(round,), &patient()).unwrap(), round);
    assert_eq!(desk.call_with::<i64>("CallBack", &(), &patient()).unwrap(), 42);
    let text = "x".repeat(10 * round as usize);
    assert_eq!(desk.call_with::<String>("Echo", &(&text,), &patient()).unwrap(), text);
    let refused = desk.call_with::<()>("Fail", &(), &patient()).unwrap_err();
    assert_eq!(refused.status(), Status::RemoteError, "{refused}");
}

/// A running program, killed if the test fails.
struct Running(Child);

impl Running {
    /// Compiles a program in a folder of its own, and runs it by `runner`, if that is not empty.
    fn start(source: &str, name: &str, runner: Vec<String>, arguments: &[String]) -> Running {
        let program = program(source, &folder(name), Link::Dynamic);
        let mut words = runner.into_iter().chain([program.display().to_string()]);
        let mut command = Command::new(words.next().unwrap());
        command.args(words).args(arguments);
        command.env_remove("LD_LIBRARY_PATH").stdin(Stdio::piped()).stdout(Stdio::piped());
        Running(command.spawn().unwrap())
    }

    fn output(&mut self) -> BufReader<ChildStdout> {
        BufReader::new(self.0.stdout.take().unwrap())
    }

    /// Ends its input, and returns the rest of what it says. It must succeed.
    fn end(mut self, mut output: BufReader<ChildStdout>) -> String {
        drop(self.0.stdin.take());
        let mut said = String::new();
        output.read_to_string(&mut said).unwrap();
        let status = self.0.wait().unwrap();
        assert!(status.success(), "the program ended with {status}: {said}");
        said
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It has ended, unless the test fails.
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

fn next_line(output: &mut impl BufRead) -> String {
    let mut line = String::new();
    output.read_line(&mut line).unwrap();
    line.trim_end().to_owned()
}

/// Runs the host by `runner`, if that is not empty, among honest and hostile clients.
fn besiege(name: &'static str, runner: Vec<String>) {
    let duration = attack::duration();
    watched(duration + Duration::from_secs(500), move || {
        let endpoints = [raw::endpoint(name), "tcp://127.0.0.1:0".into()];
        let mut host = Running::start("tests/c/besieged.c", name, runner, &endpoints);
        let mut output = host.output();
        let endpoints = endpoints.map(|_| {
            let line = next_line(&mut output);
            line.strip_prefix("listening on ").expect("an endpoint").to_owned()
        });
        let attacks = Attack::start_each(&endpoints, &calls(), attack::seed(), 2, Duration::ZERO);
        let over = AtomicBool::new(false);
        let honest = thread::scope(|scope| {
            let honest = endpoints.each_ref().map(|endpoint| {
                let over = &over;
                scope.spawn(move || call_honestly(endpoint, over))
            });
            let input = host.0.stdin.as_mut().unwrap();
            for _ in 0..10 * duration.as_secs() {
                input.write_all(b".").unwrap();
                thread::sleep(Duration::from_millis(100));
            }
            over.store(true, Ordering::Release);
            honest.map(|honest| honest.join().unwrap())
        });
        attacks.into_iter().map(Attack::stop).for_each(|tally| println!("{tally}"));
        let said = host.end(output);
        println!("{} honest calls; the host: {said}", honest.iter().sum::<i64>());
    });
}

/// Runs the client by `runner`, if that is not empty, with hostile hosts.
fn mislead(name: &'static str, runner: Vec<String>) {
    let duration = attack::duration();
    watched(duration + Duration::from_secs(500), move || {
        let endpoint = raw::endpoint(name);
        let attack = Attack::listen(&endpoint, &calls(), attack::seed());
        let endpoint = [endpoint];
        let mut client = Running::start("tests/c/besieged_client.c", name, runner, &endpoint);
        let mut output = client.output();
        assert_eq!(next_line(&mut output), "connected");
        thread::sleep(duration);
        println!("the client: {}", client.end(output));
        let tally = attack.stop();
        println!("{tally}");
        assert!(tally.total() > 0);
    });
}

/// The command that runs a program under valgrind, and has it report lost memory.
fn valgrind_with_leaks() -> Option<Vec<String>> {
    let suppressions = format!("--suppressions={}", root().join("tests/c/valgrind.supp").display());
    let mut words = valgrind()?;
    words.extend(["--leak-check=full", "--errors-for-leak-kinds=definite"].map(str::to_owned));
    words.push(suppressions);
    Some(words)
}

#[test]
fn a_host_in_c_is_clean_among_hostile_peers() {
    besiege("besieged", Vec::new());
}

#[test]
fn a_host_in_c_is_clean_among_hostile_peers_under_valgrind() {
    if let Some(valgrind) = valgrind_with_leaks() {
        besiege("besieged-valgrind", valgrind);
    }
}

#[test]
fn a_client_in_c_is_clean_among_hostile_hosts() {
    mislead("misled", Vec::new());
}

#[test]
fn a_client_in_c_is_clean_among_hostile_hosts_under_valgrind() {
    if let Some(valgrind) = valgrind_with_leaks() {
        mislead("misled-valgrind", valgrind);
    }
}
