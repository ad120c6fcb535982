//! What the connections of one host or client share: its threads, and the work that these watch over.
//! Independent of connections.
//!
//! | file | what it does |
//! |---|---|
//! | `pool` | threads for work that must not wait; it grows on demand |
//! | `monitor` | a thread that inspects active objects, once a tick |
//! | `timers` | a thread that acts when deadlines pass |
//! | `completions` | runs the program's completions of started calls |
//! | `shutdown` | the progress of closing |
//! | `throttle` | keeps log lines rare that a peer could cause at any rate |
//! | `budget` | bytes that all connections may hold together |
//! | `scratch` | buffers that a thread reuses |

pub(crate) mod budget;
pub(crate) mod completions;
pub(crate) mod monitor;
pub(crate) mod pool;
pub(crate) mod scratch;
pub(crate) mod shutdown;
pub(crate) mod throttle;
pub(crate) mod timers;
