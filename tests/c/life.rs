//! C programs that exit or unload the library while calls run, and ones whose threads have small stacks.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::c::{folder, libraries, program, succeed, Link};
use crate::support::{unique, watched};

const LIMIT: Duration = Duration::from_secs(240);

/// How often each way to exit is tried.
const ROUNDS: usize = 5;

/// The exit status that the program asks for.
const STATUS: i32 = 7;

fn exits_with_its_status(program: &PathBuf, from: &str, at_exit: &str) {
    for _ in 0..ROUNDS {
        let mut command = Command::new(program);
        command.args([format!("pipe://{}", unique("exit")).as_str(), from, at_exit]);
        // It exits while threads run, and joins none.
        let options = std::env::var("TSAN_OPTIONS").unwrap_or_default();
        command.env("TSAN_OPTIONS", options + ":report_thread_leaks=0");
        // Otherwise it could load a library that an earlier build left elsewhere.
        let output = command.env_remove("LD_LIBRARY_PATH").stdin(Stdio::null()).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        let case = format!("{from}, {at_exit}: {}: {said}", output.status);
        assert!(output.status.code() == Some(STATUS) && said.is_empty(), "{case}");
    }
}

#[test]
fn a_program_exits_while_calls_run_in_both_directions() {
    watched(LIMIT, || {
        let program = program("tests/c/exit.c", &folder("exit"), Link::Dynamic);
        for from in ["main", "thread", "Exit", "ExitInCallback"] {
            for at_exit in ["nothing", "frees", "closes"] {
                exits_with_its_status(&program, from, at_exit);
            }
        }
    });
}

#[test]
fn the_library_is_unloaded_while_calls_run_and_loaded_again() {
    watched(LIMIT, || {
        let program = program("tests/c/unload.c", &folder("unload"), Link::Loaded);
        let library = libraries().join("libcallgate.so");
        succeed(Command::new(program).arg(library).arg(format!("pipe://{}", unique("unload"))));
    });
}

#[test]
fn stacks_of_64_kib_are_enough() {
    watched(LIMIT, || {
        let program = program("tests/c/small_stacks.c", &folder("small-stacks"), Link::Dynamic);
        succeed(Command::new(program).arg(format!("pipe://{}", unique("small-stacks"))));
    });
}
