//! A host and a client that call each other, while bytes are changed, lost, delayed or swallowed between them, and
//! while either side closes: each call has one outcome, which is true; nothing gets stuck; and nothing is left over.

#![no_main]

use callgate_fuzz::connections::{run, Input};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: Input| run(input));
