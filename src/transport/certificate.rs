//! What a TLS peer is known by.

use super::KeyFingerprint;

/// What the certificate of a TLS peer says. The peer has proved that it has the key. For the names its authority
/// vouches, if `trust=` names authorities; if it names keys, they are what the peer says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// The fingerprint of its key, as `trust=` takes it.
    pub key: KeyFingerprint,
    /// The common name of its subject, for people.
    pub common_name: Option<String>,
    /// The DNS names and URIs that it is for (*subjectAltName*), in its order, DNS names first. Names with
    /// control characters are left out.
    pub names: Vec<String>,
}
