//! Several endpoints in one text.

use super::Endpoint;
use crate::error::{Error, Result, Status};
use crate::limits::ENDPOINTS;

impl Endpoint {
    /// Reads endpoints that are separated by commas, as [`Client::builder`](crate::Client::builder) takes them: 1 to
    /// 64. A comma that no scheme follows is part of a name.
    ///
    /// # Errors
    /// Invalid argument for a malformed endpoint, and for more than 64.
    pub fn parse_list(text: &str) -> Result<Vec<Endpoint>> {
        let list = split(text).into_iter().map(str::parse).collect::<Result<Vec<Endpoint>>>()?;
        if list.len() > ENDPOINTS {
            let message = format!("a client can have {ENDPOINTS} endpoints, not {}", list.len());
            return Err(Error::new(Status::InvalidArgument, message));
        }
        Ok(list)
    }
}

/// The texts of the endpoints in a list.
fn split(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut begun = 0;
    for (comma, _) in text.match_indices(',') {
        let rest = text[comma + 1..].trim_start_matches(' ');
        if begins_with_scheme(rest) {
            found.push(&text[begun..comma]);
            begun = text.len() - rest.len();
        }
    }
    found.push(&text[begun..]);
    found
}

fn begins_with_scheme(text: &str) -> bool {
    let scheme = text.split_once("://").map_or("", |(scheme, _)| scheme);
    !scheme.is_empty() && scheme.bytes().all(|byte| byte.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comma_separates_where_a_scheme_follows() {
        for (text, endpoints) in [
            ("pipe://a", vec!["pipe://a"]),
            ("pipe://a,tcp://b:1", vec!["pipe://a", "tcp://b:1"]),
            ("pipe://a,  unix:///b, pipe://c", vec!["pipe://a", "unix:///b", "pipe://c"]),
            ("pipe://a,b, pipe://c,", vec!["pipe://a,b", "pipe://c,"]),
        ] {
            let parsed = Endpoint::parse_list(text).unwrap();
            let parsed: Vec<String> = parsed.iter().map(Endpoint::to_string).collect();
            assert_eq!(parsed, endpoints);
        }
    }

    #[test]
    fn each_of_them_must_be_an_endpoint() {
        for (text, why) in [
            ("", "no scheme"),
            ("pipe://a, http://b", "\"http\" is an unknown scheme"),
            ("pipe://a, tcp://b", "colon and a port"),
            (&vec!["pipe://a"; ENDPOINTS + 1].join(","), "64 endpoints, not 65"),
        ] {
            let error = Endpoint::parse_list(text).expect_err(text);
            assert_eq!(error.status(), Status::InvalidArgument);
            assert!(error.message().contains(why), "{error}");
        }
    }
}
