//! A call that has come in, as its delegate sees it.

use std::ops::Range;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::connection::current::{Lineage, Scope, Serving};
use crate::connection::interest::Interest;
use crate::connection::scratch::with_scratch;
use crate::connection::{pack, Connection};
use crate::error::{Error, Execution, Result, Status};
use crate::sync::Arc;
use crate::wire::{metadata_pairs, range_in, CallHeader, Frame, OneWayHeader};

/// Where something stands in a frame; half the size of a range, since calls are moved a lot.
#[derive(Clone, Copy)]
struct Span {
    start: u32,
    end: u32,
}

impl Span {
    /// Where that part of the frame stands. Frames are no longer than a `u32` says.
    fn of(frame: &Frame, part: &[u8]) -> Span {
        let range = range_in(frame, part);
        Span { start: range.start as u32, end: range.end as u32 }
    }

    fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// Where things stand in the frame of a call.
#[derive(Clone, Copy)]
struct Shape {
    interface: Span,
    method: Span,
    signature: Option<Span>,
    metadata: Option<Span>,
    /// Where the arguments begin, which are all the rest.
    arguments: usize,
}

/// A call as it arrived: its frame, and where in it things stand.
pub(crate) struct Inbound {
    frame: Frame,
    shape: Shape,
    /// None for a one-way call.
    pub id: Option<u64>,
    pub lane: u64,
    pub parent: Option<u64>,
    /// The number of the ordered interface that it calls, if it is one.
    pub ordered: Option<usize>,
    /// What tells it apart from all else; 0 until it needs that, at the latest to run.
    pub token: u64,
    /// How deep in other calls it was made; 0 for a root.
    pub depth: u32,
    /// What it was caused by.
    pub within: Option<Arc<Lineage>>,
    pub deadline: Option<Instant>,
    /// When it came; none for a one-way call, of which so many may come that a look at the clock counts.
    pub arrived: Option<Instant>,
}

impl Inbound {
    pub fn call(frame: &Frame, header: &CallHeader<'_>, arguments: &[u8]) -> Inbound {
        let arrived = Instant::now();
        let deadline =
            header.timeout_ms.and_then(|left| arrived.checked_add(Duration::from_millis(left)));
        let &CallHeader { interface, method, signature, lane, parent, metadata, .. } = header;
        let one_way = OneWayHeader {
            flags: header.flags,
            interface,
            method,
            signature,
            lane,
            parent,
            metadata,
        };
        Inbound {
            id: Some(header.id),
            deadline,
            arrived: Some(arrived),
            ..Inbound::one_way(frame, &one_way, arguments)
        }
    }

    pub fn one_way(frame: &Frame, header: &OneWayHeader<'_>, arguments: &[u8]) -> Inbound {
        let at = |part: &str| Span::of(frame, part.as_bytes());
        let shape = Shape {
            interface: at(header.interface),
            method: at(header.method),
            signature: header.signature.map(at),
            metadata: header.metadata.map(|raw| Span::of(frame, raw)),
            arguments: frame.len() - arguments.len(),
        };
        Inbound {
            shape,
            id: None,
            lane: header.lane,
            parent: header.parent,
            ordered: None,
            token: 0,
            depth: 0,
            within: None,
            deadline: None,
            arrived: None,
            frame: frame.clone(),
        }
    }

    /// The credit that it took, in bytes.
    pub fn cost(&self) -> u64 {
        self.frame.len() as u64
    }

    pub fn is_one_way(&self) -> bool {
        self.id.is_none()
    }

    pub fn is_nested(&self) -> bool {
        self.parent.is_some()
    }

    /// Whether others of its lane wait until it has returned.
    pub fn holds_lane(&self) -> bool {
        self.is_one_way() || self.ordered.is_some()
    }

    /// Whether it was made within the call of that token.
    pub fn is_caused_by(&self, token: u64) -> bool {
        self.within.as_ref().is_some_and(|within| within.contains(token))
    }

    pub fn interface(&self) -> &str {
        self.text(self.shape.interface)
    }

    pub fn method(&self) -> &str {
        self.text(self.shape.method)
    }

    /// The interface's name, for looking it up.
    pub fn interface_bytes(&self) -> &[u8] {
        &self.frame[self.shape.interface.range()]
    }

    /// The method's name, for looking it up.
    pub fn method_bytes(&self) -> &[u8] {
        &self.frame[self.shape.method.range()]
    }

    /// The method's name, for use when the call is gone.
    pub fn method_name(&self) -> MethodName {
        MethodName(self.frame.slice(self.shape.method.range()))
    }

    /// Keeps the frame alone, since it will wait, and might hold a chunk much larger than itself.
    pub fn compact(&mut self) {
        self.frame = self.frame.compact();
    }

    /// The frame but for the arguments. Another one-way call with the same asks the same of the same
    /// interface, in the same lane.
    pub fn head(&self) -> &[u8] {
        &self.frame[..self.shape.arguments]
    }

    /// What one-way calls with the same [head](Inbound::head) have in common with this one.
    pub fn likeness(&self) -> Likeness {
        let &Inbound { shape, lane, ordered, token, .. } = self;
        Likeness { shape, lane, ordered, token }
    }

    fn text(&self, span: Span) -> &str {
        // The header was checked when it was decoded.
        std::str::from_utf8(&self.frame[span.range()]).unwrap_or_default()
    }
}

/// What makes frames calls like one before, which was a one-way call and made within none.
#[derive(Clone, Copy)]
pub(crate) struct Likeness {
    shape: Shape,
    lane: u64,
    ordered: Option<usize>,
    /// What tells that call, and with it those that follow it, apart from all else.
    pub token: u64,
}

impl Likeness {
    /// The call in a frame with the same head.
    pub fn call(&self, frame: Frame) -> Inbound {
        let &Likeness { shape, lane, ordered, token } = self;
        Inbound {
            frame,
            shape,
            id: None,
            lane,
            parent: None,
            ordered,
            token,
            depth: 0,
            within: None,
            deadline: None,
            arrived: None,
        }
    }
}

/// A method's name, kept in the frame of a call.
pub(crate) struct MethodName(Frame);

impl MethodName {
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

/// A call to a delegate, which answers it: now, or, by keeping it, later and from any thread.
///
/// The caller gets exactly one answer: dropping the call without answering sends an error.
/// A one-way call needs none; answers to it go nowhere, and errors to the log.
pub struct InboundCall {
    inbound: Inbound,
    connection: Connection,
    answered: bool,
}

impl InboundCall {
    pub(crate) fn new(inbound: Inbound, connection: Connection) -> InboundCall {
        InboundCall { inbound, connection, answered: false }
    }

    /// The interface's name, as the caller gave it.
    pub fn interface(&self) -> &str {
        self.inbound.interface()
    }

    /// The method's name.
    pub fn method(&self) -> &str {
        self.inbound.method()
    }

    /// Which overload, where the caller said so.
    pub fn signature(&self) -> Option<&str> {
        self.inbound.shape.signature.map(|span| self.inbound.text(span))
    }

    /// The arguments: one MessagePack array, not yet looked at.
    pub fn arguments(&self) -> &[u8] {
        &self.inbound.frame[self.inbound.shape.arguments..]
    }

    /// The arguments as a tuple, e.g. `(i32, String)`, or as `()` for none. Texts and bytes may be
    /// borrowed of the call, e.g. `(&str, &str)`.
    ///
    /// # Errors
    /// Contract mismatch if they do not fit, or nest deeper than [`limits`](crate::Limits) allow;
    /// pass it to [`InboundCall::fail`].
    pub fn args<'a, T: Deserialize<'a>>(&'a self) -> Result<T> {
        pack::decode_arguments(self.arguments()).map_err(|reason| {
            Error::new(
                Status::ContractMismatch,
                format!(
                    "the arguments do not fit {}.{}: {reason}",
                    self.interface(),
                    self.method()
                ),
            )
        })
    }

    /// Whether the caller waits for no answer.
    pub fn is_one_way(&self) -> bool {
        self.inbound.is_one_way()
    }

    /// The connection that it came by.
    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    /// When the caller gives up, if ever.
    pub fn deadline(&self) -> Option<Instant> {
        self.inbound.deadline
    }

    /// Whether nobody waits for the answer any more: the caller has withdrawn the call, its deadline has
    /// passed, or the connection has ended. Answering is fine all the same.
    pub fn is_cancelled(&self) -> bool {
        self.interest().is_lost()
    }

    /// Waits until [`InboundCall::is_cancelled`]; false when the timeout passes before. Without a
    /// timeout it waits for as long as it takes.
    pub fn wait_cancelled(&self, timeout: Option<Duration>) -> bool {
        self.interest().wait_lost(timeout)
    }

    /// The caller's interest in the answer, to be asked about without holding the call.
    pub(crate) fn interest(&self) -> Interest {
        let &Inbound { id, deadline, .. } = &self.inbound;
        Interest { connection: self.connection.clone(), id, deadline }
    }

    /// Lets this thread act within the call, as the one does that serves it: calls that `work` makes
    /// are nested in this one. For threads of the program's own, to which a call was handed; calls that
    /// they make outside of it have no part in it.
    ///
    /// ```no_run
    /// # fn later(call: callgate::InboundCall, callback: callgate::Proxy) {
    /// std::thread::spawn(move || {
    ///     let confirmed = call.within(|| callback.call::<bool>("Confirm", &()));
    ///     call.answer(confirmed)
    /// });
    /// # }
    /// ```
    pub fn within<R>(&self, work: impl FnOnce() -> R) -> R {
        let _scope = Scope::enter(self.serving());
        work()
    }

    /// What a thread runs that serves it.
    pub(crate) fn serving(&self) -> Serving {
        self.connection.serving(&self.inbound)
    }

    /// What the caller sent along, e.g. a trace context.
    pub fn metadata(&self) -> Vec<(&str, &str)> {
        match self.inbound.shape.metadata {
            Some(span) => metadata_pairs(&self.inbound.frame[span.range()]).collect(),
            None => Vec::new(),
        }
    }

    /// Answers with a value.
    ///
    /// # Errors
    /// As [`InboundCall::reply_bytes`]; and if the value cannot be encoded, of which the caller is
    /// told too.
    pub fn reply<T: Serialize + ?Sized>(self, value: &T) -> Result<()> {
        with_scratch(|bytes| match pack::encode(bytes, value) {
            Ok(()) => self.reply_bytes(bytes),
            Err(reason) => {
                let error = Error::new(
                    Status::ContractMismatch,
                    format!("the result of {} cannot be encoded: {reason}", self.method()),
                )
                .with_execution(Execution::Ran);
                self.fail(error.clone())?;
                Err(error)
            }
        })
    }

    /// Answers with a value or an error, whichever there is.
    ///
    /// # Errors
    /// As [`InboundCall::reply`] and [`InboundCall::fail`].
    pub fn answer<T: Serialize>(self, outcome: Result<T>) -> Result<()> {
        match outcome {
            Ok(value) => self.reply(&value),
            Err(error) => self.fail(error),
        }
    }

    /// Answers with one MessagePack value.
    ///
    /// # Errors
    /// Limit exceeded if it is larger than the caller accepts, of which the caller is told too; or
    /// why the connection has ended.
    pub fn reply_bytes(mut self, result: &[u8]) -> Result<()> {
        self.answered = true;
        self.connection.runtime().check()?;
        self.connection.answer(&self.inbound, Ok(result))
    }

    /// Answers with an error. Its status is told as it is; an execution of *not run* is taken at its
    /// word.
    ///
    /// # Errors
    /// Why the connection has ended.
    pub fn fail(mut self, error: Error) -> Result<()> {
        self.answered = true;
        self.connection.runtime().check()?;
        self.connection.answer(&self.inbound, Err(&error))
    }

    /// Answers that the interface has no such method.
    ///
    /// # Errors
    /// Why the connection has ended.
    pub fn fail_no_method(self) -> Result<()> {
        let error = Error::new(
            Status::ContractMismatch,
            format!("interface '{}' has no method '{}'", self.interface(), self.method()),
        );
        self.fail(error)
    }
}

impl Drop for InboundCall {
    fn drop(&mut self) {
        let panicking = std::thread::panicking();
        // A one-way call needs no answer: returning from it is success.
        let needs_none = self.is_one_way() && !panicking;
        if self.answered || needs_none || !self.connection.runtime().is_ours() {
            return;
        }
        let error = if panicking {
            Error::new(Status::Internal, format!("the delegate panicked in {}", self.method()))
        } else {
            Error::new(
                Status::RemoteError,
                format!("the delegate dropped the call to {} without an answer", self.method()),
            )
        };
        // With the connection gone there is nobody to tell.
        let _ = self.connection.answer(&self.inbound, Err(&error.with_execution(Execution::Ran)));
    }
}
