//! Delegates, and the table of a connection's delegates.

use std::time::Instant;

use crate::connection::inbound_call::InboundCall;
use crate::connection::owner::Runtime;
use crate::connection::state::context::with_context;
use crate::connection::state::id_map::QuickMap;
use crate::error::{Error, Result, Status};
use crate::log::{LogEvent, LogLevel, LogTarget};
use crate::panics::caught;
use crate::sync::atomic::{AtomicBool, Ordering};
use crate::sync::{Arc, Condvar, Mutex, MutexGuard, Weak};
use crate::threads::throttle::Frequent;

/// The object that serves an interface for one connection.
///
/// It is called on several threads at once. It lives until the connection has ended and its last invocation
/// has returned. It may block, and may call Callgate, including on the same connection.
pub trait Delegate: Send + Sync + 'static {
    /// Serves one call: replies to it, or keeps it to reply later, from any thread.
    fn invoke(&self, call: InboundCall);
}

impl<F: Fn(InboundCall) + Send + Sync + 'static> Delegate for F {
    fn invoke(&self, call: InboundCall) {
        self(call);
    }
}

/// How many methods are remembered as slow: a limit on what a peer can make us remember.
const SLOW_METHODS: usize = 64;

/// A delegate, and which of its methods are slow.
pub(crate) struct DelegateEntry {
    /// The interface that it serves, for the log.
    pub interface: Box<str>,
    /// `None` only during the drop.
    delegate: Option<Arc<dyn Delegate>>,
    any_slow: AtomicBool,
    slow: Mutex<Vec<Box<[u8]>>>,
    /// Logs a panic of the delegate's destructor.
    runtime: Weak<Runtime>,
}

impl DelegateEntry {
    pub fn new(
        interface: &str,
        delegate: Arc<dyn Delegate>,
        runtime: &Arc<Runtime>,
    ) -> DelegateEntry {
        DelegateEntry {
            interface: interface.into(),
            delegate: Some(delegate),
            any_slow: AtomicBool::new(false),
            slow: Mutex::new(Vec::new()),
            runtime: Arc::downgrade(runtime),
        }
    }

    pub fn delegate(&self) -> &dyn Delegate {
        self.delegate.as_deref().expect("there until it is dropped")
    }

    /// Whether the method was slow the last time, so that it should not run on the reading thread.
    pub fn is_slow(&self, method: &[u8]) -> bool {
        self.any_slow.load(Ordering::Relaxed)
            && self.slow.lock().iter().any(|slow| **slow == *method)
    }

    /// Remembers whether the method was slow.
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

impl Drop for DelegateEntry {
    fn drop(&mut self) {
        let delegate = self.delegate.take();
        let Err(panic) = caught(|| drop(delegate)) else { return };
        if let Some(runtime) = self.runtime.upgrade() {
            runtime.log_frequent(Frequent::Panic, || {
                let interface = &*self.interface;
                let message =
                    format!("a delegate of {interface} panicked when it was dropped: {panic}");
                LogEvent::new(LogLevel::Error, LogTarget::Connection, message).interface(interface)
            });
        }
    }
}

enum Entry {
    /// A thread is asking the factories, on behalf of the call with this scope id.
    Making(u64),
    Ready(Arc<DelegateEntry>),
    /// No factory serves it.
    None,
}

struct Table {
    /// By interface name, compared as bytes.
    entries: QuickMap<Box<[u8]>, Entry>,
    /// How many entries are served interfaces, aliases of these, and unknown names.
    served: usize,
    aliases: usize,
    unknown: usize,
    /// The number of started calls that have yet to find their delegates here.
    claims: usize,
    ended: bool,
}

/// The delegates of one connection, by interface.
pub(crate) struct DelegateTable {
    table: Mutex<Table>,
    made: Condvar,
    most: usize,
}

impl DelegateTable {
    /// An empty table that serves at most `most` interfaces, and remembers as many unknown names.
    pub fn new(most: usize) -> DelegateTable {
        let table = Table {
            entries: QuickMap::default(),
            served: 0,
            aliases: 0,
            unknown: 0,
            claims: 0,
            ended: false,
        };
        DelegateTable { table: Mutex::new(table), made: Condvar::new(), most }
    }

    /// Counts a started call that has yet to find its delegate: see [`DelegateTable::end`].
    pub fn add_claim(&self) {
        self.table.lock().claims += 1;
    }

    /// Called when that call has found its delegate, or will not run.
    pub fn remove_claim(&self) {
        let mut table = self.table.lock();
        table.claims -= 1;
        let last = table.claims == 0;
        drop(table);
        if last {
            self.made.notify_all();
        }
    }

    /// The delegate of an interface, if it already exists.
    pub fn known(&self, interface: &[u8]) -> Option<Arc<DelegateEntry>> {
        match self.table.lock().entries.get(interface) {
            Some(Entry::Ready(served)) => Some(served.clone()),
            _ => None,
        }
    }

    /// The delegate of the interface that a name stands for, made by `make` at the first call to it; `None`
    /// if it is not served. Meanwhile other calls wait until their deadlines, except those that `make` has caused.
    pub fn get_or_make(
        &self,
        name: &str,
        interface: &str,
        deadline: Option<Instant>,
        make: impl FnOnce() -> Result<Option<DelegateEntry>>,
    ) -> Result<Option<Arc<DelegateEntry>>> {
        let Some(served) = self.get_or_make_resolved(interface, deadline, make)? else {
            return Ok(None);
        };
        if name != interface {
            let mut table = self.table.lock();
            if !table.ended && table.aliases < self.most {
                let entry = Entry::Ready(served.clone());
                let before = table.entries.insert(name.as_bytes().into(), entry);
                table.aliases += usize::from(before.is_none());
            }
        }
        Ok(Some(served))
    }

    fn get_or_make_resolved(
        &self,
        interface: &str,
        deadline: Option<Instant>,
        make: impl FnOnce() -> Result<Option<DelegateEntry>>,
    ) -> Result<Option<Arc<DelegateEntry>>> {
        let mut table = self.table.lock();
        loop {
            if table.ended {
                // Its owner was already notified that no delegate of this connection is left.
                return Err(Error::new(Status::Closed, "the connection has ended"));
            }
            match table.entries.get(interface.as_bytes()) {
                Some(Entry::Ready(served)) => return Ok(Some(served.clone())),
                Some(Entry::None) => return Ok(None),
                Some(Entry::Making(maker)) => {
                    if with_context(|context| context.is_some_and(|it| it.is_within(*maker))) {
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
        let maker = with_context(|context| context.map_or(0, |context| context.scope_id));
        table.entries.insert(interface.as_bytes().into(), Entry::Making(maker));
        drop(table);
        let mut making = Making { delegates: self, interface, outcome: None };
        let served = make()?.map(Arc::new);
        if !self.has_place(served.is_some()) {
            return match served {
                Some(_) => Err(too_many_interfaces(self.most)),
                None => Ok(None),
            };
        }
        making.outcome = Some(match &served {
            Some(served) => Entry::Ready(served.clone()),
            None => Entry::None,
        });
        drop(making);
        Ok(served)
    }

    /// Waits until a factory has returned; false if the deadline passes first.
    fn wait_made(&self, table: &mut MutexGuard<'_, Table>, deadline: Option<Instant>) -> bool {
        match deadline {
            None => {
                self.made.wait(table);
                true
            }
            Some(deadline) => !self.made.wait_until(table, deadline).timed_out(),
        }
    }

    /// Takes a place for one more served interface, or for one more unknown name. The two have separate
    /// limits, so that unknown names cannot displace served interfaces. Unknown names beyond the limit are
    /// not remembered.
    fn has_place(&self, served: bool) -> bool {
        let mut table = self.table.lock();
        let taken = if served { &mut table.served } else { &mut table.unknown };
        let has_place = *taken < self.most;
        *taken += usize::from(has_place);
        has_place
    }

    /// Releases all delegates and makes no more; those being made are not kept.
    ///
    /// First waits, at most until the deadline, until the calls that have started have found their
    /// delegates: the peer counts them as sent, and could not learn that they did not run.
    pub fn end(&self, deadline: Instant) {
        let mut table = self.table.lock();
        while table.claims > 0 {
            if self.made.wait_until(&mut table, deadline).timed_out() {
                break;
            }
        }
        table.ended = true;
        let entries = std::mem::take(&mut table.entries);
        drop(table);
        self.made.notify_all();
        // Runs the owners' code, so no lock is held here.
        drop(entries);
    }
}

/// Stores the outcome of a factory when it returns or panics.
struct Making<'a> {
    delegates: &'a DelegateTable,
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
    let message = format!("this connection already serves {most} interfaces");
    Error::new(Status::LimitExceeded, message)
}
