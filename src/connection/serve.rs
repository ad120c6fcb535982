//! Serves inbound calls.

use std::time::Duration;

use crate::connection::awaited::lost;
use crate::connection::batch::OneWayBatch;
use crate::connection::delegates::DelegateEntry;
use crate::connection::inbound_call::InboundCall;
use crate::connection::state::context::{new_scope_id, CallContext, Scope};
use crate::connection::state::credit::Amount;
use crate::connection::state::inbound::Inbound;
use crate::connection::state::schedule::{Finished, Schedule};
use crate::connection::{factory_scope, Connection, Core};
use crate::error::{Error, Execution, Result, Status};
use crate::log::{LogEvent, LogLevel, LogTarget};
use crate::name;
use crate::panics::caught;
use crate::sync::Arc;
use crate::threads::throttle::Frequent;
use crate::time;

/// A method that ran no longer than this may run on the reading thread again: a hand-over costs a fraction
/// of it.
const QUICK: Duration = Duration::from_micros(200);

/// The number of interfaces that the error of a call to another one names.
const LISTED: usize = 5;

impl Connection {
    /// Runs a call and its batch on the leader's own thread. Returns the delegate that served it.
    pub(super) fn serve_inline(
        &self,
        call: Inbound,
        known: Option<Arc<DelegateEntry>>,
        claim: Option<Claim>,
        batch: &mut OneWayBatch,
    ) -> Option<Arc<DelegateEntry>> {
        let finished = Finished::of(&call);
        let mut amount = Amount::call(call.cost());
        let entry = if batch.count() == 0 {
            self.execute(call, known, claim)
        } else {
            let template = call.template();
            let entry = self.execute(call, known, claim);
            amount.add(self.run_batch(batch, &template, entry.as_ref()));
            entry
        };
        self.0.returned(&finished, amount);
        self.start_ready();
        entry
    }

    /// Runs an admitted call on another thread. If none is available the call is refused.
    pub(super) fn start_elsewhere(&self, call: Inbound) {
        let claim = Claim::new(self);
        self.start_claimed(call, claim);
    }

    fn start_claimed(&self, mut call: Inbound, claim: Claim) {
        call.compact();
        let started = Some((call, claim));
        let mut unstarted = Unstarted { connection: self.clone(), started };
        let job = move || {
            if let Some((call, claim)) = unstarted.started.take() {
                unstarted.connection.run_and_go_on(call, claim);
            }
        };
        // A job without a thread is dropped, which refuses the call.
        let _ = self.0.runtime.workers.execute_call(job);
    }

    /// Runs a call on a pool thread, and then the calls that waited for it.
    fn run_and_go_on(&self, call: Inbound, claim: Claim) {
        let mut next = Some((call, claim));
        while let Some((call, claim)) = next {
            let method = call.method_name();
            let (finished, amount) = (Finished::of(&call), Amount::call(call.cost()));
            let began = time::now();
            if let Some(entry) = self.execute(call, None, Some(claim)) {
                entry.set_slow(method.as_bytes(), time::since(began) > QUICK);
            }
            next = self.take_started(|schedule| schedule.follow(&finished));
            if next.is_some() {
                self.0.owe(amount);
                continue;
            }
            self.0.returned(&finished, amount);
            next = self.take_started(Schedule::ready);
            self.start_ready();
        }
    }

    fn start_ready(&self) {
        while let Some((call, claim)) = self.take_started(Schedule::ready) {
            self.start_claimed(call, claim);
        }
    }

    /// Takes the next call to run out of the schedule. The call gets its claim before the connection can
    /// end, which removes all calls that will not run.
    fn take_started(
        &self,
        take: impl FnOnce(&mut Schedule) -> Option<Inbound>,
    ) -> Option<(Inbound, Claim)> {
        let mut schedule = self.0.incoming.schedule.lock();
        take(&mut schedule).map(|call| (call, Claim::new(self)))
    }

    /// Runs a call that holds a slot, and returns the delegate that served it.
    pub(super) fn execute(
        &self,
        mut call: Inbound,
        known: Option<Arc<DelegateEntry>>,
        claim: Option<Claim>,
    ) -> Option<Arc<DelegateEntry>> {
        if call.scope_id == 0 {
            call.scope_id = new_scope_id();
        }
        let _scope = Scope::enter(self.serving(&call));
        let found =
            self.in_time(&call).and_then(|()| known.map_or_else(|| self.delegate_for(&call), Ok));
        drop(claim);
        match found {
            Ok(entry) => {
                self.invoke(&entry, call);
                Some(entry)
            }
            Err(error) => {
                self.refuse(&call, &error);
                None
            }
        }
    }

    /// The context of a thread that serves the call.
    pub(super) fn serving(&self, call: &Inbound) -> CallContext {
        CallContext {
            runtime: self.0.runtime.address(),
            connection: self.0.address(),
            call: call.id,
            depth: call.depth,
            scope_id: call.scope_id,
            within: call.within.clone(),
        }
    }

    /// Runs one-way calls that had arrived when the connection ended, in order, after those that had
    /// started. Closing the host or client cuts this short.
    pub(super) fn run_late(&self, arrived: Vec<Inbound>) {
        let core = &self.0;
        let patience = time::after(core.runtime.limits.drain_timeout);
        let mut schedule = core.incoming.schedule.lock();
        while !schedule.is_idle() {
            if core.incoming.returned.wait_until(&mut schedule, patience).timed_out() {
                break;
            }
        }
        drop(schedule);
        for call in arrived {
            let cost = call.cost();
            if core.runtime.is_closing() {
                self.refuse(&call, &Error::new(Status::Closed, "the host or client was closed"));
            } else {
                self.execute(call, None, None);
            }
            core.incoming.account.give(cost);
        }
    }

    fn in_time(&self, call: &Inbound) -> Result<()> {
        let cancelled = !call.is_one_way() && self.0.incoming.cancelled.contains(call.id);
        // A call that has just arrived needs no second look at the clock.
        let now = || call.arrived.filter(|_| !call.has_waited).unwrap_or_else(time::now);
        match lost(cancelled, call.deadline, now) {
            None => Ok(()),
            Some(status @ Status::Cancelled) => {
                Err(Error::new(status, "the call was cancelled before it could start"))
            }
            Some(status) => {
                Err(Error::new(status, "the deadline passed before the call could start"))
            }
        }
    }

    fn delegate_for(&self, call: &Inbound) -> Result<Arc<DelegateEntry>> {
        let core = &self.0;
        if let Some(entry) = core.delegates.known(call.interface_bytes()) {
            return Ok(entry);
        }
        let asked = call.interface();
        let owner = &core.runtime.owner;
        let interface = owner.resolve(asked);
        let found = core.delegates.get_or_make(asked, &interface, call.deadline, || {
            if name::is_reserved(&interface) {
                let own = owner.own_delegate(&interface);
                return Ok(
                    own.map(|delegate| DelegateEntry::new(&interface, delegate, &core.runtime))
                );
            }
            let made = || {
                factory_scope::within(self, &interface, || owner.make_delegate(&interface, self))
            };
            let made = caught(made).unwrap_or_else(|panic| {
                Err(Error::new(
                    Status::Internal,
                    format!("the delegate factory panicked for '{interface}': {panic}"),
                ))
            });
            // Whatever went wrong, no delegate ran.
            let delegate = made.map_err(|error| error.of_call(Execution::NotRun))?;
            Ok(delegate.map(|delegate| DelegateEntry::new(&interface, delegate, &core.runtime)))
        });
        found?.ok_or_else(|| not_served(&interface, &owner.declared()))
    }

    pub(super) fn invoke(&self, entry: &DelegateEntry, call: Inbound) {
        let delegate = entry.delegate();
        if let Err(panic) = caught(|| delegate.invoke(InboundCall::new(call, self.clone()))) {
            // Dropping the call has replied to the caller.
            self.0.runtime.log_frequent(Frequent::Panic, || {
                let interface = &*entry.interface;
                let message = format!("a delegate of {interface} panicked: {panic}");
                let event = LogEvent::new(LogLevel::Error, LogTarget::Connection, message);
                event.connection(self.id()).interface(interface)
            });
        }
    }
}

impl Core {
    /// A started call has returned. `amount` is the credit that one-way calls used, their batch included.
    fn returned(&self, finished: &Finished, amount: Amount) {
        let refused = self.incoming.schedule.lock().finish(finished);
        if finished.one_way {
            self.owe(amount);
        }
        if !refused.is_empty() {
            self.refuse_nested(refused);
        }
        self.note_progress();
    }

    /// Refuses nested calls that waited for their lane. Each would take a thread if that waited until the
    /// peer reads.
    #[cold]
    fn refuse_nested(&self, refused: Vec<Inbound>) {
        let error = self.incoming.schedule.lock().too_many_nested();
        for call in refused {
            self.refused(&call, &error);
        }
    }

    /// Wakes the threads that drain the connection. If it has ended, and this was its last call, frees its
    /// place.
    pub(super) fn note_progress(&self) {
        if self.lifecycle.is_draining() {
            self.leave_place_when_idle();
            self.incoming.returned.notify_all();
        }
    }

    /// Frees the connection's place, once its owner has released it, if no call runs.
    pub(super) fn leave_place_when_idle(&self) {
        let idle = self.incoming.schedule.lock().is_idle();
        if idle {
            self.incoming.place.leave();
        }
    }
}

/// An admitted call that has not started. Dropping it refuses the call.
struct Unstarted {
    connection: Connection,
    started: Option<(Inbound, Claim)>,
}

impl Drop for Unstarted {
    fn drop(&mut self) {
        if let Some((call, claim)) = self.started.take() {
            drop(claim);
            let error = Error::new(
                Status::LimitExceeded,
                "no thread is available for the call: let fewer calls run at once, or raise the system's limits of threads and memory",
            );
            self.connection.refuse(&call, &error);
            let amount = Amount::call(call.cost());
            self.connection.0.returned(&Finished::of(&call), amount);
        }
    }
}

/// The claim of a started call to its delegate, which it has yet to find. Until then the connection keeps
/// its delegates even if it has ended.
pub(super) struct Claim(Connection);

impl Claim {
    pub fn new(connection: &Connection) -> Claim {
        connection.0.delegates.add_claim();
        Claim(connection.clone())
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.0 .0.delegates.remove_claim();
    }
}

/// The error of a call to an interface that is not served, with some of those that are: it may have been
/// renamed on one side.
#[cold]
#[inline(never)]
fn not_served(interface: &str, declared: &[&str]) -> Error {
    let own = |name: &str| name.rsplit('.').next().map(str::to_owned);
    let (mut alike, others): (Vec<&str>, Vec<&str>) =
        declared.iter().partition(|name| own(name) == own(interface));
    alike.extend(others);
    let listed: Vec<String> = alike.iter().take(LISTED).map(|name| format!("'{name}'")).collect();
    let more = match alike.len().saturating_sub(LISTED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let message = match listed.is_empty() {
        true => format!("interface '{interface}' is not served here; add a delegate factory for it"),
        false => format!(
            "interface '{interface}' is not served here; what is served: {}{more}. Give both sides the same \
             name, or add a delegate factory for it",
            listed.join(", ")
        ),
    };
    Error::new(Status::ContractMismatch, message).of_call(Execution::NotRun)
}
