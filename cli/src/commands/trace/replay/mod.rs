//! `callgate trace replay`.

mod difference;
mod peer;
mod player;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use serde_json::json;

use crate::duration;
use crate::failure::Failure;
use crate::output::{self, Plain, BOLD, RED, RESET};
use crate::recording::Script;
use crate::target::Target;

use player::Player;

/// The exit code if there are differences.
const DIFFERENT: u8 = 1;

/// Make the calls of a trace again, and compare the replies.
///
/// Each connection of the trace becomes a client. Calls are made in the recorded order: one that began before
/// the reply to another does so again. Callbacks get the recorded replies. Results are compared as values,
/// errors by status, execution and, if they are remote errors, type, message and data. Calls that were
/// cancelled or have no recorded outcome are not compared, and `callgate.Host` is not called.
///
/// Exit code 0 says that all replies are the same, 1 that there are differences.
#[derive(clap::Args)]
pub struct Replay {
    /// The trace, which must have payloads.
    file: PathBuf,
    #[command(flatten)]
    target: Target,
    /// How long to wait for each reply and each callback.
    #[arg(long, short, value_name = "TIME", default_value = "30s", value_parser = duration::parse)]
    timeout: Duration,
    /// Call this method, but do not compare its replies: they differ each time. May be repeated.
    #[arg(long, value_name = "INTERFACE.METHOD")]
    ignore: Vec<String>,
}

impl Replay {
    pub fn run(&self, json: bool) -> Result<ExitCode, Failure> {
        let script = Script::read(&self.file, false)?;
        // Says early, and once, if there is no host.
        let host = self.target.connect()?;
        let mut player = Player::new(&self.target, self.timeout, &self.ignore, &script);
        player.play(&script.steps)?;
        host.client.close()?;
        let played = player.finish();
        if json {
            let found = played.differences.iter().map(|it| it.to_json());
            output::json(&json!({
                "calls": played.calls,
                "compared": played.compared,
                "not_recorded_whole": script.cut,
                "differences": found.collect::<Vec<_>>(),
            }))?;
        } else {
            for found in &played.differences {
                let name = Plain(&found.name);
                output::line(&format!(
                    "{RED}{BOLD}different:{RESET} {name}, connection {}",
                    found.connection + 1
                ))?;
                output::line(&format!("  recorded: {}", found.recorded))?;
                output::line(&format!("  now:      {}", found.now))?;
            }
            let calls = output::counted(played.calls as u64, "call");
            let differences = output::counted(played.differences.len() as u64, "difference");
            output::line(&format!("{calls}, {} compared, {differences}", played.compared))?;
            if script.cut > 0 {
                output::note(&format!(
                    "{} messages are too large to be recorded whole",
                    script.cut
                ));
            }
        }
        Ok(match played.differences.is_empty() {
            true => ExitCode::SUCCESS,
            false => ExitCode::from(DIFFERENT),
        })
    }
}
