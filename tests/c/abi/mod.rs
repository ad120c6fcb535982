//! Every function of the headers, used wrongly in every way that its parameters allow. The program that does
//! so is generated from the headers, so it forgets no function; it does not compile, or the generator
//! panics, if a function has a parameter of a kind that it does not know.

mod listed;
mod parse;
mod program;

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use crate::c::{folder, program as compiled, root, succeed, valgrind, Link};
use crate::support::{sanitizer, unique, watched};
use parse::Header;

const HEADERS: [&str; 2] = ["callgate.h", "callgate_binding.h"];

/// The program, compiled once for all tests.
fn generated() -> PathBuf {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    let make = || {
        let mut header = Header::default();
        for name in HEADERS {
            let text = fs::read_to_string(root().join("include").join(name)).unwrap();
            parse::read(&mut header, &text);
        }
        assert!(
            header.functions.len() > 100 && header.sized.len() > 3,
            "the headers were not read"
        );
        let folder = folder("abi");
        let source = folder.join("abi.c");
        fs::write(&source, program::write(&header, &root().join("tests/c/abi"))).unwrap();
        compiled(source.to_str().unwrap(), &folder, Link::Dynamic)
    };
    PROGRAM.get_or_init(make).clone()
}

fn run(mode: &'static str) {
    watched(Duration::from_secs(300), move || {
        let endpoint = format!("pipe://{}", unique(mode));
        succeed(Command::new(generated()).args([&endpoint, mode]));
    });
}

fn run_under_valgrind_too(mode: &'static str) {
    run(mode);
    watched(Duration::from_secs(300), move || {
        if let Some(words) = valgrind() {
            let mut valgrind = Command::new(&words[0]);
            valgrind.args(&words[1..]).arg(generated());
            succeed(valgrind.arg(format!("pipe://{}", unique(mode))).arg(mode));
        }
    });
}

#[test]
fn null_for_every_pointer() {
    run_under_valgrind_too("null");
}

#[test]
fn stale_confused_and_invented_handles() {
    run_under_valgrind_too("invalid");
}

#[test]
fn every_function_after_closing() {
    run("closed");
}

#[test]
fn every_function_in_a_callback() {
    run("inside");
}

#[test]
fn every_function_in_the_child_of_a_fork() {
    if sanitizer::leaves_out_threads_after_fork() {
        return;
    }
    run("forked");
}

#[test]
fn options_of_other_versions() {
    run("versions");
}

#[test]
fn every_function_on_many_threads() {
    run_under_valgrind_too("threads");
}
