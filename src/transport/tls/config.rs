//! What rustls needs to know: certificates, keys and whom to trust, from the files of an endpoint.

use super::trust::{KnownClients, KnownHost};
use super::PROTOCOL;
use crate::error::{Error, Result, Status};
use crate::sync::Arc;
use crate::transport::{Endpoint, KeyFingerprint, Security, Trust};
use rustls::client::danger::ServerCertVerifier;
use rustls::client::{Resumption, WebPkiServerVerifier};
use rustls::crypto::{ring, CryptoProvider};
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::danger::ClientCertVerifier;
use rustls::server::{NoClientAuth, NoServerSessionStorage, WebPkiClientVerifier};
use rustls::version::TLS13;
use rustls::{ClientConfig, ClientConnection, Connection, RootCertStore, ServerConfig};
use rustls::{ConfigBuilder, ConfigSide, ServerConnection, WantsVerifier};
use std::fmt;
use std::path::Path;

/// What a new connection begins with.
pub(super) enum Config {
    Host(Arc<ServerConfig>),
    Client(Arc<ClientConfig>, ServerName<'static>),
}

/// A certificate with those of the authorities above it, and its key.
type Pair = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

impl Config {
    pub fn of_host(endpoint: &Endpoint, security: &Security) -> Result<Config> {
        let refused = |why: &str| invalid(endpoint, &why);
        if security.name.is_some() {
            return Err(refused("name= is for clients: a host's certificate names it"));
        }
        let clients = match &security.trust {
            Some(trust) => clients(trust).map_err(|why| refused(&why))?,
            None => return Err(refused(
                "say which clients are let in: trust=FILE, the authority of their certificates; \
                     trust=sha256:HEX, their keys; or trust=anyone",
            )),
        };
        let Some((certificates, key)) = pair(security).map_err(|why| refused(&why))? else {
            return Err(refused(
                "a host needs a certificate: certificate=FILE&key=FILE; `callgate keys` makes them",
            ));
        };
        let config = version_1_3(ServerConfig::builder_with_provider(provider()));
        let config = config.with_client_cert_verifier(clients);
        let mut config = config
            .with_single_cert(certificates, key)
            .map_err(|error| refused(&format!("certificate and key cannot be used: {error}")))?;
        config.alpn_protocols = vec![PROTOCOL.to_vec()];
        // Each connection shows certificates anew: one that was resumed would outlive what they allow.
        config.send_tls13_tickets = 0;
        config.session_storage = Arc::new(NoServerSessionStorage {});
        Ok(Config::Host(Arc::new(config)))
    }

    pub fn of_client(endpoint: &Endpoint, host: &str, security: &Security) -> Result<Config> {
        let refused = |why: &str| invalid(endpoint, &why);
        let trust = security.trust.as_ref().unwrap_or(&Trust::System);
        let host_trust = hosts(trust).map_err(|why| refused(&why))?;
        let name = security.name.as_deref().unwrap_or(host);
        let name = ServerName::try_from(name.to_owned()).map_err(|_| {
            refused(&format!(
                "no certificate can be for {name:?}; set name= to the name in the host's"
            ))
        })?;
        let config = version_1_3(ClientConfig::builder_with_provider(provider()));
        let config = config.dangerous().with_custom_certificate_verifier(host_trust);
        let mut config = match pair(security).map_err(|why| refused(&why))? {
            Some((certificates, key)) => {
                config.with_client_auth_cert(certificates, key).map_err(|error| {
                    refused(&format!("certificate and key cannot be used: {error}"))
                })?
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

fn invalid(endpoint: &Endpoint, why: &dyn fmt::Display) -> Error {
    Error::new(Status::InvalidArgument, format!("{endpoint}: {why}"))
}

/// Which clients a host lets in.
fn clients(trust: &Trust) -> Result<Arc<dyn ClientCertVerifier>, String> {
    match trust {
        Trust::Anyone => Ok(Arc::new(NoClientAuth)),
        Trust::Keys(keys) => Ok(Arc::new(KnownClients::new(keys.clone(), provider()))),
        Trust::Authorities(file) => {
            let roots = Arc::new(authorities(file)?);
            let verifier = WebPkiClientVerifier::builder_with_provider(roots, provider()).build();
            Ok(verifier.map_err(|error| format!("{}: {error}", file.display()))?)
        }
        Trust::System => {
            Err("trust=system would let in everybody with any public certificate; use \
                              trust=FILE or trust=sha256:HEX"
                .to_string())
        }
    }
}

/// Which hosts a client trusts.
fn hosts(trust: &Trust) -> Result<Arc<dyn ServerCertVerifier>, String> {
    let roots = match trust {
        Trust::Anyone => {
            return Err("a client must know its host: use trust=FILE, trust=sha256:HEX or \
                        trust=system"
                .to_string())
        }
        Trust::Keys(keys) => return Ok(Arc::new(KnownHost::new(keys.clone(), provider()))),
        Trust::Authorities(file) => authorities(file)?,
        Trust::System => system_authorities()?,
    };
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider()).build();
    Ok(verifier.map_err(|error| error.to_string())?)
}

fn authorities(file: &Path) -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates("trust", file)? {
        roots.add(certificate).map_err(|error| {
            format!("a certificate in {} cannot be an authority: {error}", file.display())
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

fn pair(security: &Security) -> Result<Option<Pair>, String> {
    let (Some(certificate), Some(key)) = (&security.certificate, &security.key) else {
        return Ok(None);
    };
    let certificates = certificates("certificate", certificate)?;
    let key = PrivateKeyDer::from_pem_file(key).map_err(|error| match error {
        pem::Error::NoItemsFound => {
            format!("key: {} contains no private key in PEM", key.display())
        }
        error => format!("key: cannot read {}: {error}", key.display()),
    })?;
    Ok(Some((certificates, key)))
}

/// The certificates in a file, at least one.
fn certificates(option: &str, file: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let read = CertificateDer::pem_file_iter(file).and_then(Iterator::collect);
    match read {
        Ok(none) if Vec::is_empty(&none) => {
            Err(format!("{option}: {} contains no certificate in PEM", file.display()))
        }
        Ok(certificates) => Ok(certificates),
        Err(error) => Err(format!("{option}: cannot read {}: {error}", file.display())),
    }
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
