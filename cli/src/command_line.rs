//! What may stand on the command line.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::commands::{
    bench, call, completions, demo, describe, diff, endpoints, exit_codes, gateway, keys, list,
    listen, man, mcp, ping, proxy, serve, trace, watch,
};
use crate::failure::Failure;

/// Ask a running host what it serves, and call it.
///
/// An ENDPOINT is pipe://NAME, unix:///PATH, tcp://HOST:PORT or tls://HOST:PORT?OPTIONS. Commands that call a host take
/// several, separated by commas, of hosts that can stand in for one another, or nats://SERVER:PORT/SERVICE.
#[derive(Parser)]
#[command(name = "callgate", version, disable_help_subcommand = false)]
#[command(
    after_help = "`callgate help COMMAND` says more. `callgate help exit-codes` lists the exit codes."
)]
pub struct CommandLine {
    /// Print JSON, errors included.
    #[arg(long, global = true)]
    pub json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    List(list::List),
    Describe(describe::Describe),
    Call(call::CallMethod),
    Diff(diff::Diff),
    Ping(ping::Ping),
    Watch(watch::Watch),
    Bench(bench::Bench),
    Endpoints(endpoints::Endpoints),
    Listen(listen::Listen),
    Serve(serve::Serve),
    Mcp(mcp::Mcp),
    Trace(trace::Trace),
    Proxy(proxy::Proxy),
    Demo(demo::Demo),
    Keys(keys::Keys),
    Gateway(gateway::Gateway),
    Completions(completions::Completions),
    ExitCodes(exit_codes::ExitCodes),
    Man(man::Man),
}

impl CommandLine {
    /// Runs the command.
    pub fn run(&self) -> Result<ExitCode, Failure> {
        let json = self.json;
        match &self.command {
            Command::List(command) => command.run(json),
            Command::Describe(command) => command.run(json),
            Command::Call(command) => command.run(json),
            Command::Diff(command) => command.run(json),
            Command::Ping(command) => command.run(json),
            Command::Watch(command) => command.run(json),
            Command::Bench(command) => command.run(json),
            Command::Endpoints(command) => command.run(json),
            Command::Listen(command) => command.run(json),
            Command::Serve(command) => command.run(json),
            Command::Mcp(command) => command.run(),
            Command::Trace(command) => command.run(json),
            Command::Proxy(command) => command.run(),
            Command::Demo(command) => command.run(),
            Command::Keys(command) => command.run(json),
            Command::Gateway(command) => command.run(),
            Command::Completions(command) => command.run(),
            Command::ExitCodes(command) => command.run(),
            Command::Man(command) => command.run(),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        super::CommandLine::command().debug_assert();
    }
}
