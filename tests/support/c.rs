//! Compiles and runs C programs against the library under test.

#![allow(dead_code)]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::support::sanitizer;

/// What programs with ThreadSanitizer need in addition.
const THREAD_SANITIZER: &str = "tests/c/sanitizer.c";

/// The root of this package.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The folder in which cargo puts the libraries: beside the test program.
pub fn libraries() -> PathBuf {
    let program = std::env::current_exe().expect("the test's own path");
    program.parent().expect("a folder").to_path_buf()
}

/// An empty folder for a test.
pub fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a folder for programs");
    folder
}

/// How a program is linked with the library.
#[derive(Clone, Copy)]
pub enum Link {
    Dynamic,
    Static,
    /// Not at all: the program loads the library.
    Loaded,
}

/// A compiler for this header, with every warning an error.
pub fn compiler(command: &str, standard: &str) -> Command {
    let mut compiler = Command::new(command);
    compiler.arg(format!("-std={standard}"));
    compiler.args(["-g", "-Wall", "-Wextra", "-Wpedantic", "-Werror"]);
    compiler.arg("-I").arg(root().join("include"));
    compiler
}

/// Compiles a program of this package, or one at an absolute path.
pub fn program(source: &str, folder: &Path, link: Link) -> PathBuf {
    let source = root().join(source);
    let program = folder.join(source.file_stem().expect("a file"));
    let mut compiler = compiler("cc", "c99");
    compiler.arg(source).arg("-o").arg(&program);
    if sanitizer::is_thread() {
        compiler.arg("-fsanitize=thread").arg(root().join(THREAD_SANITIZER));
    }
    if sanitizer::is_address() {
        compiler.args(["-fsanitize=address,undefined", "-fno-sanitize-recover=undefined"]);
    }
    match link {
        Link::Dynamic => {
            let mut search = std::ffi::OsString::from("-Wl,-rpath,");
            search.push(libraries());
            compiler.arg("-L").arg(libraries()).arg("-lcallgate").arg(search);
        }
        Link::Static => {
            compiler.arg(libraries().join("libcallgate.a"));
        }
        // So that the library finds there what ThreadSanitizer needs in addition.
        Link::Loaded => {
            compiler.arg("-rdynamic");
        }
    }
    compiler.args(["-lpthread", "-ldl", "-lm"]);
    succeed(&mut compiler);
    program
}

/// Makes a program that is not compiled with the library's sanitizer, if any, load it first.
pub fn preload_sanitizer(command: &mut Command, folder: &Path) {
    if sanitizer::is_thread() {
        let library = folder.join("libsanitizer.so");
        let mut compiler = compiler("cc", "c99");
        compiler.args(["-shared", "-fPIC", "-fsanitize=thread", "-o"]).arg(&library);
        succeed(compiler.arg(root().join(THREAD_SANITIZER)));
        let runtime = succeed(Command::new("cc").arg("-print-file-name=libtsan.so"));
        command.env("LD_PRELOAD", format!("{} {}", runtime.trim(), library.display()));
    }
    if sanitizer::is_address() {
        let runtime = succeed(Command::new("cc").arg("-print-file-name=libasan.so"));
        // The leaks of an interpreter are its own.
        let options = std::env::var("ASAN_OPTIONS").unwrap_or_default() + ":detect_leaks=0";
        command.env("LD_PRELOAD", runtime.trim()).env("ASAN_OPTIONS", options);
    }
}

/// Runs a command that must succeed, and returns its standard output.
pub fn succeed(command: &mut Command) -> String {
    // Cargo's own search path would find an older build of the library first.
    command.env_remove("LD_LIBRARY_PATH");
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let Output { status, stdout, stderr } = output;
    let (stdout, stderr) = (String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
    assert!(status.success(), "{command:?}: {status}\n{stdout}\n{stderr}");
    stdout.into_owned()
}

/// Whether a command can be found.
pub fn is_installed(command: &str) -> bool {
    Command::new(command).arg("--version").output().is_ok()
}

/// Whether a command can be found; prints a clear notice if not.
pub fn is_there(command: &str) -> bool {
    let found = is_installed(command);
    if !found {
        // Not with `eprintln!`, whose output is hidden for a test that passes.
        writeln!(std::io::stderr(), "SKIPPED: {command} is not installed").ok();
    }
    found
}

/// The command that runs a program under valgrind, without the program; prints a clear notice if it cannot run.
pub fn valgrind() -> Option<Vec<String>> {
    // valgrind runs one thread at a time. Without fair scheduling, a thread that spins keeps the others from running.
    let words = ["valgrind", "--quiet", "--fair-sched=yes", "--error-exitcode=9"];
    let runs = !sanitizer::leaves_out("valgrind, which cannot run it") && is_there("valgrind");
    runs.then(|| words.map(str::to_owned).to_vec())
}
