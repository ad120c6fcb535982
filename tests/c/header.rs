//! The C headers: committed as generated, and accepted by every C and C++ compiler.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::c::{compiler, folder, is_installed, is_there, libraries, program, root, succeed, Link};

const HEADERS: [&str; 3] = ["callgate.h", "callgate_binding.h", "callgate_testing.h"];

/// A header as build.rs has just generated it.
fn generated(header: &str) -> String {
    fs::read_to_string(Path::new(env!("OUT_DIR")).join(header)).unwrap()
}

/// The functions that the headers declare, in the order of their names.
fn declared() -> Vec<String> {
    let headers = HEADERS.map(generated).concat();
    let code = headers.lines().filter(|line| !line.trim_start().starts_with(['*', '/']));
    let mut declared: Vec<String> = code
        .filter(|line| !line.starts_with([' ', '#', '}']) && !line.starts_with("typedef"))
        .filter_map(|line| line.split_once('(')?.0.rsplit([' ', '*']).next())
        .map(str::to_owned)
        .collect();
    declared.sort_unstable();
    declared
}

/// From this, Microsoft's tools make an import library.
fn module_definition() -> String {
    let names = declared().iter().map(|name| format!("    {name}\n")).collect::<String>();
    format!("LIBRARY callgate\nEXPORTS\n{names}")
}

/// `CALLGATE_UPDATE_HEADER=1 cargo test --test c header` replaces them with the generated ones.
#[test]
fn the_committed_headers_are_the_generated_ones() {
    let headers = HEADERS.map(|header| (header, generated(header)));
    for (header, generated) in headers.into_iter().chain([("callgate.def", module_definition())]) {
        let committed = root().join("include").join(header);
        if std::env::var_os("CALLGATE_UPDATE_HEADER").is_some() {
            fs::write(&committed, &generated).unwrap();
        }
        let is_same = fs::read_to_string(committed).is_ok_and(|committed| committed == generated);
        assert!(
            is_same,
            "include/{header} is out of date: CALLGATE_UPDATE_HEADER=1 cargo test --test c header"
        );
    }
}

#[test]
fn they_compile_alone_and_twice_without_a_warning() {
    let folder = folder("header");
    for (command, standard, name) in [
        ("gcc", "c99", "alone.c"),
        ("gcc", "c11", "alone.c"),
        ("clang", "c99", "alone.c"),
        ("g++", "c++17", "alone.cpp"),
        ("clang++", "c++17", "alone.cpp"),
    ] {
        // The C compiler is required, and a missing C++ compiler is reported; others are used if present.
        let is_left_out = match command {
            "gcc" => false,
            "g++" => !is_there(command),
            _ => !is_installed(command),
        };
        if is_left_out {
            continue;
        }
        for header in HEADERS {
            for includes in [1, 2] {
                let source = folder.join(name);
                let text = format!("#include <{header}>\n").repeat(includes);
                fs::write(&source, text + "int callgate_nothing;\n").unwrap();
                succeed(compiler(command, standard).arg("-fsyntax-only").arg(source));
            }
        }
    }
}

#[test]
fn every_function_of_the_headers_is_exported_and_no_other() {
    let declared = declared();
    let symbols = succeed(
        Command::new("nm")
            .args(["-D", "--defined-only", "--format=posix"])
            .arg(libraries().join("libcallgate.so")),
    );
    let mut exported: Vec<&str> = symbols
        .lines()
        .filter_map(|line| line.split(' ').next())
        .filter(|name| !name.starts_with("rust_eh_personality"))
        .collect();
    exported.sort_unstable();
    assert!(declared.len() > 50, "{declared:?}");
    assert_eq!(declared, exported);
}

#[test]
fn programs_link_statically_and_dynamically() {
    for (link, name) in [(Link::Dynamic, "linked"), (Link::Static, "linked-static")] {
        let program = program("tests/c/version.c", &folder(name), link);
        let version = succeed(&mut Command::new(program));
        let expected = [
            concat!(env!("CARGO_PKG_VERSION"), " 0"),
            env!("CARGO_PKG_VERSION"),
            env!("CARGO_PKG_VERSION_MAJOR"),
            env!("CARGO_PKG_VERSION_MINOR"),
            env!("CARGO_PKG_VERSION_PATCH"),
        ];
        assert_eq!(version.lines().collect::<Vec<_>>(), expected);
    }
}

#[test]
fn the_shared_library_is_named_by_its_binary_interface_and_stays_loaded() {
    let details =
        succeed(Command::new("readelf").arg("-d").arg(libraries().join("libcallgate.so")));
    assert!(details.contains("[libcallgate.so.0]"), "{details}");
    assert!(details.contains("NODELETE"), "{details}");
}
