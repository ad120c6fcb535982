//! The tool as its users run it: the built program, against hosts in this process and in others.

mod asking;
mod callbacks;
mod calling;
mod comparing;
mod hosting;
mod mcp;
mod shells;
mod support;
