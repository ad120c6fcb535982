//! The Python peer, as a child process.

use std::io::{BufRead, BufReader, Lines, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::OnceLock;

use crate::support::unique;

/// One role of the peer, running. Killed on drop.
pub struct Script {
    child: Child,
    orders: ChildStdin,
    words: Lines<BufReader<ChildStdout>>,
}

impl Script {
    /// Starts `client_role.py` or `host_role.py`.
    pub fn start(role: &str) -> Script {
        let mut child = Command::new(python())
            .arg("-B")
            .arg(repository().join(format!("tests/protocol/{role}_role.py")))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the peer starts");
        let orders = child.stdin.take().expect("a pipe");
        let words = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        Script { child, orders, words }
    }

    /// Starts a scenario.
    pub fn begin(&mut self, scenario: &str, address: &str) {
        writeln!(self.orders, "{scenario} {address}").expect("the peer takes orders");
    }

    /// The next line that it prints.
    pub fn hear(&mut self) -> String {
        match self.words.next() {
            Some(line) => line.expect("text"),
            None => panic!("the peer has failed; see its traceback"),
        }
    }

    /// Waits for this line.
    pub fn expect(&mut self, words: &str) {
        assert_eq!(self.hear(), words);
    }

    /// Runs a scenario of the client role to its end.
    pub fn run(&mut self, scenario: &str, address: &str) {
        self.begin(scenario, address);
        self.expect("done");
    }

    /// Starts a scenario of the host role, and returns its address.
    pub fn listen(&mut self, scenario: &str, address: &str) -> String {
        self.begin(scenario, address);
        let said = self.hear();
        said.strip_prefix("listening ").expect("an address").to_owned()
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        // It may have ended by itself.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// A path for a Unix socket, removed on drop.
pub struct SocketPath(pub PathBuf);

impl SocketPath {
    pub fn new() -> SocketPath {
        let folder = std::env::temp_dir().join(unique("protocol"));
        std::fs::create_dir(&folder).expect("a folder");
        SocketPath(folder.join("socket"))
    }

    pub fn endpoint(&self) -> String {
        format!("unix://{}", self.as_str())
    }

    pub fn as_str(&self) -> &str {
        self.0.to_str().expect("a path in UTF-8")
    }
}

impl Drop for SocketPath {
    fn drop(&mut self) {
        std::fs::remove_dir_all(self.0.parent().expect("a folder")).ok();
    }
}

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn python() -> &'static Path {
    static PYTHON: OnceLock<PathBuf> = OnceLock::new();
    PYTHON.get_or_init(|| {
        let output = Command::new(repository().join("ci/python"))
            .stderr(Stdio::inherit())
            .output()
            .expect("ci/python runs");
        assert!(output.status.success(), "ci/python has found no Python");
        let path = String::from_utf8(output.stdout).expect("a path in UTF-8");
        PathBuf::from(path.trim_end())
    })
}
