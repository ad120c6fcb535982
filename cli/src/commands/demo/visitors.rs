//! The endpoint by which clients of this machine reach the demonstration.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::Path;

use callgate::{Endpoint, Security, Trust};

use crate::commands::keys;
use crate::failure::Failure;

/// Where visitors connect.
pub struct Visitors {
    pub endpoint: Endpoint,
    /// What a visitor needs besides.
    pub missing: Option<String>,
}

/// Turns the endpoint of a host that listens into one for clients. With TLS they know the host by its key, which
/// works for every name and address.
///
/// # Errors
/// If the host's certificate cannot be read.
pub fn endpoint(listening: &Endpoint) -> Result<Visitors, Failure> {
    let Endpoint::Tls { host, port, security } = listening else {
        return Ok(Visitors { endpoint: listening.clone(), missing: None });
    };
    let certificate = security.certificate.as_deref().unwrap_or(Path::new(""));
    let fingerprint = keys::fingerprint(&certificate.to_string_lossy())?;
    let trust = Some(Trust::Keys(vec![fingerprint]));
    let mut own = Security { trust, ..Security::default() };
    let mut missing = None;
    if security.trust != Some(Trust::Anyone) {
        let (pem, key) =
            (certificate.with_file_name("client.pem"), certificate.with_file_name("client.key"));
        missing = Some(format!(
            "The host lets in only clients that it trusts: {} and {} stand for the certificate and key of one; \
             `callgate keys client` makes them.",
            pem.display(),
            key.display()
        ));
        (own.certificate, own.key) = (Some(pem), Some(key));
    }
    let endpoint = Endpoint::Tls { host: reachable(host), port: *port, security: own };
    Ok(Visitors { endpoint, missing })
}

/// The address at which a host is reached that listens on this one.
fn reachable(host: &str) -> String {
    match host.parse() {
        Ok(IpAddr::V4(Ipv4Addr::UNSPECIFIED)) => Ipv4Addr::LOCALHOST.to_string(),
        Ok(IpAddr::V6(Ipv6Addr::UNSPECIFIED)) => Ipv6Addr::LOCALHOST.to_string(),
        _ => host.to_owned(),
    }
}
