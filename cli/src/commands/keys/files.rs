//! The files of a certificate and of its private key.

use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::Path;

use crate::failure::Failure;

/// A certificate and its key, which are files of one folder.
pub struct Files {
    pub certificate: String,
    pub key: String,
}

impl Files {
    /// The files of somebody with this name. Characters that some file system does not take are replaced.
    pub fn of(folder: &str, name: &str) -> Files {
        let is_plain = |c: char| c.is_alphanumeric() || "-_.".contains(c);
        let stem: String = name.chars().map(|c| if is_plain(c) { c } else { '_' }).collect();
        let path = |end: &str| {
            let path = Path::new(folder).join(format!("{stem}.{end}"));
            path.to_str().expect("it is made of texts").to_owned()
        };
        Files { certificate: path("pem"), key: path("key") }
    }

    /// Writes both, if neither exists. On Unix only the user can read the key.
    ///
    /// # Errors
    /// If one of them exists, or cannot be written.
    pub fn create(&self, certificate: &str, key: &str) -> Result<(), Failure> {
        create(&self.certificate, certificate, 0o666)?;
        create(&self.key, key, 0o600).inspect_err(|_| {
            // Without the key it is of no use.
            fs::remove_file(&self.certificate).ok();
        })
    }

    /// Replaces the certificate at once: a host that looks at it meanwhile finds the old one or the new one.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn replace_certificate(&self, certificate: &str) -> Result<(), Failure> {
        let new = format!("{}.new", self.certificate);
        create(&new, certificate, 0o666)?;
        fs::rename(&new, &self.certificate).map_err(|error| failed(&self.certificate, &error))
    }
}

/// The content of a file.
///
/// # Errors
/// If it cannot be read. The advice says what to do then.
pub fn read(file: &str, advice: &str) -> Result<Vec<u8>, Failure> {
    fs::read(file).map_err(|error| Failure::Usage(format!("{file}: {error}{advice}")))
}

/// Makes a file that does not exist yet, with this mode where files have modes.
fn create(name: &str, content: &str, mode: u32) -> Result<(), Failure> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
    #[cfg(not(unix))]
    let _ = mode;
    let mut file = options.open(name).map_err(|error| failed(name, &error))?;
    file.write_all(content.as_bytes()).map_err(|error| {
        fs::remove_file(name).ok();
        failed(name, &error)
    })
}

fn failed(file: &str, error: &io::Error) -> Failure {
    Failure::Usage(match error.kind() {
        ErrorKind::AlreadyExists => {
            format!("{file} exists, and is not overwritten; move it away, or use another folder")
        }
        _ => format!("{file}: {error}"),
    })
}
