//! Certificates that the authority of a folder signs.

use std::process::ExitCode;

use callgate::Endpoint;
use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, Issuer, KeyPair};
use rcgen::{KeyUsagePurpose, PublicKeyData, SanType, SerialNumber};
use ring::rand::{SecureRandom, SystemRandom};
use serde_json::json;
use time::{Duration, OffsetDateTime};

use super::files::{self, Files};
use super::{fingerprint, LONGEST_DAYS};
use crate::failure::Failure;
use crate::output::{self, Plain};
use crate::shell;

/// The name of the authority's files.
pub const NAME: &str = "authority";

/// How far the clock of another machine may be behind.
const CLOCKS: Duration = Duration::hours(1);

/// What certificates of hosts and of clients have in common on the command line.
#[derive(clap::Args)]
pub struct Signing {
    /// The folder of the authority, to which the two files are added.
    folder: String,
    /// How long the certificate is valid.
    #[arg(long, default_value_t = 365, value_parser = clap::value_parser!(i64).range(1..=LONGEST_DAYS))]
    days: i64,
    /// Sign a new certificate for the key that is there, and replace the old certificate.
    #[arg(long)]
    renew: bool,
}

/// Whom a certificate is for.
pub struct Subject<'a> {
    /// The common name, after which the files are named.
    pub name: &'a str,
    pub alternative_names: Vec<SanType>,
    pub purpose: ExtendedKeyUsagePurpose,
    /// The address in the endpoint that is shown.
    pub address: &'a str,
    /// What the endpoint is for.
    pub title: &'a str,
}

impl Signing {
    /// Makes a key and its certificate, and shows the endpoint to use them with.
    pub fn run(&self, subject: Subject<'_>, json: bool) -> Result<ExitCode, Failure> {
        let files = Files::of(&self.folder, subject.name);
        let authority = Files::of(&self.folder, NAME);
        let Files { certificate, key } = &files;
        let trust = &authority.certificate;
        let address = subject.address;
        let endpoint = format!("tls://{address}?certificate={certificate}&key={key}&trust={trust}");
        // So that no file is written that an endpoint cannot name.
        let endpoint: Endpoint = endpoint.parse()?;
        let issuer = issuer(&authority, &self.folder)?;
        let mut params = params(subject.name, self.days)?;
        params.subject_alt_names = subject.alternative_names;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![subject.purpose];
        params.use_authority_key_identifier_extension = true;
        let own = match self.renew {
            true => read_key(&files.key, "; without --renew there will be one")?,
            false => KeyPair::generate().map_err(failed)?,
        };
        let signed = params.signed_by(&own, &issuer).map_err(failed)?.pem();
        match self.renew {
            true => files.replace_certificate(&signed)?,
            false => files.create(&signed, &own.serialize_pem())?,
        }
        if json {
            let fingerprint = fingerprint::of_key(&own.subject_public_key_info());
            output::json(&json!({
                "certificate": certificate,
                "key": key,
                "fingerprint": fingerprint.to_string(),
                "days": self.days,
                "endpoint": endpoint.to_string(),
            }))?;
            return Ok(ExitCode::SUCCESS);
        }
        let wrote = match self.renew {
            true => format!("wrote {}", Plain(certificate)),
            false => format!("wrote {} and {}", Plain(certificate), Plain(key)),
        };
        output::line(&format!("{wrote}, valid for {} days", self.days))?;
        output::line(&format!("{}:", subject.title))?;
        output::line(&format!("  {}", Plain(&shell::word(&endpoint.to_string()))))?;
        Ok(ExitCode::SUCCESS)
    }
}

/// What all certificates have, valid from now on.
pub fn params(name: &str, days: i64) -> Result<CertificateParams, Failure> {
    let now = OffsetDateTime::now_utc();
    let mut serial = [0; 16];
    SystemRandom::new()
        .fill(&mut serial)
        .map_err(|_| Failure::System("the system has no random numbers".into()))?;
    let mut params = CertificateParams::default();
    params.not_before = now - CLOCKS;
    params.not_after = now + Duration::days(days);
    params.serial_number = Some(SerialNumber::from_slice(&serial));
    params.distinguished_name.push(DnType::CommonName, name);
    Ok(params)
}

/// A certificate could not be made.
pub fn failed(error: rcgen::Error) -> Failure {
    Failure::System(format!("the certificate cannot be made: {error}"))
}

/// The authority of a folder.
fn issuer(authority: &Files, folder: &str) -> Result<Issuer<'static, KeyPair>, Failure> {
    let advice = format!("; `callgate keys authority {}` makes an authority", shell::word(folder));
    let file = &authority.certificate;
    let certificate = fingerprint::read_certificate(file, &advice)?;
    let key = read_key(&authority.key, &advice)?;
    if fingerprint::public_key(file, &certificate)? != key.subject_public_key_info() {
        let why = format!("{} is not the key of {file}; bring back the right one", authority.key);
        return Err(Failure::Usage(why));
    }
    Issuer::from_ca_cert_der(&certificate, key)
        .map_err(|error| Failure::Usage(format!("{file}: {error}")))
}

fn read_key(file: &str, advice: &str) -> Result<KeyPair, Failure> {
    let unusable = |why: String| Failure::Usage(format!("{file} contains no usable key: {why}"));
    let bytes = files::read(file, advice)?;
    let text = String::from_utf8(bytes).map_err(|error| unusable(error.to_string()))?;
    KeyPair::from_pem(&text).map_err(|error| unusable(error.to_string()))
}
