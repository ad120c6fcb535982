//! `callgate keys host`.

use std::net::IpAddr;
use std::process::ExitCode;

use rcgen::{ExtendedKeyUsagePurpose, SanType};
use rustls::pki_types::DnsName;

use super::signing::{Signing, Subject};
use crate::failure::Failure;

/// Make the certificate and key of a host: NAME.pem and NAME.key.
///
/// Prints an endpoint on which the host can listen.
#[derive(clap::Args)]
pub struct MakeHost {
    #[command(flatten)]
    signing: Signing,
    /// The names by which clients know the host: DNS names, which may begin with `*.`, and IP addresses.
    #[arg(required = true, value_name = "NAME")]
    names: Vec<String>,
}

impl MakeHost {
    pub fn run(&self, json: bool) -> Result<ExitCode, Failure> {
        let names: Result<Vec<_>, _> = self.names.iter().map(|name| alternative(name)).collect();
        let subject = Subject {
            name: &self.names[0],
            alternative_names: names?,
            purpose: ExtendedKeyUsagePurpose::ServerAuth,
            address: "0.0.0.0:4000",
            title: "The host listens on all addresses with this endpoint",
        };
        self.signing.run(subject, json)
    }
}

fn alternative(name: &str) -> Result<SanType, Failure> {
    if let Ok(address) = name.parse::<IpAddr>() {
        return Ok(SanType::IpAddress(address));
    }
    let invalid = || Failure::Usage(format!("{name:?} is neither a DNS name nor an IP address"));
    DnsName::try_from(name.strip_prefix("*.").unwrap_or(name)).map_err(|_| invalid())?;
    name.try_into().map(SanType::DnsName).map_err(|_| invalid())
}
