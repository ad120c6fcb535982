//! A host in a process of its own: this test program, run again.

use std::process::{Command, Stdio};

use super::{host, unique, Process, LIMIT};

const ENDPOINT: &str = "CALLGATE_TEST_HOST";

/// A host, killed when it is dropped.
pub struct ProcessHost {
    _process: Process,
    pub endpoint: String,
}

impl ProcessHost {
    pub fn start() -> ProcessHost {
        let endpoint = format!("pipe://{}", unique("process"));
        let mut command = Command::new(std::env::current_exe().expect("this program"));
        command.args(["--exact", "support::process_host::serves_if_it_must", "--nocapture"]);
        command
            .env(ENDPOINT, &endpoint)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let mut process = Process::start(command).expect("it starts");
        let line = process.errors().recv_timeout(LIMIT).expect("it says that it listens");
        assert_eq!(line, "ready");
        ProcessHost { _process: process, endpoint }
    }
}

/// Does nothing, except in the process of such a host.
#[test]
fn serves_if_it_must() {
    let Ok(endpoint) = std::env::var(ENDPOINT) else { return };
    let _host = host::host_at("process", &endpoint);
    eprintln!("ready");
    std::thread::sleep(2 * LIMIT);
}
