//! Asking a host for its counters, again and again.

use std::time::{Duration, Instant};

use callgate::{CallOptions, ClientBuilder, Error, Limits};

use crate::counters::Counters;
use crate::process;
use crate::target::Host;

/// How long a host may take to reply.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long a sample waits for a connection.
const WAIT: Duration = Duration::from_millis(250);

/// The largest reply that is read: many times what counters take.
const LARGEST: usize = 1 << 20;

/// A host's counters at one moment.
#[derive(Clone)]
pub struct Sample {
    pub at: Instant,
    pub about: About,
    pub counters: Counters,
}

/// Which host it is.
#[derive(Clone)]
pub struct About {
    /// The number of the connection, from which follows that the counters of two samples are of one host.
    pub generation: u64,
    pub endpoint: String,
    pub pid: Option<u32>,
    pub program: Option<String>,
    pub version: String,
    pub started: Instant,
}

/// Takes samples.
pub struct Sampler {
    host: Host,
    about: Option<About>,
}

/// Lets a client reconnect soon, and hold little memory for what the host sends.
pub fn set_up(builder: ClientBuilder) -> ClientBuilder {
    let mut limits = Limits::default();
    limits.frame = LARGEST;
    limits.reconnect_backoff = Some((Duration::from_millis(50), Duration::from_secs(1)));
    builder.limits(limits)
}

impl Sampler {
    pub fn new(host: Host) -> Sampler {
        Sampler { host, about: None }
    }

    /// Asks the host now.
    ///
    /// # Errors
    /// Channel faulted or timed out without a host; contract mismatch if it has no counters.
    pub fn sample(&mut self) -> Result<Sample, Error> {
        self.host.wait_connected(WAIT)?;
        let about = self.about()?;
        let counters = self.host.counters(&CallOptions::timeout(PATIENCE))?;
        Ok(Sample { at: Instant::now(), about, counters })
    }

    /// Which host is connected. Only a new one is asked.
    fn about(&mut self) -> Result<About, Error> {
        let connection = self.host.connection();
        let generation = connection.as_ref().map_or(0, |connection| connection.generation());
        if let Some(known) = self.about.as_ref().filter(|about| about.generation == generation) {
            return Ok(known.clone());
        }
        let status = self.host.status(&CallOptions::timeout(PATIENCE))?;
        let pid = connection.and_then(|connection| connection.peer().pid);
        let now = Instant::now();
        let about = About {
            generation,
            endpoint: self.host.client.endpoint().to_string(),
            pid,
            program: pid.and_then(process::name),
            version: status.version,
            started: now.checked_sub(status.uptime).unwrap_or(now),
        };
        self.about = Some(about.clone());
        Ok(about)
    }
}
