//! The program callgate-gateway, through which commands reach services at `nats://`. It is apart because it needs an
//! asynchronous runtime, and this tool does not.

use std::env;
use std::io::{self, BufRead, BufReader, ErrorKind};
use std::process::{self, Child, Command, Stdio};

use callgate::{Error, Status};

use crate::failure::Failure;

const PROGRAM: &str = "callgate-gateway";

/// The program, which is beside this one or in the search path.
pub fn command() -> Command {
    let beside = env::current_exe().map(|tool| tool.with_file_name(PROGRAM));
    match beside {
        Ok(path) if path.with_extension(env::consts::EXE_EXTENSION).exists() => Command::new(path),
        _ => Command::new(PROGRAM),
    }
}

/// What to do if it cannot be started.
pub fn cannot_start(error: io::Error) -> Failure {
    Failure::System(match error.kind() {
        ErrorKind::NotFound => format!(
            "{PROGRAM} is neither beside this program nor in the search path; \
             `cargo install callgate-gateway` installs it"
        ),
        _ => format!("{PROGRAM}: {error}"),
    })
}

/// A gateway that runs for one command. It ends when this value is dropped, or this process ends.
pub struct Sidecar {
    child: Child,
    endpoint: String,
}

impl Sidecar {
    /// Starts a gateway to the service at `nats://SERVER/SERVICE`, and waits until it listens.
    ///
    /// # Errors
    /// What the gateway says, such as that the server does not answer.
    pub fn start(service: &str) -> Result<Sidecar, Failure> {
        let endpoint = format!("pipe://callgate-tool-{}", process::id());
        let mut child = command()
            .args(["connect", service, &endpoint, "--until-input-ends"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(cannot_start)?;
        let output = child.stderr.take().expect("it has a pipe");
        let mut sidecar = Sidecar { child, endpoint };
        sidecar.wait_until_it_listens(BufReader::new(output))?;
        Ok(sidecar)
    }

    /// Where it takes connections to the service.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    fn wait_until_it_listens(
        &mut self,
        mut output: impl BufRead + Send + 'static,
    ) -> Result<(), Failure> {
        let mut printed = String::new();
        while output.read_line(&mut printed)? > 0 {
            if printed.lines().next_back().is_some_and(|line| line.starts_with("listening on ")) {
                // So that it never waits to print.
                std::thread::spawn(move || io::copy(&mut output, &mut io::sink()));
                return Ok(());
            }
        }
        self.child.wait()?;
        let said = printed.trim_end().strip_prefix("error: ").unwrap_or(&printed).to_owned();
        Err(Error::new(Status::ChannelFaulted, said).into())
    }
}

impl Drop for Sidecar {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        self.child.wait().ok();
    }
}
