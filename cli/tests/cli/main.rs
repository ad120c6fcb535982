//! The tool as its users run it: the built program, against hosts in this process and in others.

mod callbacks;
mod calls;
mod differences;
mod hosts;
mod keys;
mod mcp;
mod questions;
mod several;
mod shells;
mod support;
mod terminal;
mod traces;
mod watch;
