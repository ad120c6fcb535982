//! The endpoints of a client, and which of them it tries next.

use std::fmt;
use std::time::Duration;

use crate::error::{Error, Result, Status};
use crate::limits::{ENDPOINTS, LOCAL_PAUSE, TCP_PAUSE};
use crate::sync::atomic::{AtomicUsize, Ordering};
use crate::sync::random_number;
use crate::transport::Endpoint;

/// The hosts that a client can use in place of one another. It stays with the one that it has, and tries the
/// next when connecting fails.
pub(crate) struct Endpoints {
    list: Vec<Endpoint>,
    present: AtomicUsize,
}

impl Endpoints {
    /// Reads endpoints that are separated by commas. A comma that no scheme follows is part of a name.
    pub fn parse(text: &str) -> Result<Endpoints> {
        let list = split(text).into_iter().map(str::parse).collect::<Result<Vec<Endpoint>>>()?;
        if list.len() > ENDPOINTS {
            let message = format!("a client can have {ENDPOINTS} endpoints, not {}", list.len());
            return Err(Error::new(Status::InvalidArgument, message));
        }
        Ok(Endpoints { list, present: AtomicUsize::new(0) })
    }

    /// Puts them in a random order.
    pub fn shuffle(&mut self) {
        for last in (1..self.list.len()).rev() {
            self.list.swap(last, random_number() as usize % (last + 1));
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = &Endpoint> {
        self.list.iter()
    }

    pub fn count(&self) -> usize {
        self.list.len()
    }

    /// The one that the client is connected to, or tries.
    pub fn present(&self) -> &Endpoint {
        &self.list[self.present.load(Ordering::Relaxed)]
    }

    /// Goes on to the next one. Only the thread that connects does.
    pub fn advance(&self) {
        let next = (self.present.load(Ordering::Relaxed) + 1) % self.list.len();
        self.present.store(next, Ordering::Relaxed);
    }

    /// The usual shortest and longest pause after all of them have failed.
    pub fn usual_pause(&self) -> (Duration, Duration) {
        let local = |endpoint: &Endpoint| match endpoint {
            Endpoint::Tcp { .. } | Endpoint::Tls { .. } => false,
            Endpoint::Pipe { .. } | Endpoint::RawPipe { .. } | Endpoint::Unix { .. } => true,
        };
        match self.iter().all(local) {
            true => LOCAL_PAUSE,
            false => TCP_PAUSE,
        }
    }
}

impl fmt::Display for Endpoints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, endpoint) in self.iter().enumerate() {
            let separator = if number == 0 { "" } else { ", " };
            write!(f, "{separator}{endpoint}")?;
        }
        Ok(())
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
            assert_eq!(split(text), endpoints);
            assert_eq!(Endpoints::parse(text).unwrap().to_string(), endpoints.join(", "));
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
            let error = Endpoints::parse(text).err().expect(text);
            assert_eq!(error.status(), Status::InvalidArgument);
            assert!(error.message().contains(why), "{error}");
        }
    }

    #[test]
    fn a_shuffled_list_has_each_of_them_once() {
        let text: Vec<_> = (0..ENDPOINTS).map(|number| format!("pipe://{number:02}")).collect();
        let mut endpoints = Endpoints::parse(&text.join(",")).unwrap();
        let order = |endpoints: &Endpoints| endpoints.iter().map(|one| one.to_string()).collect();
        endpoints.shuffle();
        let mut shuffled: Vec<String> = order(&endpoints);
        assert_ne!(shuffled, text, "one in 64! orders");
        shuffled.sort();
        assert_eq!(shuffled, text);
    }
}
