//! A host in a process of its own: this test program, run again.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use super::{host, unique, Process, LIMIT};

const ENDPOINT: &str = "CALLGATE_TEST_HOST";
const LEDGER: &str = "CALLGATE_TEST_LEDGER";

/// A host, killed when it is dropped.
pub struct ProcessHost {
    _process: Process,
    pub endpoint: String,
}

impl ProcessHost {
    /// Starts one on an endpoint of its own.
    pub fn start() -> ProcessHost {
        ProcessHost::start_at(&format!("pipe://{}", unique("process")), None)
    }

    /// Starts one on this endpoint. Its method `Note` adds a number to the ledger, a file that outlives it.
    pub fn start_at(endpoint: &str, ledger: Option<&Path>) -> ProcessHost {
        let mut command = Command::new(std::env::current_exe().expect("this program"));
        command.args(["--exact", "support::process_host::serves_if_it_must", "--nocapture"]);
        command.env(ENDPOINT, endpoint).envs(ledger.map(|ledger| (LEDGER, ledger)));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut process = Process::start(command).expect("it starts");
        let line = process.errors().recv_timeout(LIMIT).expect("it says that it listens");
        assert_eq!(line, "ready");
        ProcessHost { _process: process, endpoint: endpoint.to_owned() }
    }
}

/// Does nothing, except in the process of such a host.
#[test]
fn serves_if_it_must() {
    let Ok(endpoint) = std::env::var(ENDPOINT) else { return };
    let ledger = std::env::var_os(LEDGER);
    let ledger = ledger.map(|path| OpenOptions::new().append(true).open(path).expect("a file"));
    let note = move |number: u64| {
        // One write, which the file has even if this process is killed the moment after.
        (&mut ledger.as_ref()?).write_all(format!("{number}\n").as_bytes()).ok()
    };
    let _host = host::host_with("process", &endpoint, note);
    eprintln!("ready");
    std::thread::sleep(20 * LIMIT);
}
