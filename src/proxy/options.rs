//! What a call asks for beside its method and arguments.

use std::time::{Duration, Instant};

use crate::cancel::{CancelToken, Check, Withdrawal};
use crate::link::CallTimes;
use crate::wire::write_metadata;

/// How long a call may take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Timeout {
    /// As long as [`Limits::call_timeout`](crate::Limits::call_timeout) says.
    #[default]
    Default,
    /// That long.
    After(Duration),
    /// As long as it likes.
    Never,
}

/// What a call asks for beside its method and arguments.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct CallOptions {
    /// How long it may take, waiting for a connection, for room and for the answer included.
    pub timeout: Timeout,
    /// Which overload is meant, where the method has several.
    pub signature: Option<String>,
    /// What travels along for the delegate to read, e.g. a trace context.
    pub metadata: Vec<(String, String)>,
    /// What can withdraw the call from another thread.
    pub cancel: Option<CancelToken>,
    /// What is asked while the call waits, and can withdraw it. A call that is started does not wait.
    pub check: Option<Check>,
}

/// What a call asks for that is made without options.
pub(super) static PLAIN: CallOptions = CallOptions {
    timeout: Timeout::Default,
    signature: None,
    metadata: Vec::new(),
    cancel: None,
    check: None,
};

impl CallOptions {
    /// Options with that timeout.
    pub fn timeout(timeout: Duration) -> CallOptions {
        CallOptions { timeout: Timeout::After(timeout), ..CallOptions::default() }
    }

    /// The times of a call made now, where the usual timeout is that.
    pub(super) fn times(&self, usual: Option<Duration>) -> CallTimes {
        let timeout = match self.timeout {
            Timeout::Default => usual,
            Timeout::After(timeout) => Some(timeout),
            Timeout::Never => None,
        };
        let made = Instant::now();
        let deadline = timeout.and_then(|timeout| made.checked_add(timeout));
        CallTimes { made, deadline, connection_timeout: None }
    }

    /// The metadata as it travels; none if there is none.
    #[inline]
    pub(super) fn raw_metadata(&self) -> Option<Vec<u8>> {
        if self.metadata.is_empty() {
            return None;
        }
        let mut raw = Vec::new();
        let pairs = self.metadata.iter();
        write_metadata(&mut raw, pairs.map(|(key, value)| (key.as_str(), value.as_str())));
        Some(raw)
    }

    pub(super) fn withdrawal(&self) -> Withdrawal<'_> {
        Withdrawal { token: self.cancel.as_ref(), check: self.check.as_ref() }
    }
}
