//! A host in C that serves honest clients among hostile peers: as it is, under valgrind, and with whatever sanitizer
//! this program is compiled with. Every honest call gets its result, and the host releases everything that it made.
//! `CALLGATE_ATTACK_SECONDS` sets how long.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crate::c::{folder, program, root, valgrind_is_there, Link};
use crate::support::attack::{self, Attack, Call, Target};
use crate::support::raw::binary;
use crate::support::{unique, watched};
use callgate::{CallOptions, Client, InboundCall, Proxy, Status};

/// Sanitizers and valgrind make calls slow.
fn patient() -> CallOptions {
    CallOptions::timeout(Duration::from_secs(120))
}

/// What the host serves, for hostile peers.
fn calls() -> Vec<Call> {
    let call = |interface, method, arguments: &[u8]| Call {
        interface,
        method,
        arguments: arguments.to_vec(),
    };
    vec![
        call("IDesk", "Add", b"\x92\x01\x02"),
        call("IDesk", "Echo", &binary(100_000)),
        call("Old.Desk", "Defer", b"\x91\x07"),
        call("IDesk", "CallBack", b"\x90"),
        call("IDesk", "Wait", b"\x90"),
        call("IOrdered", "Wait", b"\x90"),
        call("IOrdered", "Note", b"\x90"),
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

/// A running host, killed if the test fails.
struct Host(Child);

impl Drop for Host {
    fn drop(&mut self) {
        // It has ended, unless the test fails.
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// Runs the host with `runner`, if that is not empty, among honest and hostile clients.
fn besiege(name: &'static str, runner: Vec<String>) {
    let duration = attack::duration();
    watched(duration + Duration::from_secs(500), move || {
        let host = program("tests/c/besieged.c", &folder(name), Link::Dynamic);
        let path = std::env::temp_dir().join(unique(name));
        let mut words = runner.into_iter().chain([host.display().to_string()]);
        let mut command = Command::new(words.next().unwrap());
        command.args(words).args([&format!("unix://{}", path.display()), "tcp://127.0.0.1:0"]);
        command.env_remove("LD_LIBRARY_PATH").stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut host = Host(command.spawn().unwrap());
        let mut output = BufReader::new(host.0.stdout.take().unwrap());
        let endpoints = [(); 2].map(|()| {
            let mut line = String::new();
            output.read_line(&mut line).unwrap();
            line.trim_end().strip_prefix("listening on ").expect("an endpoint").to_owned()
        });
        let seed = attack::seed();
        let attacks = [(&endpoints[0], seed), (&endpoints[1], !seed)].map(|(endpoint, seed)| {
            let target = Target { endpoint: endpoint.clone(), calls: calls() };
            Attack::start(&target, seed, 2, Duration::ZERO)
        });
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
        attacks.map(Attack::stop).iter().for_each(|tally| println!("{tally}"));
        drop(host.0.stdin.take());
        let mut said = String::new();
        output.read_to_string(&mut said).unwrap();
        println!("{} honest calls; the host: {said}", honest.iter().sum::<i64>());
        let status = host.0.wait().unwrap();
        assert!(status.success(), "the host ended with {status}");
    });
}

#[test]
fn a_host_in_c_is_clean_among_hostile_peers() {
    besiege("besieged", Vec::new());
}

#[test]
fn a_host_in_c_is_clean_among_hostile_peers_under_valgrind() {
    if !valgrind_is_there() {
        return;
    }
    let suppressions = format!("--suppressions={}", root().join("tests/c/valgrind.supp").display());
    let valgrind = ["valgrind", "--quiet", "--fair-sched=yes", "--leak-check=full"];
    let valgrind =
        valgrind.iter().chain(&["--errors-for-leak-kinds=definite", "--error-exitcode=9"]);
    let valgrind = valgrind.map(|word| word.to_string()).chain([suppressions]);
    besiege("besieged-valgrind", valgrind.collect());
}
