//! Peers that use rustls by hand, with the certificates of a scene.

use crate::certificates::Pair;
use crate::scene::{port, Scene};
use callgate::Host;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{ClientConfig, ClientConnection, RootCertStore, ServerConfig, ServerConnection};
use rustls::{StreamOwned, SupportedProtocolVersion};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

/// A connection to a host.
pub fn connect(host: &Host) -> TcpStream {
    connect_to(port(host))
}

/// A connection to a port, whose end is noticed.
pub fn connect_to(port: u16) -> TcpStream {
    let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    stream
}

fn roots(scene: &Scene) -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(scene.authority.file()).unwrap()).unwrap();
    roots
}

/// The certificate of one pair with the key of another, or of the same.
pub fn mixed(certificate: &Pair, key: &Pair) -> Arc<SingleCertAndKey> {
    let certificates = vec![CertificateDer::from_pem_file(&certificate.certificate).unwrap()];
    let key = PrivateKeyDer::from_pem_file(&key.key).unwrap();
    let key = rustls::crypto::ring::sign::any_supported_type(&key).unwrap();
    Arc::new(CertifiedKey::new(certificates, key).into())
}

/// A client that trusts the scene's authority, with the certificate of the scene's client.
pub fn client_config(
    scene: &Scene,
    versions: &[&'static SupportedProtocolVersion],
    protocols: &[&str],
) -> ClientConfig {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .unwrap()
        .with_root_certificates(roots(scene))
        .with_client_cert_resolver(mixed(&scene.client, &scene.client));
    config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
    config
}

/// A stream to a port that has not begun its handshake.
pub fn client(config: ClientConfig, port: u16) -> StreamOwned<ClientConnection, TcpStream> {
    let name = ServerName::try_from("localhost").unwrap();
    StreamOwned::new(ClientConnection::new(Arc::new(config), name).unwrap(), connect_to(port))
}

/// What comes of a connection that says hello in TLS and then reads.
pub fn meet(config: ClientConfig, host: &Host) -> std::io::Result<Vec<u8>> {
    let mut stream = client(config, port(host));
    stream.flush()?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).map(|_| bytes)
}

/// A server with the certificate of the scene's host, for one protocol or for none.
pub fn server_config(
    scene: &Scene,
    versions: &[&'static SupportedProtocolVersion],
    protocol: &str,
) -> ServerConfig {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(mixed(&scene.host, &scene.host));
    if !protocol.is_empty() {
        config.alpn_protocols = vec![protocol.as_bytes().to_vec()];
    }
    config
}

/// Serves one connection, and returns the port.
pub fn serve(config: ServerConfig) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        let tls = ServerConnection::new(Arc::new(config)).unwrap();
        let mut bytes = Vec::new();
        // It fails, or ends, as the client refuses.
        let _ = StreamOwned::new(tls, stream).read_to_end(&mut bytes);
    });
    port
}
