//! The files that an endpoint names.

use crate::transport::{Security, Trust};
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::fs;
use std::path::{Path, PathBuf};

/// What was in the files when they were read.
#[derive(PartialEq, Eq)]
pub(super) struct Files {
    certificate: Option<File>,
    key: Option<File>,
    authorities: Option<File>,
}

#[derive(PartialEq, Eq)]
struct File {
    option: &'static str,
    path: PathBuf,
    bytes: Vec<u8>,
}

/// A certificate with those of the authorities above it, and its key.
pub(super) type Pair = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

impl Files {
    pub fn read(security: &Security) -> Result<Files, String> {
        let authorities = match &security.trust {
            Some(Trust::Authorities(path)) => Some(&**path),
            _ => None,
        };
        Ok(Files {
            certificate: File::read("certificate", security.certificate.as_deref())?,
            key: File::read("key", security.key.as_deref())?,
            authorities: File::read("trust", authorities)?,
        })
    }

    /// The certificate and key, if they are given.
    pub fn pair(&self) -> Result<Option<Pair>, String> {
        match (&self.certificate, &self.key) {
            (Some(certificate), Some(key)) => Ok(Some((certificate.certificates()?, key.key()?))),
            _ => Ok(None),
        }
    }

    /// The certificates of the trusted authorities, at least one if there is such a file.
    pub fn authorities(&self) -> Result<Vec<CertificateDer<'static>>, String> {
        self.authorities.as_ref().map_or(Ok(Vec::new()), File::certificates)
    }
}

impl File {
    fn read(option: &'static str, path: Option<&Path>) -> Result<Option<File>, String> {
        let Some(path) = path else { return Ok(None) };
        match fs::read(path) {
            Ok(bytes) => Ok(Some(File { option, path: path.into(), bytes })),
            Err(error) => Err(format!("{option}: cannot read {}: {error}", path.display())),
        }
    }

    fn certificates(&self) -> Result<Vec<CertificateDer<'static>>, String> {
        let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&self.bytes).collect();
        match read {
            Ok(none) if none.is_empty() => Err(self.without("certificate")),
            Ok(certificates) => Ok(certificates),
            Err(error) => Err(self.malformed(&error)),
        }
    }

    fn key(&self) -> Result<PrivateKeyDer<'static>, String> {
        PrivateKeyDer::from_pem_slice(&self.bytes).map_err(|error| match error {
            pem::Error::NoItemsFound => self.without("private key"),
            error => self.malformed(&error),
        })
    }

    fn without(&self, what: &str) -> String {
        format!("{}: {} contains no {what} in PEM", self.option, self.path.display())
    }

    fn malformed(&self, error: &pem::Error) -> String {
        format!("{}: {} is not in the format PEM: {error}", self.option, self.path.display())
    }
}
