//! The other processes: how they are pinned, started, controlled and ended.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::{env, fs};

use crate::stats::Slice;
use crate::system;

/// This program, to be run once more.
pub fn me() -> Command {
    Command::new(env::current_exe().expect("this program has a path"))
}

/// A program that runs on one processor, or on any if `None`.
pub fn pinned(program: &OsStr, processor: Option<usize>) -> Command {
    let Some(processor) = processor else { return Command::new(program) };
    let mut command = me();
    command.args(["pinned", &processor.to_string()]).arg(program);
    command
}

/// Pins this process and becomes the program, as [`pinned`] requests.
pub fn become_pinned(processor: &str, program: &[String]) -> ! {
    system::pin(processor.parse().expect("a processor's number"));
    let (program, arguments) = program.split_first().expect("a program to run");
    let failure = Command::new(program).args(arguments).exec();
    panic!("{program} cannot be run: {failure}");
}

/// Reports that this process is ready, and waits until it is no longer needed.
pub fn serve_until_end() {
    println!("ready");
    std::io::stdin().lines().for_each(drop);
}

/// Another process. It reports that it is ready, and ends when its standard input does.
pub struct Process {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Process {
    /// Starts it, and waits until it is ready.
    pub fn start(mut command: Command) -> Process {
        let spawned = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut child = spawned.unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let input = child.stdin.take();
        let mut output = BufReader::new(child.stdout.take().expect("it was asked for"));
        let mut said = String::new();
        output.read_line(&mut said).expect("the process speaks");
        assert_eq!(said, "ready\n", "{command:?} is not ready");
        Process { child, input, output }
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// The memory that it has resident, in KiB.
    pub fn resident_kib(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.id()));
        let status = status.expect("the process is there");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let number = line.and_then(|line| line.split_whitespace().next());
        number.and_then(|number| number.parse().ok()).expect("the system reports its memory")
    }

    /// Requests calls from a client program: sends their number on a line, and receives how long each took,
    /// in µs, as 8 bytes each.
    pub fn slice(&mut self, calls: usize) -> Slice {
        let input = self.input.as_mut().expect("it is open until the end");
        writeln!(input, "{calls}").expect("the client program listens");
        let mut bytes = vec![0; calls * size_of::<f64>()];
        self.output.read_exact(&mut bytes).expect("the client program replies");
        let numbers = bytes.chunks_exact(size_of::<f64>());
        let latencies =
            numbers.map(|number| f64::from_ne_bytes(number.try_into().expect("8 bytes")));
        Slice::of_latencies(latencies.collect())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.input.take();
        self.child.wait().ok();
    }
}
