//! Options of a call, beside its method and arguments.

use std::time::Duration;

use crate::cancel::{CancelToken, Cancellation, Check};
use crate::error::{Error, Result, Status};
use crate::link::CallTimes;
use crate::time;
use crate::wire::{metadata_misfit, write_metadata, Misfit};

/// How long a call may take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Timeout {
    /// The default: [`Limits::call_timeout`](crate::Limits::call_timeout).
    #[default]
    Default,
    /// At most this long.
    After(Duration),
    /// No limit.
    Never,
}

/// Options of a call, beside its method and arguments.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct CallOptions {
    /// How long the call may take: waiting for a connection, for the peer to catch up, and for the reply
    /// together.
    pub timeout: Timeout,
    /// The signature that selects an overload, for methods that have several.
    pub signature: Option<String>,
    /// Metadata that the delegate can read, e.g. a trace context: at most 256 pairs, and 64 KiB together.
    /// Keys must not contain control characters. Values may be any text.
    pub metadata: Vec<(String, String)>,
    /// A token that can cancel the call from another thread.
    pub cancel: Option<CancelToken>,
    /// A check that runs while the call waits, and can cancel it. Not used by
    /// [`Proxy::start`](crate::Proxy::start), which does not wait.
    pub check: Option<Check>,
}

/// The options of a call without options.
pub(super) static PLAIN: CallOptions = CallOptions {
    timeout: Timeout::Default,
    signature: None,
    metadata: Vec::new(),
    cancel: None,
    check: None,
};

impl CallOptions {
    /// Options with this timeout.
    pub fn timeout(timeout: Duration) -> CallOptions {
        CallOptions { timeout: Timeout::After(timeout), ..CallOptions::default() }
    }

    /// The deadlines of a call made now; `usual` is the default timeout.
    pub(super) fn times(&self, usual: Option<Duration>) -> CallTimes {
        let timeout = match self.timeout {
            Timeout::Default => usual,
            Timeout::After(timeout) => Some(timeout),
            Timeout::Never => None,
        };
        let made = time::now();
        let deadline = timeout.map(|timeout| time::later(made, timeout));
        CallTimes { made, deadline, connection_timeout: None }
    }

    /// The metadata as sent; `None` if there is none.
    ///
    /// # Errors
    /// Limit exceeded; invalid argument for a key with control characters.
    #[inline]
    pub(super) fn raw_metadata(&self) -> Result<Option<Vec<u8>>> {
        match self.metadata.is_empty() {
            true => Ok(None),
            false => self.encode_metadata().map(Some),
        }
    }

    #[cold]
    fn encode_metadata(&self) -> Result<Vec<u8>> {
        let mut raw = Vec::new();
        let pairs = self.metadata.iter();
        write_metadata(&mut raw, pairs.map(|(key, value)| (key.as_str(), value.as_str())));
        let misfit = metadata_misfit(&raw).map(|misfit| (misfit, misfit.to_string()));
        match misfit {
            None => Ok(raw),
            Some((Misfit::MetadataLimit, message)) => {
                Err(Error::new(Status::LimitExceeded, message))
            }
            Some((_, message)) => Err(Error::new(Status::InvalidArgument, message)),
        }
    }

    pub(super) fn cancellation(&self) -> Cancellation<'_> {
        Cancellation { token: self.cancel.as_ref(), check: self.check.as_ref() }
    }
}
