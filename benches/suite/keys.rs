//! The keys of what is measured over TLS: a host's certificate, which clients trust by itself.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::version::TLS13;
use rustls::{crypto, ClientConfig, RootCertStore, ServerConfig};

/// The name of the host in its certificate.
pub const NAME: &str = "localhost";

fn certificate(folder: &Path) -> PathBuf {
    folder.join("host.pem")
}

fn key(folder: &Path) -> PathBuf {
    folder.join("host.key")
}

/// Makes the files.
pub fn make(folder: &Path) {
    let made = rcgen::generate_simple_self_signed([NAME.to_owned()]).expect("a certificate");
    fs::write(certificate(folder), made.cert.pem()).expect("the folder is there");
    fs::write(key(folder), made.signing_key.serialize_pem()).expect("the folder is there");
}

/// What follows `?` in the endpoint of the host.
pub fn of_host(folder: &Path) -> String {
    let (certificate, key) = (certificate(folder), key(folder));
    format!("certificate={}&key={}&trust=anyone", certificate.display(), key.display())
}

/// What follows `?` in the endpoint of the client.
pub fn of_client(folder: &Path) -> String {
    format!("trust={}", certificate(folder).display())
}

fn read(folder: &Path) -> CertificateDer<'static> {
    CertificateDer::from_pem_file(certificate(folder)).expect("a certificate")
}

/// The configuration of a server that uses rustls by itself.
pub fn server(folder: &Path) -> ServerConfig {
    let key = PrivateKeyDer::from_pem_file(key(folder)).expect("a key");
    ServerConfig::builder_with_provider(Arc::new(crypto::ring::default_provider()))
        .with_protocol_versions(&[&TLS13])
        .expect("ring has TLS 1.3")
        .with_no_client_auth()
        .with_single_cert(vec![read(folder)], key)
        .expect("they belong together")
}

/// The configuration of its client.
pub fn client(folder: &Path) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add(read(folder)).expect("it can be trusted");
    ClientConfig::builder_with_provider(Arc::new(crypto::ring::default_provider()))
        .with_protocol_versions(&[&TLS13])
        .expect("ring has TLS 1.3")
        .with_root_certificates(roots)
        .with_no_client_auth()
}
