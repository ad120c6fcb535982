//! One established conversation. It does not depend on which side dialled: both sides call and serve.
//!
//! | file | what it does |
//! |---|---|
//! | `state/` | the parts of a connection; independent of the connection |
//! | `handshake` | makes a connection from a stream |
//! | `call`, `start`, `started_call` | outbound calls |
//! | `admit`, `serve`, `batch`, `reply`, `inbound_call`, `awaited`, `cancel_notice`, `delegates`, `factory_scope` | inbound calls |
//! | `lead`, `dispatch` | reading, and handling frames |
//! | `flush_later` | sends one-way calls that are held back |
//! | `close`, `end` | how a connection ends: in order, and at once |
//! | `counts` | what the connections of a host or client have counted |
//! | `owner` | what a connection needs from its host or client |
//!
//! Locks are short, and are never held while user code runs or across a system call. If one is taken inside
//! another, the inner one is a leaf: a pending call's, or a waiting sender's.

mod admit;
mod awaited;
mod batch;
mod call;
mod cancel_notice;
mod close;
pub(crate) mod counts;
pub(crate) mod delegates;
mod dispatch;
mod end;
mod factory_scope;
mod flush_later;
pub(crate) mod handshake;
mod inbound_call;
mod lead;
#[cfg(all(test, callgate_shuttle))]
mod model;
mod owner;
mod received_error;
mod reply;
mod serve;
mod start;
mod started_call;
pub(crate) mod state;

use std::fmt;

use crate::connection::delegates::DelegateTable;
use crate::connection::flush_later::Holding;
use crate::connection::handshake::Negotiated;
use crate::connection::state::context::RoutineScope;
use crate::connection::state::inbox::Inbox;
use crate::connection::state::incoming::Incoming;
use crate::connection::state::outbox::{AfterSend, Cut, Order, Outbox, OutboxLimits};
use crate::connection::state::outgoing::Outgoing;
use crate::connection::state::phase::Lifecycle;
use crate::connection::state::reader::ReaderRole;
use crate::error::{Error, Execution, Result, Status};
use crate::limits::{Limits, OTHER_PROMPTED};
use crate::sync::atomic::{AtomicBool, Ordering};
use crate::sync::plain::AtomicU64;
use crate::sync::{Arc, Mutex, Weak};
use crate::threads::timers::Timer;
use crate::transport::{Control, Party, Peer};

pub use call::Reply;
pub(crate) use call::Request;
pub use cancel_notice::CancelNotice;
pub use delegates::Delegate;
pub use inbound_call::InboundCall;
pub(crate) use owner::{Owner, Runtime};
pub(crate) use started_call::{Done, StartedCall};
pub(crate) use state::context::{
    current_context, is_serving, is_within, thread_number, CallContext, Scope,
};
pub(crate) use state::lane;
pub(crate) use state::outbox::Blocking;
pub(crate) use state::send_queue::{Line, SendQueue, Waits};

/// What all threads of one connection share.
pub(crate) struct Core {
    id: u64,
    generation: u64,
    peer: Peer,
    me: Weak<Core>,
    runtime: Arc<Runtime>,
    control: Arc<dyn Control>,
    outbox: Outbox,
    holding: Arc<Holding>,
    reader: ReaderRole<Box<Inbox>>,
    outgoing: Outgoing,
    incoming: Incoming,
    delegates: DelegateTable,
    /// Whether the peer is known to have served a call, or has made one.
    used: AtomicBool,
    /// How many bytes were received after the handshake.
    received: Arc<AtomicU64>,
    lifecycle: Lifecycle,
    /// Limits how long the peer may stay after its goodbye.
    departure: Mutex<Option<Timer>>,
}

/// An established conversation between a client and a host. Clones are the same connection.
#[derive(Clone)]
pub struct Connection(pub(crate) Arc<Core>);

impl Connection {
    /// A connection that keeps `place`, its place among those of its owner, until that is
    /// [released](Connection::release_place).
    pub(crate) fn new(
        negotiated: Negotiated,
        runtime: Arc<Runtime>,
        generation: u64,
        place: Box<dyn Send>,
    ) -> Connection {
        let limits = runtime.limits.clone();
        let takes = negotiated.takes;
        let account = runtime.budget.account(Party::of(&negotiated.peer));
        let mut inbox = negotiated.inbox;
        inbox.limit_memory(account.clone());
        let received = inbox.received();
        let connection = Connection(Arc::new_cyclic(|me| Core {
            id: negotiated.id,
            generation,
            peer: negotiated.peer,
            me: me.clone(),
            control: negotiated.control,
            outbox: Outbox::new(
                negotiated.transmit,
                OutboxLimits {
                    queue: limits.send_queue,
                    held: flush_later::most_held(takes.calls),
                    prompted: most_prompted(&limits),
                    write_timeout: limits.write_timeout,
                },
                if negotiated.parts { Cut::USUAL } else { Cut::NONE },
            ),
            holding: Holding::new(me),
            reader: ReaderRole::new(Box::new(inbox)),
            outgoing: Outgoing::new(&takes),
            incoming: Incoming::new(&limits, account, place),
            delegates: DelegateTable::new(limits.interfaces),
            used: AtomicBool::new(false),
            received,
            lifecycle: Lifecycle::new(),
            departure: Mutex::new(None),
            runtime,
        }));
        connection.0.runtime.counts.begin(&connection.0);
        connection
    }

    /// Its number, assigned by the host's process and known to both sides.
    pub fn id(&self) -> u64 {
        self.0.id
    }

    /// Which of the client's connections this is: 1 for the first, one more after each reconnect. Always 1
    /// on a host.
    pub fn generation(&self) -> u64 {
        self.0.generation
    }

    /// The peer's identity, vouched for by the operating system.
    pub fn peer(&self) -> &Peer {
        &self.0.peer
    }

    /// Whether the connection is still open. It may end at any moment.
    pub fn is_open(&self) -> bool {
        self.0.runtime.is_ours() && !self.0.lifecycle.has_ended()
    }

    /// Ends the connection at once: waiting calls end as *closed*. One-way calls made before still leave,
    /// as far as the system has room for them. May be called from anywhere; does not wait for the peer.
    pub fn close(&self) {
        if !self.0.runtime.is_ours() {
            return;
        }
        self.0.end(Error::new(Status::Closed, "the connection was closed"));
    }

    /// Whether new calls may use it. After the peer's goodbye only calls nested in one that is served here
    /// may: they belong to this connection.
    pub(crate) fn takes_calls(&self) -> bool {
        !self.0.lifecycle.is_peer_leaving() || self.0.is_serving()
    }

    /// Whether a call made `within` did not run because the connection has ended, or because its peer has said
    /// goodbye: then it may be made again on another connection. After a goodbye, a call nested in one that is
    /// served here may not.
    pub(crate) fn has_kept_from_running(
        &self,
        error: &Error,
        within: Option<&CallContext>,
    ) -> bool {
        if error.execution() != Execution::NotRun {
            return false;
        }
        let same = |reason: Option<Error>| reason.is_some_and(|it| it.status() == error.status());
        let nested = within.is_some_and(|context| context.connection == self.0.address());
        let lifecycle = &self.0.lifecycle;
        same(lifecycle.ended()) || !nested && same(lifecycle.peer_goodbye())
    }

    /// Whether the peer is known to have served a call, or has made one.
    pub(crate) fn was_used(&self) -> bool {
        self.0.used.load(Ordering::Relaxed)
    }

    /// Ends the connection at once, for this reason.
    pub(crate) fn end(&self, reason: Error) {
        self.0.end(reason);
    }

    pub(crate) fn runtime(&self) -> &Arc<Runtime> {
        &self.0.runtime
    }

    /// The scope of a routine that the owner is about to run.
    pub(crate) fn routine(&self) -> RoutineScope {
        RoutineScope::new(self.0.runtime.address())
    }

    /// Called by the owner when the connection has ended: frees its place as soon as no call runs.
    pub(crate) fn release_place(&self) {
        self.0.incoming.place.release();
        self.0.leave_place_when_idle();
    }

    /// Why the connection has ended or is about to end, if so.
    pub(crate) fn ended(&self) -> Option<Error> {
        self.0.lifecycle.ended()
    }

    /// Waits until the connection has ended, its delegates are released and its owner has been notified.
    pub(crate) fn wait_finished(&self) {
        self.0.lifecycle.wait_finished();
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").field("id", &self.0.id).field("peer", &self.0.peer).finish()
    }
}

impl PartialEq for Connection {
    fn eq(&self, other: &Connection) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Core {
    /// The connection of this core, which is alive whenever a method runs.
    fn connection(&self) -> Connection {
        Connection(self.me.upgrade().expect("a method's receiver is alive"))
    }

    /// Sends a frame that uses no credit and waits for nothing. If the connection has ended, or ends
    /// because of it, there is nobody to notify.
    fn send_control(&self, frame: &[u8]) {
        self.send_control_in(Order::Free, frame, Blocking::Never);
    }

    /// The same, but after the frames that must arrive first.
    fn send_control_in(&self, order: Order, frame: &[u8], blocking: Blocking) {
        let sent = self.outbox.send([frame, &[]], order, |_| true, blocking, self);
        self.after_sending(sent).ok();
    }

    /// Does what [`Outbox::send`] left to its caller.
    fn after_sending(&self, sent: Result<AfterSend>) -> Result<()> {
        match sent {
            Ok(AfterSend::Done) => Ok(()),
            Ok(AfterSend::NeedsFlush) => {
                let connection = self.connection();
                let flush = move || {
                    if let Err(error) = connection.0.outbox.flush() {
                        connection.0.sending_failed(error);
                    }
                };
                // The frame has its place in the stream, and may still leave: its sender is not told that it
                // was not sent. What becomes of it, the end tells.
                if let Err(error) = self.runtime.workers.execute(flush) {
                    self.end(error);
                }
                Ok(())
            }
            Ok(AfterSend::Held) => {
                self.watch_held();
                Ok(())
            }
            Ok(AfterSend::Broken(error)) => {
                self.sending_failed(error);
                Ok(())
            }
            Err(error) if error.status() == Status::ChannelFaulted => {
                self.sending_failed(error.clone());
                Err(error)
            }
            Err(error) => Err(error),
        }
    }
}

/// How many short replies a peer that keeps to its credit may leave unread, at most: one for each call.
/// Twice that many, since a reply counts until the write that sends it has returned.
fn most_prompted(limits: &Limits) -> usize {
    let calls = limits.inbound_calls.saturating_add(limits.nested_calls);
    calls.saturating_add(OTHER_PROMPTED).saturating_mul(2)
}

#[cfg(callgate_shuttle)]
impl Connection {
    /// Checks that nothing is left in the connection, once it has ended and no thread works for it.
    pub fn check_nothing_left(&self) {
        let core = &self.0;
        core.lifecycle.wait_finished();
        assert!(core.incoming.schedule.lock().is_idle(), "a call counts as running");
        assert!(!core.outgoing.pending.awaits_replies(), "a call counts as pending");
        assert!(core.incoming.unanswered.is_empty(), "a call has no reply");
        assert_eq!(core.incoming.account.used(), 0, "memory of calls was not given back");
    }
}
