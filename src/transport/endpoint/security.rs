//! The options of `tls://`: which certificate this side shows, and whom it trusts.

use crate::transport::KeyFingerprint;
use std::fmt;
use std::path::{Path, PathBuf};

/// What one side of a TLS connection shows, and whom it trusts. Files are in the format PEM.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Security {
    /// `certificate=FILE`: the certificate of this side, followed by those of the authorities between it and
    /// the one that the peer trusts. A host needs one.
    pub certificate: Option<PathBuf>,
    /// `key=FILE`: the private key of the certificate.
    pub key: Option<PathBuf>,
    /// `trust=…`: which peers are trusted. A host must say it; a client trusts what the system trusts.
    pub trust: Option<Trust>,
    /// `name=NAME`: the name that the host's certificate must have, for a client whose endpoint has another
    /// name or an address.
    pub name: Option<String>,
}

/// Which peers one side of a TLS connection trusts.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Trust {
    /// `trust=FILE`: those whose certificates were signed by an authority in this file.
    Authorities(PathBuf),
    /// `trust=sha256:HEX`, or several separated by commas: those who have one of these keys, whatever else
    /// their certificates say.
    Keys(Vec<KeyFingerprint>),
    /// `trust=system`: for a client, the hosts whose certificates were signed by an authority that the system
    /// trusts.
    System,
    /// `trust=anyone`: for a host, every client. Clients need no certificate, and are not known.
    Anyone,
}

impl Trust {
    pub(super) fn parse(text: &str) -> Result<Trust, String> {
        match text {
            "" => Err("the trust is missing: trust=FILE, sha256:HEX, system or anyone".to_string()),
            "system" => Ok(Trust::System),
            "anyone" => Ok(Trust::Anyone),
            _ if text.starts_with("sha256:") => {
                text.split(',').map(str::parse).collect::<Result<_, _>>().map(Trust::Keys)
            }
            file => Ok(Trust::Authorities(file.into())),
        }
    }
}

impl fmt::Display for Trust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Trust::Authorities(file) => write!(f, "{}", file.display()),
            Trust::System => f.write_str("system"),
            Trust::Anyone => f.write_str("anyone"),
            Trust::Keys(keys) => {
                for (index, key) in keys.iter().enumerate() {
                    let comma = if index > 0 { "," } else { "" };
                    write!(f, "{comma}{key}")?;
                }
                Ok(())
            }
        }
    }
}

impl Security {
    /// Validates what was not parsed from text, and what belongs together.
    pub(super) fn check(&self) -> Result<(), String> {
        if self.certificate.is_some() != self.key.is_some() {
            return Err("certificate and key belong together: set both, or neither".to_string());
        }
        let (certificate, key) = (self.certificate.as_deref(), self.key.as_deref());
        let trust = match &self.trust {
            Some(Trust::Authorities(path)) => Some(&**path),
            Some(Trust::Keys(keys)) if keys.is_empty() => {
                return Err("trust names no key: trust=sha256:HEX".to_string())
            }
            _ => None,
        };
        for (option, path) in [("certificate", certificate), ("key", key), ("trust", trust)] {
            path.map_or(Ok(()), |path| check_file(option, path))?;
        }
        self.name.as_deref().map_or(Ok(()), super::check::host)
    }
}

fn check_file(option: &str, path: &Path) -> Result<(), String> {
    let Some(text) = path.to_str() else {
        return Err(format!("the path of {option} must be UTF-8"));
    };
    if text.is_empty() {
        return Err(format!("the file is missing: {option}=FILE"));
    }
    match text.chars().find(|&c| c.is_control() || c == '&') {
        Some(c) => Err(format!("the path of {option} must not contain {c:?}")),
        None => Ok(()),
    }
}

/// The options, in the form in which they are read.
impl fmt::Display for Security {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = |path: &PathBuf| path.display().to_string();
        let options = [
            ("certificate", self.certificate.as_ref().map(file)),
            ("key", self.key.as_ref().map(file)),
            ("trust", self.trust.as_ref().map(Trust::to_string)),
            ("name", self.name.clone()),
        ];
        let given = options.iter().filter_map(|(name, value)| Some((name, value.as_ref()?)));
        for (index, (name, value)) in given.enumerate() {
            let mark = if index == 0 { '?' } else { '&' };
            write!(f, "{mark}{name}={value}")?;
        }
        Ok(())
    }
}
