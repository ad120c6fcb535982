//! What this thread is doing for Callgate: the inbound call that it serves, or the program's handler or
//! routine that it runs, and what caused that.

use std::cell::{Cell, RefCell};
use std::mem::{replace, ManuallyDrop};

use crate::sync::atomic::{AtomicU64, Ordering};
use crate::sync::{shared_static, thread_local, Arc};

/// The low bits of a scope id, which distinguish the scopes of one thread.
const SCOPE_ID_BITS: u32 = 40;

/// What caused a piece of user code: the call or routine that it runs in, what that one is nested in, and
/// so on, across processes and back.
#[derive(Debug)]
pub(crate) struct Ancestry {
    scope_id: u64,
    before: Option<Arc<Ancestry>>,
}

impl Ancestry {
    /// Whether the call or routine with this scope id is among the causes.
    pub fn contains(&self, scope_id: u64) -> bool {
        let mut next = Some(self);
        while let Some(link) = next {
            if link.scope_id == scope_id {
                return true;
            }
            next = link.before.as_deref();
        }
        false
    }
}

/// A piece of user code that a thread runs.
#[derive(Clone, Debug)]
pub(crate) struct CallContext {
    /// Identifies the host or client.
    pub runtime: usize,
    /// Identifies the connection, by address; 0 outside a call.
    pub connection: usize,
    /// The id of the call; `None` for a one-way call, and outside a call.
    pub call: Option<u64>,
    pub depth: u32,
    /// Identifies this call or routine.
    pub scope_id: u64,
    /// What caused it.
    pub within: Option<Arc<Ancestry>>,
}

impl CallContext {
    /// The context of a handler or routine that runs outside any call.
    pub fn handler(runtime: usize) -> CallContext {
        CallContext {
            runtime,
            connection: 0,
            call: None,
            depth: 0,
            scope_id: new_scope_id(),
            within: None,
        }
    }

    /// What causes a call that is made now.
    pub fn ancestry(&self) -> Arc<Ancestry> {
        Arc::new(Ancestry { scope_id: self.scope_id, before: self.within.clone() })
    }

    /// Whether it is that call or routine, or was caused by it.
    pub fn is_within(&self, scope_id: u64) -> bool {
        self.scope_id == scope_id
            || self.within.as_ref().is_some_and(|within| within.contains(scope_id))
    }
}

/// The scope of a routine that is about to run; calls that it makes or causes can recognise it.
pub(crate) struct RoutineScope(CallContext);

impl RoutineScope {
    /// The scope of a routine of the host or client with this runtime.
    pub fn new(runtime: usize) -> RoutineScope {
        RoutineScope(CallContext::handler(runtime))
    }

    pub fn scope_id(&self) -> u64 {
        self.0.scope_id
    }

    /// Runs the routine on this thread.
    pub fn run<R>(self, routine: impl FnOnce() -> R) -> R {
        let _scope = Scope::enter(self.0);
        routine()
    }
}

/// Whether this thread runs the call or routine with this scope id, or something caused by it.
pub(crate) fn is_within(scope_id: u64) -> bool {
    with_context(|context| context.is_some_and(|context| context.is_within(scope_id)))
}

/// Whether this thread runs user code.
pub(crate) fn is_serving() -> bool {
    with_context(|context| context.is_some())
}

shared_static! { static THREADS: AtomicU64 = AtomicU64::new(1); }

thread_local! {
    // Never dropped, since a thread that ends, or that exits the program, may call until the very end.
    static CONTEXT: RefCell<ManuallyDrop<Option<CallContext>>> =
        const { RefCell::new(ManuallyDrop::new(None)) };
    static NUMBER: u64 = THREADS.fetch_add(1, Ordering::Relaxed);
    static SCOPE_IDS: Cell<u64> = const { Cell::new(0) };
}

/// Passes the user code that this thread runs, if any, to a function.
pub(crate) fn with_context<R>(look: impl FnOnce(Option<&CallContext>) -> R) -> R {
    CONTEXT.with(|context| look(context.borrow().as_ref()))
}

/// The user code that this thread runs, if any.
pub(crate) fn current_context() -> Option<CallContext> {
    with_context(|context| context.cloned())
}

/// The number of this thread, unique in the process and never reused.
pub(crate) fn thread_number() -> u64 {
    NUMBER.with(|number| *number)
}

/// A new scope id, unique in the process and never reused.
pub(crate) fn new_scope_id() -> u64 {
    let count = SCOPE_IDS.with(|ids| ids.replace(ids.get() + 1)) + 1;
    (thread_number() << SCOPE_ID_BITS) | count
}

fn replace_context(context: Option<CallContext>) -> Option<CallContext> {
    CONTEXT.with(|present| replace(&mut **present.borrow_mut(), context))
}

/// Notes what this thread runs, until it is dropped.
pub(crate) struct Scope(Option<CallContext>);

impl Scope {
    pub fn enter(context: CallContext) -> Scope {
        Scope(replace_context(Some(context)))
    }
}

impl Drop for Scope {
    fn drop(&mut self) {
        drop(replace_context(self.0.take()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_caused_within_knows_all_its_causes() {
        let outer = CallContext::handler(1);
        let inner = CallContext { within: Some(outer.ancestry()), ..CallContext::handler(1) };
        let innermost = CallContext { within: Some(inner.ancestry()), ..CallContext::handler(1) };
        assert!(innermost.is_within(outer.scope_id) && innermost.is_within(inner.scope_id));
        assert!(innermost.is_within(innermost.scope_id));
        assert!(!outer.is_within(inner.scope_id));
    }

    #[test]
    fn scopes_nest() {
        let outer = Scope::enter(CallContext::handler(1));
        {
            let _inner = Scope::enter(CallContext::handler(2));
            assert_eq!(with_context(|context| context.unwrap().runtime), 2);
        }
        assert_eq!(with_context(|context| context.unwrap().runtime), 1);
        drop(outer);
        assert!(with_context(|context| context.is_none()));
    }
}
