//! Compiles the C programs of `suite/c` against the library under test.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The directory in which cargo puts the shared library, beside this program.
pub fn libraries() -> PathBuf {
    let program = std::env::current_exe().expect("this program has a path");
    program.parent().expect("it is in a folder").into()
}

/// Compiles a program of `suite/c`; an error if there is no compiler.
pub fn compile(name: &str, program: &Path) -> Result<(), String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut search = OsString::from("-Wl,-rpath,");
    search.push(libraries());
    let mut compiler = Command::new("cc");
    compiler.args(["-std=c99", "-O2", "-Wall", "-Wextra", "-Wpedantic", "-Werror"]);
    compiler.arg("-I").arg(root.join("include"));
    compiler.arg(root.join("benches/suite/c").join(name).with_extension("c"));
    compiler.arg("-o").arg(program).arg("-L").arg(libraries()).arg("-lcallgate").arg(search);
    let status =
        compiler.status().map_err(|error| format!("there is no C compiler 'cc': {error}"))?;
    assert!(status.success(), "{compiler:?}: {status}");
    Ok(())
}
