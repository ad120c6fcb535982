//! The endpoints of a client, and which of them it tries next.

use std::fmt;
use std::time::Duration;

use crate::error::Result;
use crate::limits::{LOCAL_PAUSE, TCP_PAUSE};
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
    /// Reads endpoints as [`Endpoint::parse_list`] does.
    pub fn parse(text: &str) -> Result<Endpoints> {
        Ok(Endpoints { list: Endpoint::parse_list(text)?, present: AtomicUsize::new(0) })
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::ENDPOINTS;

    #[test]
    fn a_text_of_them_has_commas() {
        let endpoints = Endpoints::parse("pipe://a,tcp://b:1").unwrap();
        assert_eq!(endpoints.to_string(), "pipe://a, tcp://b:1");
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
