//! C programs that unload the library while calls run, and ones whose threads have small stacks.

use std::process::Command;
use std::time::Duration;

use crate::c::{folder, libraries, program, succeed, Link};
use crate::support::{unique, watched};

const LIMIT: Duration = Duration::from_secs(240);

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
