//! `callgate keys fingerprint`.

use std::process::ExitCode;

use callgate::KeyFingerprint;
use ring::digest::{digest, SHA256};
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::CertificateDer;
use rustls::server::ParsedCertificate;
use serde_json::json;

use super::files;
use crate::failure::Failure;
use crate::output;

/// Print the fingerprint of the key in a certificate, as trust= takes it.
///
/// A certificate that is renewed for the same key keeps it.
#[derive(clap::Args)]
pub struct Fingerprint {
    /// A certificate in the format PEM.
    file: String,
}

impl Fingerprint {
    pub fn run(&self, json: bool) -> Result<ExitCode, Failure> {
        let fingerprint = of_certificate(&self.file)?;
        match json {
            true => output::json(&json!({ "fingerprint": fingerprint.to_string() }))?,
            false => output::line(&fingerprint)?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// The fingerprint of the key in the first certificate of a file.
///
/// # Errors
/// If there is no certificate in it.
pub fn of_certificate(file: &str) -> Result<KeyFingerprint, Failure> {
    let certificate = read_certificate(file, "")?;
    Ok(of_key(&public_key(file, &certificate)?))
}

/// The first certificate of a file.
///
/// # Errors
/// If there is none. The advice says what to do if the file cannot be read.
pub fn read_certificate(file: &str, advice: &str) -> Result<CertificateDer<'static>, Failure> {
    let bytes = files::read(file, advice)?;
    CertificateDer::from_pem_slice(&bytes).map_err(|error| {
        Failure::Usage(match error {
            pem::Error::NoItemsFound => format!("{file} contains no certificate in PEM"),
            error => format!("{file} is not in the format PEM: {error}"),
        })
    })
}

/// The public key in a certificate, as certificates hold it.
///
/// # Errors
/// If the certificate cannot be read.
pub fn public_key(file: &str, certificate: &CertificateDer<'_>) -> Result<Vec<u8>, Failure> {
    let parsed = ParsedCertificate::try_from(certificate)
        .map_err(|error| Failure::Usage(format!("{file}: {error}")))?;
    Ok(parsed.subject_public_key_info().to_vec())
}

/// The fingerprint of a public key, as certificates hold it.
pub fn of_key(public_key: &[u8]) -> KeyFingerprint {
    let hash = digest(&SHA256, public_key);
    KeyFingerprint(hash.as_ref().try_into().expect("SHA-256 has 32 bytes"))
}
