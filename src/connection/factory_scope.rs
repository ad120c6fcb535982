//! Detects a delegate factory that calls its own interface, on the connection that it creates the delegate
//! for, through a client of the same process. That call would wait for the factory. The caller's side
//! refuses it, since the host cannot know who made it.

use std::cell::RefCell;
use std::mem::{replace, ManuallyDrop};

use crate::connection::{Connection, Core};
use crate::error::{Error, Result, Status};
use crate::sync::thread_local;

/// A factory that this thread runs.
struct Making {
    connection: Connection,
    interface: String,
}

thread_local! {
    // Never dropped, since a thread that ends, or that exits the program, may call until the very end.
    static MAKING: RefCell<ManuallyDrop<Option<Making>>> =
        const { RefCell::new(ManuallyDrop::new(None)) };
}

fn replace_making(making: Option<Making>) -> Option<Making> {
    MAKING.with(|present| replace(&mut **present.borrow_mut(), making))
}

/// Runs a factory of an interface for a connection.
pub(super) fn within<R>(
    connection: &Connection,
    interface: &str,
    factory: impl FnOnce() -> R,
) -> R {
    let making = Making { connection: connection.clone(), interface: interface.to_owned() };
    let _scope = Scope(replace_making(Some(making)));
    factory()
}

/// Restores the previous factory, also after a panic.
struct Scope(Option<Making>);

impl Drop for Scope {
    fn drop(&mut self) {
        drop(replace_making(self.0.take()));
    }
}

/// Refuses a call to `interface` if the factory that this thread runs would wait for it for ever.
pub(super) fn check(caller: &Core, interface: &str) -> Result<()> {
    MAKING.with(|making| {
        let waits = making.borrow().as_ref().is_some_and(|making| {
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

/// Whether two ends belong to the same connection within this process, whose hosts give every connection
/// its own number. Over TCP the peer's process is unknown.
fn is_other_end(caller: &Core, host: &Core) -> bool {
    let own = Some(std::process::id());
    let in_process = caller.peer.pid == own && host.peer.pid == own;
    in_process && caller.id == host.id && !std::ptr::eq(caller, host)
}
