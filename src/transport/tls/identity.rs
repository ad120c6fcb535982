//! Reads from a certificate what its peer is known by.

use super::config::fingerprint;
use crate::transport::Certificate;
use rustls::pki_types::CertificateDer;
use rustls::{CertificateError, Error};
use webpki::EndEntityCert;

/// Tags of DER.
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const OBJECT_IDENTIFIER: u8 = 0x06;
const UTF8_STRING: u8 = 0x0c;
const PRINTABLE_STRING: u8 = 0x13;
const IA5_STRING: u8 = 0x16;

/// The attribute type 2.5.4.3.
const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];

pub(super) fn of(certificate: &CertificateDer<'_>) -> Result<Certificate, Error> {
    let parsed = EndEntityCert::try_from(certificate)
        .map_err(|_| Error::InvalidCertificate(CertificateError::BadEncoding))?;
    let names =
        parsed.valid_dns_names().chain(parsed.valid_uri_names()).filter(|name| is_plain(name));
    Ok(Certificate {
        key: fingerprint(certificate)?,
        common_name: common_name(parsed.subject()),
        names: names.map(str::to_owned).collect(),
    })
}

fn is_plain(name: &str) -> bool {
    !name.chars().any(char::is_control)
}

/// The last common name in a subject, which is the most specific one.
fn common_name(mut subject: &[u8]) -> Option<String> {
    let mut found = None;
    while let Some(mut attributes) = take(&mut subject, SET) {
        while let Some(mut attribute) = take(&mut attributes, SEQUENCE) {
            if take(&mut attribute, OBJECT_IDENTIFIER) == Some(COMMON_NAME) {
                let kinds = [UTF8_STRING, PRINTABLE_STRING, IA5_STRING];
                let text = kinds.iter().find_map(|kind| take(&mut attribute, *kind));
                let text = text.and_then(|text| std::str::from_utf8(text).ok());
                found = text.filter(|text| is_plain(text)).map(str::to_owned).or(found);
            }
        }
    }
    found
}

/// Takes an element with this tag from the front, if there is one; returns its content.
fn take<'a>(bytes: &mut &'a [u8], tag: u8) -> Option<&'a [u8]> {
    let (&[found, first], rest) = bytes.split_first_chunk()?;
    if found != tag {
        return None;
    }
    // Lengths above 127 follow in that many bytes.
    let (length, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        0x81 | 0x82 => {
            let (length, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            (length.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)), rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    *bytes = rest;
    Some(content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_common_name_is_found_or_not() {
        let attribute = |last: u8, kind, text: &[u8]| {
            let mut inner = vec![OBJECT_IDENTIFIER, 3, 0x55, 4, last, kind, text.len() as u8];
            inner.extend(text);
            let length = inner.len() as u8;
            [&[SET, length + 2, SEQUENCE, length], &inner[..]].concat()
        };
        let organisation = attribute(10, UTF8_STRING, b"nobody");
        let long = "n".repeat(100);
        for (subject, found) in [
            (Vec::new(), None),
            (organisation.clone(), None),
            (attribute(3, UTF8_STRING, "größe".as_bytes()), Some("größe")),
            (attribute(3, PRINTABLE_STRING, long.as_bytes()), Some(&long[..])),
            ([&organisation[..], &attribute(3, IA5_STRING, b"a")].concat(), Some("a")),
            (
                [attribute(3, UTF8_STRING, b"a"), attribute(3, UTF8_STRING, b"b")].concat(),
                Some("b"),
            ),
            (attribute(3, UTF8_STRING, b"\xff"), None),
            (attribute(3, UTF8_STRING, b"a\nb"), None),
            (attribute(3, 0x1e, b"\0a"), None),
        ] {
            assert_eq!(common_name(&subject).as_deref(), found, "{subject:x?}");
            // Nothing that is cut off, or has other lengths, makes it fail.
            for end in 0..subject.len() {
                common_name(&subject[..end]);
                let mut changed = subject.clone();
                changed[end] ^= 0x82;
                common_name(&changed);
            }
        }
    }
}
