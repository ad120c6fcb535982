//! Delegates, and the table of those that serve one connection.

use std::time::Instant;

use crate::connection::inbound_call::InboundCall;
use crate::connection::owner::Runtime;
use crate::connection::state::context::with_serving;
use crate::connection::state::id_map::QuickMap;
use crate::error::{Error, Execution, Result, Status};
use crate::log::LogLevel;
use crate::panics::caught;
use crate::sync::atomic::{AtomicBool, Ordering};
use crate::sync::{Arc, Condvar, Mutex, MutexGuard, Weak};

/// The object that serves an interface for one connection.
///
/// It is called from several threads at once. It lives until the connection has ended and its last
/// invocation has returned. It may block, and may call Callgate, the same connection included.
pub trait Delegate: Send + Sync + 'static {
    /// Serves one call: answers it, or keeps it to answer later, from any thread.
    fn invoke(&self, call: InboundCall);
}

impl<F: Fn(InboundCall) + Send + Sync + 'static> Delegate for F {
    fn invoke(&self, call: InboundCall) {
        self(call);
    }
}

/// Methods remembered as slow, at most: a bound on what a peer can make us remember.
const SLOW_METHODS: usize = 64;

/// A delegate, with what was learnt of its methods.
pub(crate) struct Served {
    /// None only while it is dropped.
    delegate: Option<Arc<dyn Delegate>>,
    any_slow: AtomicBool,
    slow: Mutex<Vec<Box<[u8]>>>,
    /// What a panic of the delegate's destructor is told to.
    runtime: Weak<Runtime>,
}

impl Served {
    pub fn new(delegate: Arc<dyn Delegate>, runtime: &Arc<Runtime>) -> Served {
        Served {
            delegate: Some(delegate),
            any_slow: AtomicBool::new(false),
            slow: Mutex::new(Vec::new()),
            runtime: Arc::downgrade(runtime),
        }
    }

    pub fn delegate(&self) -> &dyn Delegate {
        self.delegate.as_deref().expect("there until it is dropped")
    }

    /// Whether the method ran long the last time, so that it should not run on a reader's thread.
    pub fn is_slow(&self, method: &[u8]) -> bool {
        self.any_slow.load(Ordering::Relaxed)
            && self.slow.lock().iter().any(|slow| **slow == *method)
    }

    /// Remembers how the method ran.
    pub fn set_slow(&self, method: &[u8], is_slow: bool) {
        let mut slow = self.slow.lock();
        let known = slow.iter().position(|slow| **slow == *method);
        match (known, is_slow) {
            (None, true) if slow.len() < SLOW_METHODS => slow.push(method.into()),
            (Some(place), false) => drop(slow.swap_remove(place)),
            _ => {}
        }
        self.any_slow.store(!slow.is_empty(), Ordering::Relaxed);
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let delegate = self.delegate.take();
        let Err(panic) = caught(|| drop(delegate)) else { return };
        if let Some(runtime) = self.runtime.upgrade() {
            let message = format!("a delegate panicked when it was dropped: {panic}");
            runtime.log(LogLevel::Error, &message);
        }
    }
}

enum Entry {
    /// A thread is asking the factories, for the call of that token.
    Making(u64),
    Ready(Arc<Served>),
    /// No factory serves it.
    None,
}

struct Table {
    /// By interface, compared as bytes.
    entries: QuickMap<Box<[u8]>, Entry>,
    /// How many entries are of interfaces served, of other names of these, and of names not served.
    served: usize,
    aliases: usize,
    unknown: usize,
    ended: bool,
}

/// The delegates of one connection, by interface.
pub(crate) struct Delegates {
    table: Mutex<Table>,
    made: Condvar,
    most: usize,
}

impl Delegates {
    /// An empty table that serves `most` interfaces, and remembers as many names that are not served.
    pub fn new(most: usize) -> Delegates {
        let table =
            Table { entries: QuickMap::default(), served: 0, aliases: 0, unknown: 0, ended: false };
        Delegates { table: Mutex::new(table), made: Condvar::new(), most }
    }

    /// The delegate of an interface, if it has been made already.
    pub fn known(&self, interface: &[u8]) -> Option<Arc<Served>> {
        match self.table.lock().entries.get(interface) {
            Some(Entry::Ready(served)) => Some(served.clone()),
            _ => None,
        }
    }

    /// The delegate of the interface that a name resolves to, made by `make` at the first call for
    /// it. Others wait for it meanwhile, until their deadlines, but for those that the making itself has
    /// caused.
    pub fn get_or_make(
        &self,
        name: &str,
        interface: &str,
        deadline: Option<Instant>,
        make: impl FnOnce() -> Result<Option<Served>>,
    ) -> Result<Arc<Served>> {
        let served = self.get_or_make_resolved(interface, deadline, make)?;
        if name != interface {
            let mut table = self.table.lock();
            if !table.ended && table.aliases < self.most {
                let entry = Entry::Ready(served.clone());
                let before = table.entries.insert(name.as_bytes().into(), entry);
                table.aliases += usize::from(before.is_none());
            }
        }
        Ok(served)
    }

    fn get_or_make_resolved(
        &self,
        interface: &str,
        deadline: Option<Instant>,
        make: impl FnOnce() -> Result<Option<Served>>,
    ) -> Result<Arc<Served>> {
        let mut table = self.table.lock();
        loop {
            if table.ended {
                // Its owner has been told that no delegate of this connection is left.
                return Err(Error::new(Status::Closed, "the connection has ended"));
            }
            match table.entries.get(interface.as_bytes()) {
                Some(Entry::Ready(served)) => return Ok(served.clone()),
                Some(Entry::None) => return Err(no_interface(interface)),
                Some(Entry::Making(maker)) => {
                    if with_serving(|serving| serving.is_some_and(|it| it.is_within(*maker))) {
                        return Err(Error::new(
                            Status::WouldDeadlock,
                            format!("the delegate factory of '{interface}' waits for this call"),
                        ));
                    }
                    if !self.wait_made(&mut table, deadline) {
                        return Err(Error::new(
                            Status::TimedOut,
                            format!("the deadline passed while the delegate factory of '{interface}' ran"),
                        ));
                    }
                }
                None => break,
            }
        }
        let maker = with_serving(|serving| serving.map_or(0, |serving| serving.token));
        table.entries.insert(interface.as_bytes().into(), Entry::Making(maker));
        drop(table);
        let mut making = Making { delegates: self, interface, outcome: None };
        let served = make()?.map(Arc::new);
        if !self.has_place(served.is_some()) {
            return Err(match served {
                Some(_) => too_many_interfaces(self.most),
                None => no_interface(interface),
            });
        }
        making.outcome = Some(match &served {
            Some(served) => Entry::Ready(served.clone()),
            None => Entry::None,
        });
        drop(making);
        served.ok_or_else(|| no_interface(interface))
    }

    /// Waits until a factory has returned; false when the deadline passes before.
    fn wait_made(&self, table: &mut MutexGuard<'_, Table>, deadline: Option<Instant>) -> bool {
        match deadline {
            None => {
                self.made.wait(table);
                true
            }
            Some(deadline) => !self.made.wait_until(table, deadline).timed_out(),
        }
    }

    /// Takes a place for one more interface that is served, or one more that is known not to be. The two
    /// have as many each, so that unknown names leave the places of others alone; beyond them the
    /// factories are asked again.
    fn has_place(&self, served: bool) -> bool {
        let mut table = self.table.lock();
        let taken = if served { &mut table.served } else { &mut table.unknown };
        let has_place = *taken < self.most;
        *taken += usize::from(has_place);
        has_place
    }

    /// Releases all delegates and makes no more; those being made are not kept.
    pub fn end(&self) {
        let mut table = self.table.lock();
        table.ended = true;
        let entries = std::mem::take(&mut table.entries);
        drop(table);
        self.made.notify_all();
        // Their owners' code runs here, with no lock held.
        drop(entries);
    }
}

/// Puts an entry's outcome in its place when the factory has returned, also by a panic.
struct Making<'a> {
    delegates: &'a Delegates,
    interface: &'a str,
    outcome: Option<Entry>,
}

impl Drop for Making<'_> {
    fn drop(&mut self) {
        let mut table = self.delegates.table.lock();
        let before = match self.outcome.take() {
            Some(entry) if !table.ended => {
                table.entries.insert(self.interface.as_bytes().into(), entry)
            }
            _ => table.entries.remove(self.interface.as_bytes()),
        };
        drop(table);
        drop(before);
        self.delegates.made.notify_all();
    }
}

fn too_many_interfaces(most: usize) -> Error {
    let message = format!("{most} interfaces are served on this connection already");
    Error::new(Status::LimitExceeded, message)
}

fn no_interface(interface: &str) -> Error {
    Error::new(
        Status::ContractMismatch,
        format!(
            "no interface '{interface}' is served here; add a delegate factory that answers for it"
        ),
    )
    .with_execution(Execution::NotRun)
}
