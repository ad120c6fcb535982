//! What limits the memory of large frames.

use std::fmt;
use std::sync::Arc;

/// Decides how much memory the large frames of one connection may take. Only the thread that reads the
/// connection calls it.
pub trait Allowance: Send + Sync + fmt::Debug {
    /// The incomplete large frames take `bytes` bytes from now on. False if that is too much; then they
    /// count as before.
    fn arriving(&self, bytes: usize) -> bool;

    /// `bytes` bytes of empty memory are kept for the next large frame. False if that is too much; then
    /// none may be kept.
    fn keep(&self, bytes: usize) -> bool;
}

/// The allowance of one frame buffer, if it has one. Dropping it gives everything back.
#[derive(Debug, Default)]
pub(super) struct Allowed(Option<Arc<dyn Allowance>>);

impl Allowed {
    pub fn new(allowance: Arc<dyn Allowance>) -> Allowed {
        Allowed(Some(allowance))
    }

    pub fn arriving(&self, bytes: usize) -> bool {
        self.0.as_ref().is_none_or(|allowance| allowance.arriving(bytes))
    }

    pub fn keep(&self, bytes: usize) -> bool {
        self.0.as_ref().is_none_or(|allowance| allowance.keep(bytes))
    }
}

impl Drop for Allowed {
    fn drop(&mut self) {
        self.arriving(0);
        self.keep(0);
    }
}
