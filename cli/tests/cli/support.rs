//! Runs the tool, and hosts for it.

#[path = "../../../tests/support/names.rs"]
mod names;

use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use callgate::{Client, Connection, Contract, Error, Host, HostBuilder, InboundCall};

pub use names::unique;

/// How long a run may take before the test fails: far more than it needs on a busy machine.
pub const LIMIT: Duration = Duration::from_secs(90);

/// What a run of the tool left behind.
pub struct Run {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Run {
    /// Its standard output, if it succeeded.
    pub fn succeeded(self) -> String {
        assert_eq!(self.code, 0, "{}{}", self.out, self.err);
        self.out
    }

    /// Its standard error, if it failed with this code and printed nothing else.
    pub fn failed(self, code: i32) -> String {
        assert_eq!(self.code, code, "{}{}", self.out, self.err);
        assert_eq!(self.out, "");
        self.err
    }
}

/// The tool with these arguments.
pub fn tool(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_callgate"));
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    for variable in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE"] {
        command.env_remove(variable);
    }
    command
}

/// Runs the tool.
pub fn callgate(arguments: &[&str]) -> Run {
    finish(tool(arguments))
}

/// Runs the tool with a variable of the environment.
pub fn callgate_with(variable: (&str, &str), arguments: &[&str]) -> Run {
    let mut command = tool(arguments);
    command.env(variable.0, variable.1);
    finish(command)
}

fn finish(mut command: Command) -> Run {
    await_end(command.spawn().expect("the tool starts"))
}

fn await_end(child: Child) -> Run {
    let id = child.id();
    let (done, finished) = mpsc::channel();
    thread::spawn(move || done.send(child.wait_with_output()).ok());
    let output = finished.recv_timeout(LIMIT).unwrap_or_else(|_| {
        signal("KILL", id);
        panic!("the tool hangs");
    });
    let output = output.expect("the tool ends");
    Run {
        code: output.status.code().expect("an exit code"),
        out: String::from_utf8(output.stdout).expect("UTF-8"),
        err: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}

/// Sends a signal to a process.
pub fn signal(name: &str, id: u32) {
    Command::new("kill").args([&format!("-{name}"), &id.to_string()]).status().expect("kill runs");
}

/// Starts the tool, lets `then` do something with the process, and returns what the run left behind.
pub fn callgate_while(arguments: &[&str], then: impl FnOnce(u32)) -> Run {
    let child = tool(arguments).spawn().expect("the tool starts");
    then(child.id());
    await_end(child)
}

/// A run of the tool as a host.
pub struct Hosting {
    child: Child,
    /// Where it listens, or the first of several endpoints.
    pub endpoint: String,
    /// The lines of its standard output.
    pub lines: mpsc::Receiver<String>,
}

impl Hosting {
    /// Starts it, and waits until it listens.
    pub fn start(arguments: &[&str]) -> Hosting {
        let mut child = tool(arguments).spawn().expect("the tool starts");
        let errors = lines(child.stderr.take().expect("it is piped"));
        let lines = lines(child.stdout.take().expect("it is piped"));
        let mut hosting = Hosting { child, endpoint: String::new(), lines };
        let first = errors.recv_timeout(LIMIT).expect("it says where it listens");
        hosting.endpoint = first.strip_prefix("listening on ").expect(&first).to_owned();
        hosting
    }

    /// The next line that it prints.
    pub fn line(&self) -> String {
        self.lines.recv_timeout(LIMIT).expect("it prints a line")
    }

    /// The process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Kills it without a chance to clean up.
    pub fn kill(&mut self) {
        self.child.kill().expect("it is killed");
        self.child.wait().expect("it ends");
    }

    /// Interrupts it, and waits for its end.
    pub fn interrupt(mut self) {
        signal("INT", self.id());
        let status = self.child.wait().expect("it ends");
        assert_eq!(status.code(), Some(0));
    }
}

impl Drop for Hosting {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// The lines of an output, as they come.
pub fn lines(output: impl Read + Send + 'static) -> mpsc::Receiver<String> {
    let (found, lines) = mpsc::channel();
    thread::spawn(move || {
        let all = BufReader::new(output).lines().map_while(Result::ok);
        all.for_each(|line| drop(found.send(line)));
    });
    lines
}

/// A file in a temporary folder, removed on drop.
pub struct File(pub PathBuf);

impl File {
    pub fn new(name: &str, content: impl AsRef<[u8]>) -> File {
        let path = std::env::temp_dir().join(unique(name));
        std::fs::write(&path, content).expect("the file can be written");
        File(path)
    }

    pub fn path(&self) -> &str {
        self.0.to_str().expect("UTF-8")
    }
}

impl Drop for File {
    fn drop(&mut self) {
        std::fs::remove_file(&self.0).ok();
    }
}

/// What the host below serves.
pub const ALL_TYPES: &str = include_str!("types.json");

/// A host that serves `ITypes`, whose `Echo` methods return their argument, on an endpoint of its own.
pub fn host(name: &str) -> (Host, String) {
    let endpoint = format!("pipe://{}", unique(name));
    let contract = Contract::parse(ALL_TYPES).expect("a description");
    let host = builder(&endpoint).describe(&contract).start().expect("it listens");
    (host, endpoint)
}

/// The same without a description.
pub fn builder(endpoint: &str) -> HostBuilder {
    Host::builder().endpoint(endpoint).delegate("ITypes", |_: &Connection| types)
}

fn types(call: InboundCall) {
    let outcome = match call.method() {
        "Fail" => call.fail(Error::remote_error("My\u{1b}Error", "it failed\u{9b}\non two lines")),
        "Wait" => {
            call.wait_cancelled(Some(LIMIT));
            call.reply(&())
        }
        "Overload" => {
            let signature = call.signature().map(str::to_owned);
            call.reply(&signature)
        }
        "Count" => {
            let count = call.arguments()[0] & 0x0f;
            call.reply(&count)
        }
        "EchoByNumber" => {
            let names = call.args::<(std::collections::BTreeMap<i32, String>,)>();
            call.reply_with(names.map(|(names,)| names))
        }
        // The elements of an array of one follow its first byte.
        _ => call.reply_from_arguments(|arguments| &arguments[1..]),
    };
    outcome.ok();
}

/// Whether a host still answers, after what the tool did to it.
pub fn assert_alive(endpoint: &str) {
    let client = Client::connect(endpoint).expect("a client");
    client.wait_connected(Some(LIMIT)).expect("the host is alive");
}
