//! Outbound calls.

use std::fmt;
use std::ops::Deref;
use std::time::Instant;

use serde::de::DeserializeOwned;

use crate::cancel::{Cancellation, Registration};
#[cfg(feature = "c-abi")]
use crate::chunk::Chunk;
use crate::connection::state::context::{with_context, Ancestry};
use crate::connection::state::credit::Amount;
use crate::connection::state::outbox::{Blocking, Order, Sender};
use crate::connection::state::outgoing::Outgoing;
use crate::connection::state::pending::{Cost, ReplySlot};
use crate::connection::{factory_scope, Core};
use crate::error::{Error, Execution, Result, Status};
use crate::sync::Arc;
use crate::threads::scratch::with_scratch;
use crate::time::{self, rounded_up_ms};
use crate::value;
use crate::wire::{encode_cancel, CallHeader, Frame, Name, OneWayHeader};

/// What an outbound call is nested in.
#[derive(Default)]
struct CallOrigin {
    /// The inbound call of the same connection that this thread serves.
    parent: Option<u64>,
    /// How many calls of that connection it is nested in; 0 for a root.
    depth: u32,
    /// What caused it, on any connection.
    ancestry: Option<Arc<Ancestry>>,
}

/// The content of an outbound call.
#[derive(Clone, Copy)]
pub(crate) struct Request<'a> {
    pub interface: &'a str,
    pub method: &'a str,
    pub signature: Option<&'a str>,
    /// The metadata as on the wire, if any.
    pub metadata: Option<&'a [u8]>,
    pub arguments: &'a [u8],
    pub lane: u64,
    pub cancellation: Cancellation<'a>,
}

/// The sender of a call.
struct Caller<'a> {
    core: &'a Core,
    cancellation: Cancellation<'a>,
}

impl Sender for Caller<'_> {
    fn about_to_block(&self) {
        self.core.about_to_block();
    }

    fn cancellation(&self) -> Cancellation<'_> {
        self.cancellation
    }

    fn waker(&self) -> Box<dyn Fn() + Send + Sync> {
        let core = self.core.me.clone();
        Box::new(move || {
            if let Some(core) = core.upgrade() {
                core.outbox.wake_senders();
            }
        })
    }
}

/// A call's result: one MessagePack value, owned.
#[derive(Clone)]
pub struct Reply(Frame);

impl Reply {
    pub(super) fn new(frame: Frame) -> Reply {
        Reply(frame)
    }

    /// The memory that holds the result; the bytes do not move.
    #[cfg(feature = "c-abi")]
    pub(crate) fn into_chunk(self) -> Arc<Chunk> {
        self.0.into_chunk()
    }

    /// The result as a Rust value.
    ///
    /// # Errors
    /// Contract mismatch, with execution *ran*, if it does not fit.
    pub fn decode<T: DeserializeOwned>(&self) -> Result<T> {
        value::decode(&self.0).map_err(|reason| {
            Error::new(Status::ContractMismatch, format!("the result does not fit: {reason}"))
                .of_call(Execution::Ran)
        })
    }
}

impl Deref for Reply {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reply({} bytes)", self.0.len())
    }
}

impl Core {
    /// Calls, and waits for the outcome until the deadline.
    pub(crate) fn call(&self, request: &Request<'_>, deadline: Option<Instant>) -> Result<Reply> {
        with_scratch(|head| {
            let (id, cost) = self.encode(head, request, deadline)?;
            let began = Outgoing::began(id);
            self.take_credit(&cost, deadline, request.cancellation)?;
            let slot = self.outgoing.pending.open(id, cost)?;
            let registration = self.cancel_with(request.cancellation, id, &slot);
            let slices = [head.as_slice(), request.arguments];
            let assign_position = |position| slot.assign_position(position);
            let order = Order::Lane(request.lane);
            let sender = Caller { core: self, cancellation: request.cancellation };
            let sent = self.outbox.call(
                slices,
                order,
                assign_position,
                Blocking::Until(deadline),
                &sender,
            );
            let outcome = match self.after_sending(sent) {
                Ok(()) => self.outcome(id, slot, deadline, request.cancellation),
                Err(error) => Err(self.not_sent(id, slot, error)),
            };
            drop(registration);
            self.outgoing.note_latency(began);
            outcome
        })
    }

    /// Encodes a call except for its arguments; returns its id and its cost. Refuses a call that would wait
    /// for itself.
    pub(super) fn encode(
        &self,
        head: &mut Vec<u8>,
        request: &Request<'_>,
        deadline: Option<Instant>,
    ) -> Result<(u64, Cost)> {
        let CallOrigin { parent, depth, ancestry } = self.origin();
        if ancestry.is_some() {
            factory_scope::check(self, request.interface)?;
        }
        let id = self.outgoing.pending.issue();
        let header = CallHeader {
            id,
            flags: 0,
            interface: Name::plain(request.interface),
            method: Name::plain(request.method),
            signature: request.signature,
            timeout_ms: deadline.map(left_ms),
            lane: request.lane,
            parent,
            metadata: request.metadata,
        };
        let bytes = header.encode(head, request.arguments.len()) as u64;
        Ok((id, Cost { bytes, depth, nested: parent.is_some(), ancestry }))
    }

    /// Lets a token cancel a call: wakes the waiting caller, and sends a cancel to the peer.
    fn cancel_with(
        &self,
        cancellation: Cancellation<'_>,
        id: u64,
        slot: &Arc<ReplySlot>,
    ) -> Option<Registration> {
        let token = cancellation.token?;
        let (core, slot) = (self.me.clone(), slot.clone());
        let registration = token.on_cancel(move || {
            if slot.cancel(Status::Cancelled) {
                if let Some(core) = core.upgrade() {
                    core.control.interrupt();
                    core.send_cancel(id, &slot);
                }
            }
        });
        Some(registration)
    }

    /// Tells the peer that the caller no longer waits for a reply, if the peer may know the call.
    pub(super) fn send_cancel(&self, id: u64, slot: &ReplySlot) {
        if let Some(position) = slot.position() {
            let mut frame = Vec::new();
            encode_cancel(&mut frame, id);
            // The peer would ignore a cancel that overtook its call.
            self.send_control_in(Order::Behind(position), &frame, Blocking::Never);
        } else if let Some(cost) = self.outgoing.pending.cancel(id) {
            self.outgoing.give_credit(&cost);
        }
    }

    fn outcome(
        &self,
        id: u64,
        slot: Arc<ReplySlot>,
        deadline: Option<Instant>,
        cancellation: Cancellation<'_>,
    ) -> Result<Reply> {
        while !self.await_reply(&slot, cancellation, deadline) {
            if cancellation.check() && slot.cancel(Status::Cancelled) {
                self.send_cancel(id, &slot);
            }
        }
        let outcome = slot.take_or_abandon();
        if outcome.as_ref().is_err_and(|error| error.status() == Status::TimedOut) {
            self.send_cancel(id, &slot);
        }
        self.outgoing.pending.recycle(slot);
        outcome.map(Reply)
    }

    /// The outcome of a call that could not be sent completely, or whose sender met the end of the
    /// connection. Once it has a position in the stream, only that end knows how much of it was sent.
    fn not_sent(&self, id: u64, slot: Arc<ReplySlot>, error: Error) -> Error {
        if slot.has_position() {
            return match slot.wait_done() {
                Err(known) => known,
                Ok(_) => error.of_call(Execution::Ran),
            };
        }
        if let Some(cost) = self.outgoing.pending.cancel(id) {
            self.outgoing.give_credit(&cost);
        }
        error.of_call(Execution::NotRun)
    }

    /// Sends a one-way call, waiting for credit and for room until the deadline.
    pub(crate) fn one_way(&self, request: &Request<'_>, deadline: Option<Instant>) -> Result<()> {
        let parent = self.origin().parent;
        with_scratch(|head| {
            let header = OneWayHeader {
                flags: 0,
                interface: Name::plain(request.interface),
                method: Name::plain(request.method),
                signature: request.signature,
                lane: request.lane,
                parent,
                metadata: request.metadata,
            };
            let bytes = header.encode(head, request.arguments.len()) as u64;
            // One-way calls never use the nested allowance, since nobody waits for them.
            self.take_credit(&Cost { bytes, ..Cost::default() }, deadline, request.cancellation)?;
            let slices = [head.as_slice(), request.arguments];
            let mut was_cancelled = false;
            let assign_position = |_| {
                was_cancelled = request.cancellation.is_cancelled();
                !was_cancelled
            };
            let order = Order::Lane(request.lane);
            let sender = Caller { core: self, cancellation: request.cancellation };
            let sent = self.outbox.post(
                slices,
                order,
                assign_position,
                Blocking::Until(deadline),
                &sender,
            );
            let sent = self.after_sending(sent);
            let outcome = if was_cancelled { sent.and(Err(cancelled())) } else { sent };
            outcome.inspect_err(|_| self.outgoing.credits.give(Amount::call(bytes)))
        })
    }

    /// What a call made now by this thread is nested in.
    fn origin(&self) -> CallOrigin {
        with_context(|context| match context {
            None => CallOrigin::default(),
            Some(context) => {
                let here = context.connection == self.address();
                CallOrigin {
                    parent: context.call.filter(|_| here),
                    depth: if here { context.depth + 1 } else { 0 },
                    ancestry: Some(context.ancestry()),
                }
            }
        })
    }

    /// Whether this thread serves a call of this connection.
    pub(crate) fn is_serving(&self) -> bool {
        with_context(|context| context.is_some_and(|it| it.connection == self.address()))
    }

    /// Identifies the connection.
    pub(super) fn address(&self) -> usize {
        self as *const Core as usize
    }

    pub(super) fn take_credit(
        &self,
        cost: &Cost,
        deadline: Option<Instant>,
        cancellation: Cancellation<'_>,
    ) -> Result<()> {
        self.check_size(cost)?;
        let amount = Amount::call(cost.bytes);
        if !cost.nested {
            return self.outgoing.credits.take(amount, deadline, cancellation, || {
                // Calls that are held back use credit, which returns only after they are sent.
                self.release_held();
                Dependant::new(self)
            });
        }
        // If a nested call waited for credit, it might wait for its own ancestor.
        if self.outgoing.nested_credits.try_take(amount) {
            return Ok(());
        }
        Err(Error::new(
            Status::LimitExceeded,
            "too many or too large nested calls are in progress on this connection",
        ))
    }

    /// Takes credit without waiting; false if a root call must wait for it.
    pub(super) fn try_take_credit(&self, cost: &Cost) -> Result<bool> {
        if cost.nested {
            return self.take_credit(cost, None, Cancellation::default()).map(|()| true);
        }
        self.check_size(cost)?;
        Ok(self.outgoing.credits.try_take(Amount::call(cost.bytes)))
    }

    fn check_size(&self, cost: &Cost) -> Result<()> {
        if cost.bytes <= self.outgoing.largest_frame {
            return Ok(());
        }
        Err(Error::new(
            Status::LimitExceeded,
            format!(
                "the call needs a frame of {} bytes, but the peer accepts at most {}",
                cost.bytes, self.outgoing.largest_frame
            ),
        ))
    }
}

/// A thread that needs what arrives, and does not read.
pub(super) struct Dependant<'a>(&'a Core);

impl Dependant<'_> {
    pub fn new(core: &Core) -> Dependant<'_> {
        core.reader.add_dependant();
        Dependant(core)
    }
}

impl Drop for Dependant<'_> {
    fn drop(&mut self) {
        self.0.reader.remove_dependant();
    }
}

fn cancelled() -> Error {
    Error::new(Status::Cancelled, "the call was cancelled before it was sent")
}

/// The time left until a deadline, rounded up: the peer sends no result after the deadline, so it must not
/// be early.
fn left_ms(deadline: Instant) -> u64 {
    u64::try_from(rounded_up_ms(time::left(deadline))).unwrap_or(u64::MAX)
}
