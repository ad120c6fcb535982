//! What may stand on the command line.

use std::process::ExitCode;
use std::time::Duration;

use callgate::Endpoint;
use clap::{Args, Parser, Subcommand};
use tokio::runtime::{Builder, Runtime};

use crate::address::Address;
use crate::connect::Connect;
use crate::control::HEARTBEATS;
use crate::log;
use crate::nats::{Nats, NatsOptions};
use crate::offer::Offer;
use crate::signals::Signals;

/// The stack of the threads that read and write local streams: two for each session at the most.
const STACK: usize = 512 * 1024;

/// Carry connections of Callgate over NATS.
///
/// A SERVICE is nats://SERVER:PORT/NAME, with the servers of a cluster separated by commas. An ENDPOINT is
/// pipe://NAME, unix:///PATH, tcp://HOST:PORT or tls://HOST:PORT?OPTIONS.
#[derive(Debug, Parser)]
#[command(name = "callgate-gateway", version)]
pub struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Offer(OfferArguments),
    Connect(ConnectArguments),
}

/// Offer a local host as an instance of a service.
///
/// Runs until Ctrl-C or SIGTERM. Then it takes the offer back, and waits until the sessions that it has end.
/// At a second signal it ends at once.
#[derive(Args, Debug)]
struct OfferArguments {
    /// The service.
    service: Address,
    /// Where the host listens.
    endpoint: Endpoint,
    /// How long sessions may go on when the gateway is stopped, e.g. 30s.
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = duration)]
    drain_timeout: Duration,
    #[command(flatten)]
    common: Common,
}

/// Listen for clients, and connect each with an instance of a service.
///
/// Runs until Ctrl-C or SIGTERM.
#[derive(Args, Debug)]
struct ConnectArguments {
    /// The service.
    service: Address,
    /// Where clients connect.
    endpoint: Endpoint,
    /// Also end when standard input ends, as it does when the program that started the gateway ends.
    #[arg(long)]
    until_input_ends: bool,
    #[command(flatten)]
    common: Common,
}

#[derive(Args, Debug)]
struct Common {
    /// The most sessions at a time.
    #[arg(long, value_name = "NUMBER", default_value_t = 1000, value_parser = sessions)]
    sessions: usize,
    /// The longest time in which a session sends nothing; after three times this time without a message the other
    /// gateway ends it.
    #[arg(long, value_name = "TIME", default_value = "5s", value_parser = heartbeat)]
    heartbeat: Duration,
    #[command(flatten)]
    nats: NatsOptions,
}

impl CommandLine {
    /// Runs the command, until it is stopped.
    pub fn run(self) -> ExitCode {
        match self.command.run() {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                log::note(&format!("error: {error}"));
                ExitCode::FAILURE
            }
        }
    }
}

impl Command {
    fn run(self) -> Result<(), String> {
        let (Command::Offer(OfferArguments { common, .. })
        | Command::Connect(ConnectArguments { common, .. })) = &self;
        let runtime = runtime(common.sessions).map_err(|error| error.to_string())?;
        let ended = runtime.block_on(self.serve());
        // Threads that read from local streams end with the process.
        runtime.shutdown_background();
        ended
    }

    async fn serve(self) -> Result<(), String> {
        let mut signals = Signals::watch().map_err(|error| error.to_string())?;
        match self {
            Command::Offer(OfferArguments { service, endpoint, drain_timeout, common }) => {
                let nats = Nats::connect(&common.nats, &service, common.heartbeat).await?;
                let (most, heartbeat) = (common.sessions, common.heartbeat);
                Offer { endpoint, most, heartbeat, drain: drain_timeout }.run(nats, signals).await
            }
            Command::Connect(ConnectArguments { service, endpoint, until_input_ends, common }) => {
                if until_input_ends {
                    signals.watch_input();
                }
                let nats = Nats::connect(&common.nats, &service, common.heartbeat).await?;
                let (most, heartbeat) = (common.sessions, common.heartbeat);
                Connect { endpoint, most, heartbeat }.run(nats, signals).await
            }
        }
    }
}

/// One thread does all that NATS needs, without passing anything between threads; others wait for local streams.
fn runtime(sessions: usize) -> std::io::Result<Runtime> {
    Builder::new_current_thread()
        .enable_all()
        .thread_stack_size(STACK)
        .max_blocking_threads(2 * sessions + 16)
        .build()
}

fn sessions(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(number @ 1..=100_000) => Ok(number),
        _ => Err("it must be a number from 1 to 100000".into()),
    }
}

fn heartbeat(text: &str) -> Result<Duration, String> {
    let time = duration(text)?;
    match HEARTBEATS.contains(&time) {
        true => Ok(time),
        false => Err("it must be from 100ms to 60s".into()),
    }
}

/// Reads `2s`, `1.5s`, `200ms` or `5m`.
fn duration(text: &str) -> Result<Duration, String> {
    let invalid = || format!("'{text}' is not a time: write 2s, 1.5s, 200ms or 5m");
    let unit = text.find(|c: char| c.is_ascii_alphabetic()).ok_or_else(invalid)?;
    let (number, unit) = text.split_at(unit);
    let seconds = match unit {
        "ms" => 1e-3,
        "s" => 1.0,
        "m" => 60.0,
        _ => return Err(invalid()),
    };
    let number: f64 = number.parse().map_err(|_| invalid())?;
    Duration::try_from_secs_f64(number * seconds).map_err(|_| invalid())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        CommandLine::command().debug_assert();
    }

    #[test]
    fn times_have_units() {
        assert_eq!(duration("1.5s"), Ok(Duration::from_millis(1500)));
        assert_eq!(duration("200ms"), Ok(Duration::from_millis(200)));
        assert_eq!(duration("2m"), Ok(Duration::from_secs(120)));
        for text in ["", "5", "s", "-1s", "1e99m", "1h"] {
            assert!(duration(text).is_err(), "{text}");
        }
        assert!(
            heartbeat("100ms").is_ok() && heartbeat("99ms").is_err() && heartbeat("61s").is_err()
        );
        assert!(sessions("1").is_ok() && sessions("0").is_err());
    }
}
