//! The bytes between two processes, as PROTOCOL.md specifies them. Pure: no I/O, no threads.
