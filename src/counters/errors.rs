//! Errors, counted by status.

use crate::error::Status;
use crate::sync::plain::{AtomicU64, Ordering};

/// How many calls ended with each status.
#[derive(Default)]
pub(crate) struct ErrorCounts([AtomicU64; Status::ALL.len()]);

impl ErrorCounts {
    #[cold]
    pub fn note(&self, status: Status) {
        if let Some(place) = Status::ALL.iter().position(|&other| other == status) {
            self.0[place].fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Those that occurred.
    pub fn all(&self) -> Vec<(Status, u64)> {
        let counts =
            Status::ALL.into_iter().zip(self.0.iter().map(|it| it.load(Ordering::Relaxed)));
        counts.filter(|(_, count)| *count > 0).collect()
    }
}
