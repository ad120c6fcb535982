//! Turns failures of TLS into Callgate's errors, with what to do about them.

use crate::error::{Error, Status};
use rustls::{AlertDescription, CertificateError};
use std::io;

/// Why the handshake failed.
pub(super) fn of_handshake(error: &rustls::Error) -> Error {
    let (status, message) = explain(error);
    Error::new(status, message)
}

/// Why a stream ended after the handshake. With TLS 1.3 a host sees the client's certificate after the client
/// has finished, so a refusal may arrive here.
pub(super) fn of_stream(error: &rustls::Error) -> io::Error {
    let (status, message) = explain(error);
    let kind = match status {
        Status::AccessDenied => io::ErrorKind::PermissionDenied,
        _ => io::ErrorKind::InvalidData,
    };
    io::Error::new(kind, message)
}

/// The raw stream broke during the handshake.
pub(super) fn lost(error: &io::Error) -> Error {
    Error::from_io(
        Status::ChannelFaulted,
        "the connection was lost during the TLS handshake",
        error,
    )
}

fn explain(error: &rustls::Error) -> (Status, String) {
    use rustls::Error as Tls;
    match error {
        Tls::InvalidCertificate(why) => (Status::AccessDenied, of_certificate(why)),
        Tls::NoCertificatesPresented => (
            Status::AccessDenied,
            "the client showed no certificate; set certificate= and key= in its endpoint".into(),
        ),
        Tls::AlertReceived(alert) => of_alert(*alert),
        Tls::NoApplicationProtocol => (
            Status::Unsupported,
            "the peer uses TLS for another protocol than Callgate's (callgate/1)".into(),
        ),
        Tls::PeerIncompatible(why) => (
            Status::Unsupported,
            format!(
                "the peer and this side have no TLS in common; Callgate needs TLS 1.3 ({why:?})"
            ),
        ),
        Tls::InvalidMessage(_) => (
            Status::ChannelFaulted,
            format!("what the peer sent is not TLS; one side may use tcp:// ({error})"),
        ),
        _ => (Status::ChannelFaulted, format!("TLS failed: {error}")),
    }
}

/// Why this side refuses the peer's certificate.
fn of_certificate(why: &CertificateError) -> String {
    use CertificateError as Certificate;
    let why = match why {
        Certificate::UnknownIssuer => {
            "no trusted authority has signed it; set trust= to its authority or its key".into()
        }
        // The authority's signature in the certificate, or the peer's in the handshake.
        Certificate::BadSignature => {
            "no trusted authority has signed it, or the peer does not have its key; \
             set trust= to its authority or its key"
                .into()
        }
        Certificate::Expired | Certificate::ExpiredContext { .. } => {
            "it has expired; the peer must renew it".into()
        }
        Certificate::NotValidYet | Certificate::NotValidYetContext { .. } => {
            "it is not valid yet; compare the clocks of both machines".into()
        }
        Certificate::NotValidForName | Certificate::NotValidForNameContext { .. } => {
            format!("{why}; if this is the right host, set name= to a name in its certificate")
        }
        Certificate::Other(other) => other.0.to_string(),
        _ => why.to_string(),
    };
    format!("the peer's certificate was refused: {why}")
}

/// What the peer says about this side.
fn of_alert(alert: AlertDescription) -> (Status, String) {
    use AlertDescription as Alert;
    let why = match alert {
        Alert::CertificateRequired => {
            let message =
                "the host lets in only clients with a certificate; set certificate= and key=";
            return (Status::AccessDenied, message.into());
        }
        Alert::ProtocolVersion | Alert::HandshakeFailure | Alert::NoApplicationProtocol => {
            let message = format!(
                "the peer has no TLS in common with Callgate, which offers TLS 1.3 and its own \
                 protocol alone ({alert:?})"
            );
            return (Status::Unsupported, message);
        }
        Alert::UnknownCA => "it trusts no authority that has signed it",
        Alert::CertificateExpired => "it has expired",
        Alert::BadCertificate
        | Alert::UnsupportedCertificate
        | Alert::CertificateRevoked
        | Alert::CertificateUnknown
        | Alert::AccessDenied
        | Alert::DecryptError => "the peer does not say why more exactly than by its alert",
        _ => {
            return (Status::ChannelFaulted, format!("the peer ended TLS with the alert {alert:?}"))
        }
    };
    let message = format!(
        "the peer refused this side's certificate: {why} ({alert:?}); let trust= of the peer's endpoint name \
         this certificate's authority or key"
    );
    (Status::AccessDenied, message)
}
