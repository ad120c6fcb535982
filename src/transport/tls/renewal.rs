//! Certificates that change while a host runs.

use super::config::{invalid, Config};
use super::files::Files;
use crate::error::{Error, Result};
use crate::sync::Mutex;
use crate::transport::{Endpoint, Security};

/// What a host's connections begin with, from the files as they are now.
pub(super) struct Renewal {
    endpoint: Endpoint,
    security: Security,
    state: Mutex<State>,
}

struct State {
    config: Config,
    /// What the last look at the files found, good or bad.
    seen: Result<Files, String>,
}

impl Renewal {
    pub fn new(endpoint: &Endpoint, security: &Security) -> Result<Renewal> {
        let files = Files::read(security).map_err(|why| invalid(endpoint, &why))?;
        let config = Config::of_host(security, &files).map_err(|why| invalid(endpoint, &why))?;
        let state = Mutex::new(State { config, seen: Ok(files) });
        Ok(Renewal { endpoint: endpoint.clone(), security: security.clone(), state })
    }

    pub fn config(&self) -> Config {
        self.state.lock().config.clone()
    }

    /// Uses the files anew if they have changed. If they cannot be used, what was there before stays; the
    /// reason is returned once for each change.
    pub fn look(&self) -> Option<Error> {
        let found = Files::read(&self.security);
        let mut state = self.state.lock();
        if found == state.seen {
            return None;
        }
        let made = found.as_ref().map_err(Clone::clone);
        let made = made.and_then(|files| Config::of_host(&self.security, files));
        state.seen = found;
        match made {
            Ok(config) => {
                state.config = config;
                None
            }
            Err(why) => Some(invalid(&self.endpoint, &why)),
        }
    }
}
