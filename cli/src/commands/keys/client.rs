//! `callgate keys client`.

use std::process::ExitCode;

use rcgen::{ExtendedKeyUsagePurpose, SanType};
use rustls::pki_types::DnsName;

use super::signing::{Signing, Subject};
use crate::failure::Failure;

/// Make the certificate and key of a client: NAME.pem and NAME.key.
///
/// Prints an endpoint for the client. Put the name or address of its host in place of HOST.
#[derive(clap::Args)]
pub struct MakeClient {
    #[command(flatten)]
    signing: Signing,
    /// The name by which hosts know the client. It can be any text.
    name: String,
}

impl MakeClient {
    pub fn run(&self, json: bool) -> Result<ExitCode, Failure> {
        let name = self.name.as_str();
        if name.is_empty() || name.chars().any(char::is_control) {
            let why = format!("{name:?} is no name: it must have characters, and no control ones");
            return Err(Failure::Usage(why));
        }
        let dns_name = DnsName::try_from(name).ok().and_then(|_| name.try_into().ok());
        let subject = Subject {
            name,
            alternative_names: dns_name.map(SanType::DnsName).into_iter().collect(),
            purpose: ExtendedKeyUsagePurpose::ClientAuth,
            address: "HOST:4000",
            title: "The client calls with this endpoint, with its host's name in place of HOST",
        };
        self.signing.run(subject, json)
    }
}
