//! Calls that are prepared now and made later.

use crate::cancel::{CancelToken, Cancellation};
use crate::connection::{lane, Request};
use crate::error::Result;
use crate::proxy::{CallOptions, Proxy};

/// A call without its arguments, to be made later.
pub(crate) struct Prepared {
    method: String,
    signature: Option<String>,
    metadata: Option<Vec<u8>>,
    pub lane: u64,
    pub cancel: Option<CancelToken>,
}

impl Prepared {
    pub fn request<'a>(&'a self, interface: &'a str, arguments: &'a [u8]) -> Request<'a> {
        Request {
            interface,
            method: &self.method,
            signature: self.signature.as_deref(),
            metadata: self.metadata.as_deref(),
            arguments,
            lane: self.lane,
            cancellation: Cancellation { token: self.cancel.as_ref(), check: None },
        }
    }
}

impl Proxy {
    /// What is needed to make the call later.
    pub(crate) fn prepare(&self, method: &str, options: &CallOptions) -> Result<Prepared> {
        self.check(method, options)?;
        Ok(Prepared {
            method: method.into(),
            signature: options.signature.clone(),
            metadata: options.raw_metadata()?,
            lane: lane::of(self.0.number),
            cancel: options.cancel.clone(),
        })
    }
}
