//! `callgate keys`: certificates and keys for `tls://`, and an authority that signs them.

mod authority;
mod client;
mod files;
mod fingerprint;
mod host;
mod signing;

use std::process::ExitCode;

use clap::Subcommand;

use crate::failure::Failure;

pub use fingerprint::of_certificate as fingerprint;

/// Make certificates and keys for tls://.
///
/// An authority signs the certificates of hosts and clients, and each side trusts what it has signed. All of them
/// are files in one folder. Only the authority's certificate, and each side's own two files, belong on the other
/// machines. No private key is ever overwritten.
#[derive(clap::Args)]
pub struct Keys {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Authority(authority::MakeAuthority),
    Host(host::MakeHost),
    Client(client::MakeClient),
    Fingerprint(fingerprint::Fingerprint),
}

impl Keys {
    pub fn run(&self, json: bool) -> Result<ExitCode, Failure> {
        match &self.command {
            Command::Authority(command) => command.run(json),
            Command::Host(command) => command.run(json),
            Command::Client(command) => command.run(json),
            Command::Fingerprint(command) => command.run(json),
        }
    }
}

/// The longest time for which a certificate can be valid.
const LONGEST_DAYS: i64 = 36_500;
