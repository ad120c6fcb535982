//! Which processors the processes run on.

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Placement {
    OneCore,
    OneCoreEach,
    Free,
}

/// The two ends of a conversation.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Client,
    Server,
}

impl Placement {
    pub const ALL: [Placement; 3] = [Placement::OneCore, Placement::OneCoreEach, Placement::Free];

    pub fn describe(self) -> &'static str {
        match self {
            Placement::OneCore => "both sides on one core",
            Placement::OneCoreEach => "one core each",
            Placement::Free => "left to the scheduler",
        }
    }

    /// Whether this number of processors suffices for it.
    pub fn is_possible(self, processors: usize) -> bool {
        self != Placement::OneCoreEach || processors > 1
    }

    /// The processor that this side is pinned to, if any.
    pub fn processor(self, side: Side, processors: &[usize]) -> Option<usize> {
        match (self, side) {
            (Placement::Free, _) => None,
            (Placement::OneCoreEach, Side::Server) => Some(processors[1]),
            _ => Some(processors[0]),
        }
    }
}
