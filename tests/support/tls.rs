//! TLS for peers that speak the protocol by hand. A tunnel of this process carries what they say, so that they misbehave
//! over it as over a socket.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{
    ClientConfig, ClientConnection, Connection, DigitallySignedStruct, Error, ServerConfig,
    ServerConnection, SignatureScheme,
};

const KEYS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/keys");
const FINGERPRINT: &str = "sha256:27a0224bcca58ad93973090ee3e0865291ab6f7340c7a9514fb967d2e6e6b022";
const PROTOCOL: &[u8] = b"callgate/1";

/// An endpoint `tls://` at which a host can listen and clients can connect, and which no other test uses: the process has
/// a loopback address of its own.
pub fn endpoint() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let [.., high, low] = std::process::id().to_be_bytes();
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    with_keys(&format!("127.{high}.{low}.{}:{}", count % 250 + 1, 20_000 + count / 250))
}

/// The endpoint at an address whose host and clients have the key of tests/keys, and trust it.
pub fn with_keys(address: &str) -> String {
    format!("tls://{address}?certificate={KEYS}/test.pem&key={KEYS}/test.key&trust={FINGERPRINT}")
}

/// Connects to ADDRESS, with or without options behind it.
pub fn dial(address: &str) -> io::Result<UnixStream> {
    let (address, _) = address.split_once('?').unwrap_or((address, ""));
    let name = ServerName::try_from("tests.example").expect("a name");
    let tls = ClientConnection::new(Arc::new(client_config()), name).map_err(io::Error::other)?;
    tunnel(tls.into(), TcpStream::connect(address)?)
}

/// Waits for a client, and completes the handshake of TLS.
pub fn accept(listener: &TcpListener) -> io::Result<UnixStream> {
    let (socket, _) = listener.accept()?;
    let tls = ServerConnection::new(Arc::new(server_config())).map_err(io::Error::other)?;
    tunnel(tls.into(), socket)
}

fn key() -> (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>) {
    let certificate = CertificateDer::from_pem_file(format!("{KEYS}/test.pem")).unwrap();
    (vec![certificate], PrivateKeyDer::from_pem_file(format!("{KEYS}/test.key")).unwrap())
}

fn client_config() -> ClientConfig {
    let (certificates, key) = key();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(TrustEveryHost))
        .with_client_auth_cert(certificates, key)
        .unwrap();
    config.alpn_protocols = vec![PROTOCOL.to_vec()];
    config
}

fn server_config() -> ServerConfig {
    let (certificates, key) = key();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(certificates, key)
        .unwrap();
    config.alpn_protocols = vec![PROTOCOL.to_vec()];
    config
}

/// Raw peers attack hosts; whom they trust is not what their tests are about.
#[derive(Debug)]
struct TrustEveryHost;

impl ServerCertVerifier for TrustEveryHost {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(Error::General("TLS 1.2 is not offered".into()))
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        rustls::crypto::ring::default_provider()
            .signature_verification_algorithms
            .supported_schemes()
    }
}

/// Completes the handshake, and returns the end of the tunnel that has the text.
fn tunnel(mut tls: Connection, mut socket: TcpStream) -> io::Result<UnixStream> {
    socket.set_nodelay(true)?;
    while tls.is_handshaking() {
        tls.complete_io(&mut socket)?;
    }
    while tls.wants_write() {
        tls.write_tls(&mut socket)?;
    }
    let (peer, inner) = UnixStream::pair()?;
    let shared =
        Arc::new(Tunnel { tls: Mutex::new(tls), writing: Mutex::new(socket.try_clone()?) });
    let (outward, text) = (shared.clone(), inner.try_clone()?);
    thread::Builder::new().name("tls-out".into()).spawn(move || outward.encrypt(text))?;
    thread::Builder::new().name("tls-in".into()).spawn(move || shared.decrypt(socket, inner))?;
    Ok(peer)
}

/// A tunnel. Each direction has a thread, and neither waits for bytes while it holds the connection.
struct Tunnel {
    tls: Mutex<Connection>,
    writing: Mutex<TcpStream>,
}

impl Tunnel {
    /// From the peer to the network, until the peer ends sending.
    fn encrypt(&self, mut text: UnixStream) {
        let mut bytes = [0; 16 << 10];
        loop {
            let count = text.read(&mut bytes).unwrap_or(0);
            let sent = self.send(|tls| {
                if count == 0 {
                    tls.send_close_notify();
                }
                tls.writer().write_all(&bytes[..count])
            });
            if count == 0 || sent.is_err() {
                // What the peer writes from now on fails, as on a socket.
                text.shutdown(Shutdown::Read).ok();
                return;
            }
        }
    }

    /// From the network to the peer, until the network or the peer ends.
    fn decrypt(&self, mut socket: TcpStream, mut text: UnixStream) {
        let mut bytes = [0; 16 << 10];
        // Text may have come with the end of the handshake.
        let mut count = 0;
        while let Ok((opened, ended)) = self.open(&bytes[..count]) {
            if text.write_all(&opened).is_err() || ended {
                break;
            }
            count = socket.read(&mut bytes).unwrap_or(0);
            if count == 0 {
                break;
            }
        }
        text.shutdown(Shutdown::Write).ok();
        // A peer that is gone reads no more: the host must notice, as it does on a socket.
        socket.shutdown(Shutdown::Read).ok();
    }

    /// The text in these bytes, and whether the peer ends sending with them.
    fn open(&self, mut bytes: &[u8]) -> io::Result<(Vec<u8>, bool)> {
        let mut text = Vec::new();
        let mut tls = self.tls.lock().unwrap();
        loop {
            let state = tls.process_new_packets().map_err(io::Error::other)?;
            let before = text.len();
            text.resize(before + state.plaintext_bytes_to_read(), 0);
            tls.reader().read_exact(&mut text[before..])?;
            if bytes.is_empty() {
                return Ok((text, state.peer_has_closed()));
            }
            tls.read_tls(&mut bytes)?;
        }
    }

    /// Sends what `write` leaves to be sent.
    fn send(&self, write: impl FnOnce(&mut Connection) -> io::Result<()>) -> io::Result<()> {
        let mut socket = self.writing.lock().unwrap();
        let mut sealed = Vec::new();
        let mut tls = self.tls.lock().unwrap();
        write(&mut tls)?;
        while tls.wants_write() {
            tls.write_tls(&mut sealed)?;
        }
        drop(tls);
        socket.write_all(&sealed)
    }
}
