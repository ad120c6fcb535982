//! C programs that use the C ABI correctly and incorrectly, beyond what `abi` generates; the same under valgrind, to find what only
//! happens to work.

use std::process::Command;
use std::time::Duration;

use crate::c::{folder, program, succeed, valgrind, Link};
use crate::support::{sanitizer, unique, watched};

/// Runs a program of tests/c with a free endpoint as its argument.
fn run(name: &'static str) {
    run_with(name, &["--leak-check=full", "--errors-for-leak-kinds=definite"]);
}

fn run_with(name: &'static str, leaks: &'static [&'static str]) {
    watched(Duration::from_secs(120), move || {
        let program = program(&format!("tests/c/{name}.c"), &folder(name), Link::Dynamic);
        succeed(Command::new(&program).arg(format!("pipe://{}", unique(name))));
        if let Some(words) = valgrind() {
            let mut valgrind = Command::new(&words[0]);
            // Freeing never waits, so threads may still be ending when the program does.
            valgrind.args(&words[1..]).args(leaks);
            valgrind.arg(program).arg(format!("pipe://{}", unique(name)));
            succeed(&mut valgrind);
        }
    });
}

/// A key that everybody has, for both sides of a connection.
#[cfg(feature = "tls")]
#[test]
fn peers_are_known_by_their_certificates() {
    watched(Duration::from_secs(120), || {
        const KEY: &str = "sha256:27a0224bcca58ad93973090ee3e0865291ab6f7340c7a9514fb967d2e6e6b022";
        let keys = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/keys");
        let pair = format!("certificate={keys}/test.pem&key={keys}/test.key");
        let seen = format!("{KEY}\nA test\ntests.example\nother.example\nurn:callgate:tests");
        let program = program("tests/c/tls.c", &folder("tls"), Link::Dynamic);
        succeed(
            Command::new(program).arg(format!("tls://127.0.0.1:0?{pair}&trust={KEY}")).arg(seen),
        );
    });
}

#[test]
fn stale_and_wrong_handles() {
    run("handles");
}

#[test]
fn hosts_and_clients_record_what_passes() {
    run("trace");
}

#[test]
fn handles_of_many_threads() {
    run("handle_threads");
}

#[test]
fn user_data_is_freed_exactly_once() {
    run("user_data");
}

#[test]
fn calls_answered_in_every_way() {
    run("calls");
}

#[test]
fn descriptions_are_compared_before_calls() {
    run("descriptions");
}

#[test]
fn counters_are_read_as_text() {
    run("counters");
}

#[test]
fn a_host_closed_in_its_own_callbacks() {
    run("close_inside");
}

#[test]
fn closing_and_waiting_in_every_callback() {
    run("wait_inside");
}

#[test]
fn handles_in_the_child_of_a_fork() {
    if sanitizer::leaves_out_threads_after_fork() {
        return;
    }
    // What the parent's threads owned is lost in the child, where they do not exist.
    run_with("fork", &["--leak-check=no"]);
}

#[test]
fn calls_both_ways_and_their_cancellation() {
    run("duplex");
}

#[test]
fn large_frames_in_parts_or_whole() {
    run("limits");
}

#[test]
fn functions_that_run_when_nobody_waits() {
    run("on_cancelled");
}

#[test]
fn calls_that_are_started() {
    run("started");
}

#[test]
fn calls_within_calls_that_change_threads() {
    run("parent");
}

#[test]
fn connections_that_come_again_and_what_follows_from_that() {
    run("sessions");
}

#[test]
fn calls_into_memory_of_the_program() {
    run("call_into");
}

#[test]
fn fast_calls() {
    run("fast_calls");
}

#[test]
fn connections_that_fail_on_purpose() {
    run("relay");
}

#[test]
fn values_there_and_back() {
    run("values");
}
