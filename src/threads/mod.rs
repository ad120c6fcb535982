//! What the connections of one host or client share: its threads, and what these watch over. Knows nothing of
//! connections.
//!
//! | file | what it does |
//! |---|---|
//! | `pool` | threads for what must not wait; it grows on demand |
//! | `monitor` | a thread that inspects what is in use, once a tick |
//! | `timers` | a thread that acts when deadlines pass |
//! | `completions` | runs the program's completions of started calls |
//! | `shutdown` | how far closing is |
//! | `budget` | bytes that all connections may hold together |
//! | `scratch` | buffers that a thread uses again |

pub(crate) mod budget;
pub(crate) mod completions;
pub(crate) mod monitor;
pub(crate) mod pool;
pub(crate) mod scratch;
pub(crate) mod shutdown;
pub(crate) mod timers;
