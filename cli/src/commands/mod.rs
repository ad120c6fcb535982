//! The commands, one file or folder each.

pub mod bench;
pub mod call;
pub mod completions;
pub mod demo;
pub mod describe;
pub mod diff;
pub mod endpoints;
pub mod exit_codes;
pub mod gateway;
pub mod keys;
pub mod list;
pub mod listen;
pub mod man;
pub mod mcp;
pub mod ping;
pub mod proxy;
pub mod serve;
pub mod trace;
pub mod watch;
