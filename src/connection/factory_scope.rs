//! Delegate factories that call their own interface, on the very connection that they make its delegate
//! for, through a client of the same process: the call would wait for the factory. It is refused where it is
//! made, since the host cannot tell who makes it.

use std::cell::RefCell;

use crate::connection::{Connection, Core};
use crate::error::{Error, Result, Status};

/// A factory that this thread runs.
struct Making {
    connection: Connection,
    interface: String,
}

thread_local! {
    static MAKING: RefCell<Option<Making>> = const { RefCell::new(None) };
}

/// Runs a factory of an interface for a connection.
pub(super) fn within<R>(
    connection: &Connection,
    interface: &str,
    factory: impl FnOnce() -> R,
) -> R {
    let making = Making { connection: connection.clone(), interface: interface.to_owned() };
    let _scope = Scope(MAKING.replace(Some(making)));
    factory()
}

/// Puts back what was before, also after a panic.
struct Scope(Option<Making>);

impl Drop for Scope {
    fn drop(&mut self) {
        drop(MAKING.replace(self.0.take()));
    }
}

/// Refuses a call of that interface if the factory that this thread runs would wait for it in vain.
pub(super) fn check(caller: &Core, interface: &str) -> Result<()> {
    MAKING.with_borrow(|making| {
        let waits = making.as_ref().is_some_and(|making| {
            is_other_end(caller, &making.connection.0)
                && making.connection.0.runtime.owner.resolve(interface) == making.interface
        });
        if !waits {
            return Ok(());
        }
        Err(Error::new(
            Status::WouldDeadlock,
            format!("the delegate factory of '{interface}' would wait for itself"),
        ))
    })
}

/// Whether two ends are those of one connection within this process. Its hosts give no number twice. Over
/// TCP nothing tells of a peer's process.
fn is_other_end(caller: &Core, host: &Core) -> bool {
    let own = Some(std::process::id());
    let in_process = caller.peer.pid == own && host.peer.pid == own;
    in_process && caller.id == host.id && !std::ptr::eq(caller, host)
}
