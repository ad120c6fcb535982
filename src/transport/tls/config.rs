//! What rustls needs to know: certificates, keys and whom to trust, from the files of an endpoint.

use super::files::Files;
use super::trust::{KnownClients, KnownHost};
use super::PROTOCOL;
use crate::error::{Error, Result, Status};
use crate::sync::Arc;
use crate::transport::{Endpoint, KeyFingerprint, Security, Trust};
use rustls::client::danger::ServerCertVerifier;
use rustls::client::{Resumption, WebPkiServerVerifier};
use rustls::crypto::{ring, CryptoProvider};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::server::danger::ClientCertVerifier;
use rustls::server::{NoClientAuth, NoServerSessionStorage, WebPkiClientVerifier};
use rustls::version::TLS13;
use rustls::{ClientConfig, ClientConnection, Connection, RootCertStore, ServerConfig};
use rustls::{ConfigBuilder, ConfigSide, ServerConnection, WantsVerifier};
use std::fmt;

/// What a new connection begins with.
#[derive(Clone)]
pub(super) enum Config {
    Host(Arc<ServerConfig>),
    Client(Arc<ClientConfig>, ServerName<'static>),
}

impl Config {
    pub fn of_host(security: &Security, files: &Files) -> Result<Config, String> {
        if security.name.is_some() {
            return Err("name= is for clients: a host's certificate names it".to_string());
        }
        let Some(trust) = &security.trust else {
            return Err("say which clients are let in: trust=FILE, the authority of their \
                        certificates; trust=sha256:HEX, their keys; or trust=anyone"
                .to_string());
        };
        let clients = clients(trust, files)?;
        let Some((certificates, key)) = files.pair()? else {
            return Err("a host needs a certificate: certificate=FILE&key=FILE".to_string());
        };
        let config = version_1_3(ServerConfig::builder_with_provider(provider()));
        let config = config.with_client_cert_verifier(clients);
        let mut config = config.with_single_cert(certificates, key).map_err(unusable)?;
        config.alpn_protocols = vec![PROTOCOL.to_vec()];
        // Each connection shows certificates anew: one that was resumed would outlive what they allow.
        config.send_tls13_tickets = 0;
        config.session_storage = Arc::new(NoServerSessionStorage {});
        Ok(Config::Host(Arc::new(config)))
    }

    pub fn of_client(host: &str, security: &Security, files: &Files) -> Result<Config, String> {
        let trust = security.trust.as_ref().unwrap_or(&Trust::System);
        let hosts = hosts(trust, files)?;
        let name = security.name.as_deref().unwrap_or(host);
        let name = ServerName::try_from(name.to_owned()).map_err(|_| {
            format!("no certificate can be for {name:?}; set name= to the name in the host's")
        })?;
        let config = version_1_3(ClientConfig::builder_with_provider(provider()));
        let config = config.dangerous().with_custom_certificate_verifier(hosts);
        let mut config = match files.pair()? {
            Some((certificates, key)) => {
                config.with_client_auth_cert(certificates, key).map_err(unusable)?
            }
            None => config.with_no_client_auth(),
        };
        config.alpn_protocols = vec![PROTOCOL.to_vec()];
        config.resumption = Resumption::disabled();
        Ok(Config::Client(Arc::new(config), name))
    }

    pub fn connection(&self) -> Result<Connection> {
        let connection = match self {
            Config::Host(config) => ServerConnection::new(config.clone()).map(Connection::Server),
            Config::Client(config, name) => {
                ClientConnection::new(config.clone(), name.clone()).map(Connection::Client)
            }
        };
        connection.map_err(|error| {
            Error::new(Status::Internal, format!("TLS cannot begin a connection: {error}"))
        })
    }
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

fn version_1_3<S: ConfigSide>(
    builder: ConfigBuilder<S, rustls::WantsVersions>,
) -> ConfigBuilder<S, WantsVerifier> {
    builder.with_protocol_versions(&[&TLS13]).expect("ring has the algorithms of TLS 1.3")
}

fn unusable(error: rustls::Error) -> String {
    format!("certificate and key cannot be used: {error}")
}

pub(super) fn invalid(endpoint: &Endpoint, why: &dyn fmt::Display) -> Error {
    Error::new(Status::InvalidArgument, format!("{endpoint}: {why}"))
}

/// Which clients a host lets in.
fn clients(trust: &Trust, files: &Files) -> Result<Arc<dyn ClientCertVerifier>, String> {
    match trust {
        Trust::Anyone => Ok(Arc::new(NoClientAuth)),
        Trust::Keys(keys) => Ok(Arc::new(KnownClients::new(keys.clone(), provider()))),
        Trust::Authorities(_) => {
            let roots = Arc::new(authorities(files)?);
            let verifier = WebPkiClientVerifier::builder_with_provider(roots, provider()).build();
            Ok(verifier.map_err(|error| format!("trust: {error}"))?)
        }
        Trust::System => {
            Err("trust=system would let in everybody with any public certificate; use \
                              trust=FILE or trust=sha256:HEX"
                .to_string())
        }
    }
}

/// Which hosts a client trusts.
fn hosts(trust: &Trust, files: &Files) -> Result<Arc<dyn ServerCertVerifier>, String> {
    let roots = match trust {
        Trust::Anyone => {
            return Err("a client must know its host: use trust=FILE, trust=sha256:HEX or \
                        trust=system"
                .to_string())
        }
        Trust::Keys(keys) => return Ok(Arc::new(KnownHost::new(keys.clone(), provider()))),
        Trust::Authorities(_) => authorities(files)?,
        Trust::System => system_authorities()?,
    };
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider()).build();
    Ok(verifier.map_err(|error| error.to_string())?)
}

fn authorities(files: &Files) -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    for certificate in files.authorities()? {
        roots.add(certificate).map_err(|error| {
            format!("trust: a certificate in its file cannot be an authority: {error}")
        })?;
    }
    Ok(roots)
}

/// Those that this machine's administrator trusts. Some that rustls cannot read do no harm.
fn system_authorities() -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    let (added, _) = roots.add_parsable_certificates(found.certs);
    if added > 0 {
        return Ok(roots);
    }
    let why = found.errors.first().map(|error| format!(" ({error})")).unwrap_or_default();
    Err(format!("this system trusts no authorities{why}; set trust=FILE or trust=sha256:HEX"))
}

/// The fingerprint of the key in a certificate.
pub(super) fn fingerprint(
    certificate: &CertificateDer<'_>,
) -> Result<KeyFingerprint, rustls::Error> {
    let parsed = rustls::server::ParsedCertificate::try_from(certificate)?;
    let key = parsed.subject_public_key_info();
    let hash = ::ring::digest::digest(&::ring::digest::SHA256, &key);
    Ok(KeyFingerprint(hash.as_ref().try_into().expect("SHA-256 has 32 bytes")))
}
