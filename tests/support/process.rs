//! Other processes: this test program, run again in another role.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

const ROLE: &str = "CALLGATE_TEST_ROLE";

/// Marks each line from a child, since the test runner prints lines too.
pub const MARK: &str = "@@";

/// A child process, killed when it is dropped.
pub struct Process {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Process {
    /// Runs the test with this name again, in a role.
    pub fn start(test: &str, role: &str) -> Process {
        let program = std::env::current_exe().unwrap();
        let mut command = Command::new(program);
        command.args(["--exact", test, "--nocapture", "--test-threads=1"]);
        Process::run(command, role)
    }

    /// The same with these variables in its environment.
    pub fn start_with(test: &str, role: &str, variables: &[(&str, &std::ffi::OsStr)]) -> Process {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", test, "--nocapture", "--test-threads=1"]);
        command.envs(variables.iter().copied());
        Process::run(command, role)
    }

    /// The same with a limit on its descriptors.
    #[cfg(unix)]
    pub fn start_with_descriptors(test: &str, role: &str, most: u32) -> Process {
        Process::start_limited(test, role, &format!("-n {most}"))
    }

    /// The same with a limit on its address space.
    #[cfg(unix)]
    pub fn start_with_memory(test: &str, role: &str, bytes: u64) -> Process {
        Process::start_limited(test, role, &format!("-v {}", bytes >> 10))
    }

    #[cfg(unix)]
    fn start_limited(test: &str, role: &str, limit: &str) -> Process {
        let mut command = Command::new("sh");
        command.args(["-c", &format!("ulimit {limit}; exec \"$@\""), "sh"]);
        command.arg(std::env::current_exe().unwrap());
        command.args(["--exact", test, "--nocapture", "--test-threads=1"]);
        Process::run(command, role)
    }

    fn run(mut command: Command, role: &str) -> Process {
        command.env(ROLE, role).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let input = child.stdin.take().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Process { child, input, output }
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Whether it has ended.
    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Sends it an order.
    pub fn say(&mut self, order: &str) {
        writeln!(self.input, "{order}").unwrap();
    }

    /// The next line from it.
    pub fn hear(&mut self) -> String {
        loop {
            let mut line = String::new();
            let count = self.output.read_line(&mut line).unwrap();
            assert!(count > 0, "the other process ended without a word");
            if let Some((_, told)) = line.split_once(MARK) {
                return told.trim_end().to_owned();
            }
        }
    }

    /// Sends it an order, and returns the next line from it.
    pub fn ask(&mut self, order: &str) -> String {
        self.say(order);
        self.hear()
    }

    /// Stops it; it can do nothing until it is resumed.
    #[cfg(unix)]
    pub fn stop(&self) {
        self.signal(libc::SIGSTOP);
        let state = || std::fs::read_to_string(format!("/proc/{}/stat", self.id())).unwrap();
        // The state follows the name, which is in parentheses.
        while !state().rsplit(") ").next().is_some_and(|rest| rest.starts_with('T')) {
            std::thread::yield_now();
        }
    }

    /// Lets it go on.
    #[cfg(unix)]
    pub fn resume(&self) {
        self.signal(libc::SIGCONT);
    }

    #[cfg(unix)]
    fn signal(&self, signal: i32) {
        // SAFETY: takes numbers; the child exists until it is waited for.
        assert_eq!(unsafe { libc::kill(self.id() as i32, signal) }, 0);
    }

    /// Kills it without a chance to clean up.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// The role of this process, if it is a child.
pub fn role() -> Option<String> {
    std::env::var(ROLE).ok()
}

/// Sends the parent a line.
pub fn tell(line: impl std::fmt::Display) {
    let mut output = std::io::stdout().lock();
    writeln!(output, "{MARK}{line}").unwrap();
    output.flush().unwrap();
}

/// The parent's orders; they end when it does.
pub fn orders() -> impl Iterator<Item = String> {
    std::io::stdin().lines().map_while(Result::ok)
}
