//! `callgate keys authority`.

use std::fs;
use std::process::ExitCode;

use rcgen::{BasicConstraints, IsCa, KeyPair, KeyUsagePurpose, PublicKeyData};
use serde_json::json;

use super::files::Files;
use super::signing::{failed, params, NAME};
use super::{fingerprint, LONGEST_DAYS};
use crate::failure::Failure;
use crate::output::{self, Plain};
use crate::shell;

/// How many digits of its fingerprint are in an authority's name, so that two authorities have two names.
const DIGITS: usize = 8;

/// Make an authority: authority.pem and authority.key.
///
/// Both sides trust authority.pem. Keep authority.key where no program runs: who has it can pass for every host
/// and client.
#[derive(clap::Args)]
pub struct MakeAuthority {
    /// The folder, which is made if it does not exist.
    folder: String,
    /// How long the authority is valid.
    #[arg(long, default_value_t = 3650, value_parser = clap::value_parser!(i64).range(1..=LONGEST_DAYS))]
    days: i64,
}

impl MakeAuthority {
    pub fn run(&self, json: bool) -> Result<ExitCode, Failure> {
        let files = Files::of(&self.folder, NAME);
        let key = KeyPair::generate().map_err(failed)?;
        let fingerprint = fingerprint::of_key(&key.subject_public_key_info());
        let digits = fingerprint.0.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let name = format!("Callgate authority {}", &digits[..DIGITS]);
        let mut params = params(&name, self.days)?;
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let certificate = params.self_signed(&key).map_err(failed)?;
        fs::create_dir_all(&self.folder)?;
        files.create(&certificate.pem(), &key.serialize_pem())?;
        if json {
            output::json(&json!({
                "certificate": files.certificate,
                "key": files.key,
                "fingerprint": fingerprint.to_string(),
                "days": self.days,
            }))?;
            return Ok(ExitCode::SUCCESS);
        }
        let (certificate, key) = (Plain(&files.certificate), Plain(&files.key));
        output::line(&format!("wrote {certificate} and {key}, valid for {} days", self.days))?;
        output::line(&format!("Keep {key} where no program runs. Next:"))?;
        for side in ["host", "client"] {
            let folder = shell::word(&self.folder);
            output::line(&format!("  callgate keys {side} {} NAME", Plain(&folder)))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}
