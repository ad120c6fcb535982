//! Peers that are known by their keys. Their certificates only carry the keys: authorities, names and dates
//! do not matter.

use super::config::fingerprint;
use crate::sync::Arc;
use crate::transport::KeyFingerprint;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{verify_tls13_signature, CryptoProvider};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{CertificateError, DigitallySignedStruct, DistinguishedName, Error};
use rustls::{OtherError, PeerIncompatible, SignatureScheme};
use std::fmt;

/// The keys of the peers that are trusted.
#[derive(Debug)]
struct Known {
    keys: Vec<KeyFingerprint>,
    provider: Arc<CryptoProvider>,
}

/// The clients that a host lets in.
#[derive(Debug)]
pub(super) struct KnownClients(Known);

/// The host that a client trusts.
#[derive(Debug)]
pub(super) struct KnownHost(Known);

impl KnownClients {
    pub fn new(keys: Vec<KeyFingerprint>, provider: Arc<CryptoProvider>) -> KnownClients {
        KnownClients(Known { keys, provider })
    }
}

impl KnownHost {
    pub fn new(keys: Vec<KeyFingerprint>, provider: Arc<CryptoProvider>) -> KnownHost {
        KnownHost(Known { keys, provider })
    }
}

/// The key of a peer is none of those that are trusted.
#[derive(Debug)]
struct UnknownKey(KeyFingerprint);

impl fmt::Display for UnknownKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "its key is {}, which trust= does not name", self.0)
    }
}

impl std::error::Error for UnknownKey {}

impl Known {
    fn check(&self, certificate: &CertificateDer<'_>) -> Result<(), Error> {
        let key = fingerprint(certificate)?;
        if self.keys.contains(&key) {
            return Ok(());
        }
        Err(CertificateError::Other(OtherError(Arc::new(UnknownKey(key)))).into())
    }

    /// Whether the peer has the key, and not only its certificate.
    fn check_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// Only TLS 1.3 is offered, so that no other signature arrives.
fn not_offered() -> Result<HandshakeSignatureValid, Error> {
    Err(PeerIncompatible::Tls12NotOfferedOrEnabled.into())
}

impl ClientCertVerifier for KnownClients {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        certificate: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        self.0.check(certificate).map(|()| ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        not_offered()
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.check_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.schemes()
    }
}

impl ServerCertVerifier for KnownHost {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.0.check(certificate).map(|()| ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        not_offered()
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.check_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.schemes()
    }
}
