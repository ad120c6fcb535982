//! Replies to inbound calls.

use std::cell::Cell;

use crate::connection::awaited::{instead_of, lost};
use crate::connection::state::credit::Amount;
use crate::connection::state::inbound::Inbound;
use crate::connection::state::outbox::Blocking;
use crate::connection::{Connection, Core};
use crate::error::{Error, Execution, Remote, Result, Status};
use crate::limits::KEPT_TYPE_NAME;
use crate::log::{LogEvent, LogLevel, LogTarget};
use crate::text::quoted;
use crate::threads::scratch::with_scratch;
use crate::threads::throttle::Frequent;
use crate::time;
use crate::wire::{encode_reply, ErrorHeader};

const NIL: &[u8] = &[0xc0];

/// The write timeout, which counts from the last progress, is the only limit.
const REPLY_BLOCKING: Blocking = Blocking::Until(None);

impl Connection {
    /// Sends a delegate's reply, or an error in its place if the caller no longer waits. A delegate that
    /// knows this may have stopped early; its caller, whose clock may be a little behind, would take a
    /// partial result for the whole one.
    pub(super) fn reply(&self, call: &Inbound, outcome: Result<&[u8], &Error>) -> Result<()> {
        let Some(id) = call.id else {
            // Its credit is returned when it has returned.
            if let Err(error) = outcome {
                self.0.log_one_way_failure(call, error);
            }
            return Ok(());
        };
        let cancelled = self.0.incoming.cancelled.replied(id);
        let now = time::now();
        self.0.incoming.note_served(id, call.arrived, now);
        match instead_of(outcome, lost(cancelled, call.deadline, || now)) {
            None => self.send_outcome(id, call, outcome, REPLY_BLOCKING),
            Some(error) => self.send_error_instead(id, call, error),
        }
    }

    #[cold]
    fn send_error_instead(&self, id: u64, call: &Inbound, error: Error) -> Result<()> {
        self.send_outcome(id, call, Err(&error), REPLY_BLOCKING)
    }

    /// Sends the outcome of a call. Its credit returns when the outcome has room in the stream: until then
    /// the call counts as unfinished, so that a peer that does not read cannot make it hold more.
    #[inline]
    fn send_outcome(
        &self,
        id: u64,
        call: &Inbound,
        outcome: Result<&[u8], &Error>,
        blocking: Blocking,
    ) -> Result<()> {
        let core = &self.0;
        let used = Used { core, call: Cell::new(Some((id, call.cost()))) };
        let sent = with_scratch(|head| match outcome {
            Ok(result) => {
                let length = encode_reply(head, id, 0, result.len());
                if length as u64 > core.outgoing.largest_frame {
                    let error = core.too_large(length);
                    core.send_error(head, id, &error, &used, blocking)?;
                    return Err(error);
                }
                match core.send_reply([head, result], &used, blocking) {
                    Err(error) if error.status() == Status::LimitExceeded => {
                        core.send_not_queued(head, id, error, &used, blocking)
                    }
                    sent => sent,
                }
            }
            Err(error) => core.send_error(head, id, error, &used, blocking),
        });
        // Those who drain the connection wait for it.
        used.give_back();
        core.note_progress();
        sent
    }

    /// Replies to a call that does not run. If the connection is gone, so is the caller.
    pub(super) fn refuse(&self, call: &Inbound, error: &Error) {
        self.refuse_with(call, error, REPLY_BLOCKING);
    }

    /// The same without waiting for room.
    pub(super) fn refuse_at_once(&self, call: &Inbound, error: &Error) {
        self.refuse_with(call, error, Blocking::Prompted);
    }

    fn refuse_with(&self, call: &Inbound, error: &Error, blocking: Blocking) {
        match call.id {
            None => self.0.log_one_way_failure(call, error),
            Some(id) => {
                self.0.incoming.cancelled.replied(id);
                self.send_outcome(id, call, Err(error), blocking).ok();
            }
        }
    }
}

/// The id, credit and memory that a call uses until it has its reply. Dropping it gives them back.
struct Used<'a> {
    core: &'a Core,
    /// The id and the bytes, until they are given back.
    call: Cell<Option<(u64, u64)>>,
}

impl Used<'_> {
    #[inline]
    fn give_back(&self) {
        if let Some((id, bytes)) = self.call.take() {
            self.core.incoming.account.give(bytes);
            self.core.incoming.forget_used(Amount::call(bytes));
            self.core.incoming.unanswered.remove(id);
        }
    }
}

impl Drop for Used<'_> {
    #[inline]
    fn drop(&mut self) {
        self.give_back();
    }
}

/// A text without its last `bytes` bytes, and a few more if these begin inside a character.
fn cut(text: &str, bytes: usize) -> &str {
    let mut end = text.len().saturating_sub(bytes);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

impl Core {
    /// Replies to a call of which only the id is known.
    pub(super) fn refuse_unread(&self, id: u64, error: &Error) {
        let nothing = Used { core: self, call: Cell::new(None) };
        with_scratch(|head| self.send_error(head, id, error, &nothing, Blocking::Prompted)).ok();
    }

    /// Sends the error that there is no memory to queue a result. If there is none for the error either, the
    /// connection ends, so that the caller has an outcome.
    #[cold]
    fn send_not_queued(
        &self,
        head: &mut Vec<u8>,
        id: u64,
        error: Error,
        used: &Used<'_>,
        blocking: Blocking,
    ) -> Result<()> {
        let error = error.with_execution(Execution::Ran);
        if let Err(reason) = self.send_error(head, id, &error, used, blocking) {
            self.end(Error::new(Status::ChannelFaulted, reason.message()));
        }
        Err(error)
    }

    fn too_large(&self, length: usize) -> Error {
        Error::new(
            Status::LimitExceeded,
            format!(
                "the result needs a frame of {length} bytes, but the caller accepts at most {}",
                self.outgoing.largest_frame
            ),
        )
        .of_call(Execution::Ran)
    }

    fn send_error(
        &self,
        head: &mut Vec<u8>,
        id: u64,
        error: &Error,
        used: &Used<'_>,
        blocking: Blocking,
    ) -> Result<()> {
        self.runtime.counts.served_errors.note(error.status());
        let none = Remote::default();
        let remote = error.remote().unwrap_or(&none);
        let data = if remote.data.is_empty() { NIL } else { &remote.data };
        let named = |text: &'_ String| !text.is_empty();
        let type_name = quoted(&remote.type_name).to_string();
        let header = ErrorHeader {
            id,
            status: error.status().code().into(),
            execution: error.execution().code().into(),
            message: error.message(),
            type_name: Some(&type_name).filter(|text| named(text)).map(String::as_str),
            trace: Some(&remote.trace).filter(|text| named(text)).map(String::as_str),
        };
        head.clear();
        let length = header.encode(head, data.len());
        if length as u64 <= self.outgoing.largest_frame {
            return self.send_reply([head, data], used, blocking);
        }
        let type_name = header.type_name.filter(|name| name.len() <= KEPT_TYPE_NAME);
        let mut short = ErrorHeader { type_name, trace: None, ..header };
        head.clear();
        let length = short.encode(head, NIL.len()) as u64;
        if length > self.outgoing.largest_frame {
            let excess =
                usize::try_from(length - self.outgoing.largest_frame).unwrap_or(usize::MAX);
            short.message = cut(short.message, excess);
            head.clear();
            short.encode(head, NIL.len());
        }
        self.send_reply([head, NIL], used, blocking)
    }

    fn send_reply(&self, slices: [&[u8]; 2], used: &Used<'_>, blocking: Blocking) -> Result<()> {
        let assign_position = |_| {
            used.give_back();
            true
        };
        let sent = self.outbox.reply(slices, assign_position, blocking, self);
        self.after_sending(sent)
    }

    fn log_one_way_failure(&self, call: &Inbound, error: &Error) {
        self.runtime.counts.served_errors.note(error.status());
        self.log_failed_one_way_call(call.interface(), call.method(), error);
    }

    pub(super) fn log_failed_one_way_call(&self, interface: &str, method: &str, error: &Error) {
        self.runtime.log_frequent(Frequent::FailedOneWayCall, || {
            let message = format!("one-way call {interface}.{method} failed: {error}");
            let event = LogEvent::new(LogLevel::Warning, LogTarget::Connection, message);
            let event = event.connection(self.id).peer(self.peer.user.as_ref(), self.peer.pid);
            event.interface(interface).method(method).error(error)
        });
    }
}
