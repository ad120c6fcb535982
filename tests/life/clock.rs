//! Clocks that a test sets, for processes that it starts; see clock.c.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::process::Process;
use crate::support::unique;

const VARIABLE: &str = "CALLGATE_TEST_CLOCK";

pub const HOUR: i64 = 3600;

/// By how many seconds clocks are ahead of the system's.
#[derive(Clone, Copy, Default)]
pub struct Ahead {
    pub time_of_day: i64,
    pub monotonic: i64,
    /// The clock that also counts the time that the machine sleeps.
    pub with_sleep: i64,
}

/// The clocks of some processes.
pub struct Clock {
    place: PathBuf,
    library: PathBuf,
}

impl Clock {
    pub fn new() -> Clock {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let library = folder.join(unique("clock.so"));
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/life/clock.c");
        let mut compiler = Command::new("cc");
        compiler.args(["-std=gnu11", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o"]);
        compiler.arg(&library).arg(source).arg("-ldl");
        assert!(compiler.status().unwrap().success());
        let place = folder.join(unique("clock"));
        let clock = Clock { place, library };
        File::create(&clock.place).unwrap();
        clock.set(Ahead::default());
        clock
    }

    /// Sets the clocks of all its processes at once.
    pub fn set(&self, ahead: Ahead) {
        set(&self.place, ahead);
    }

    /// Runs the test with this name again, in a role, with these clocks.
    pub fn start(&self, test: &str, role: &str) -> Process {
        let variables =
            [("LD_PRELOAD", self.library.as_os_str()), (VARIABLE, self.place.as_os_str())];
        Process::start_with(test, role, &variables)
    }
}

impl Drop for Clock {
    fn drop(&mut self) {
        std::fs::remove_file(&self.place).ok();
        std::fs::remove_file(&self.library).ok();
    }
}

fn set(place: &Path, ahead: Ahead) {
    let numbers = [ahead.time_of_day, ahead.monotonic, ahead.with_sleep];
    let bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_ne_bytes()).collect();
    File::options().write(true).open(place).unwrap().write_all_at(&bytes, 0).unwrap();
}

/// Sets the clocks of this process, which [`Clock::start`] started.
pub fn set_own(ahead: Ahead) {
    set(Path::new(&std::env::var_os(VARIABLE).unwrap()), ahead);
}
