//! How a connection ends at once, whatever is in progress.

use std::io;

use crate::connection::state::inbound::Inbound;
use crate::connection::state::inbox::is_protocol_error;
use crate::connection::state::outbox::{Blocking, Ended, Order};
use crate::connection::state::phase::End;
use crate::connection::{Connection, Core};
use crate::error::{Error, Status};
use crate::limits::LINGER;
use crate::log::{LogEvent, LogLevel, LogTarget};
use crate::text::message;
use crate::threads::throttle::Frequent;
use crate::time;
use crate::wire::encode_goodbye;

impl Core {
    /// Ends the connection once; later reasons are ignored. Does not wait for user code.
    pub(super) fn end(&self, reason: Error) {
        if let Some(finish) = self.end_calls(reason) {
            // If no thread can be started the job runs here, when it is dropped.
            self.runtime.workers.execute_or_run_here(finish);
        }
    }

    /// The same on a thread that may run user code.
    pub(super) fn end_on_this_thread(&self, reason: Error) {
        if let Some(finish) = self.end_calls(reason) {
            finish();
        }
    }

    /// Handles a frame that could not be sent. If the peer has closed the stream, some of what it sent
    /// before may still be unread: then no more calls are made, and the connection ends when everything has
    /// been read.
    pub(super) fn sending_failed(&self, error: Error) {
        if !is_closed_by_peer(&error) {
            return self.end(error);
        }
        if !self.lifecycle.note_send_failure(&error) {
            return;
        }
        self.outbox.close(&error);
        self.outgoing.end_credit(&error);
        self.read_to_the_end();
        let connection = self.connection();
        let wait = move || connection.await_end(&error, time::after(LINGER));
        // If no thread can be started the job runs here, when it is dropped.
        self.runtime.workers.execute_or_run_here(wait);
    }

    /// Ends everything except the part that runs user code, which it returns; `None` if the connection has
    /// already ended.
    fn end_calls(&self, reason: Error) -> Option<impl FnOnce() + Send + 'static> {
        let End { reason, outcome } = self.lifecycle.end(reason)?;
        if is_protocol_error(&reason) {
            self.say_why(&reason);
        }
        // The senders of one-way calls have returned: what they sent leaves if it can without waiting.
        self.outbox.send_last(&outcome);
        self.control.shutdown();
        self.reader.end();
        let Ended { written, dropped } = self.outbox.end(&outcome);
        self.outgoing.end(&outcome, &written);
        self.run_notices(self.incoming.cancelled.end());
        let arrived = self.drop_calls_left(&reason);
        self.note_progress();
        let connection = self.connection();
        Some(move || connection.finish(&reason, dropped, arrived))
    }

    /// Tells the peer why this side ends the connection, if that needs no waiting.
    fn say_why(&self, reason: &Error) {
        let mut frame = Vec::new();
        let message = message(reason.message()).to_string();
        encode_goodbye(&mut frame, reason.status().code().into(), &message);
        // The end does not wait for a peer that does not read.
        let patience = Blocking::Never;
        let _ = self.outbox.send([&frame, &[]], Order::Free, |_| true, patience, self);
    }

    /// Drops the calls that have not started, except one-way calls of a peer that has gone: it could not
    /// learn that they did not run.
    fn drop_calls_left(&self, reason: &Error) -> Vec<Inbound> {
        let mut left = self.incoming.schedule.lock().end();
        left.retain(|call| {
            let stays = call.is_one_way() && reason.status() == Status::ChannelFaulted;
            if !stays {
                self.incoming.account.give(call.cost());
                if let Some(id) = call.id {
                    self.incoming.unanswered.remove(id);
                }
            }
            stays
        });
        left
    }
}

/// Whether sending failed because the peer has closed the stream or was killed.
fn is_closed_by_peer(error: &Error) -> bool {
    let kind = error.os_code().map(|code| io::Error::from_raw_os_error(code).kind());
    matches!(kind, Some(io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset))
}

impl Connection {
    /// Logs how many one-way calls were dropped, runs those that had arrived, releases the delegates and
    /// notifies the owner. Runs user code.
    fn finish(&self, reason: &Error, dropped: usize, arrived: Vec<Inbound>) {
        let core = &self.0;
        if dropped > 0 {
            core.runtime.log_frequent(Frequent::DroppedOneWayCalls, || {
                let message = format!(
                    "connection {} ended with {dropped} one-way calls that were not sent and are lost: {reason}",
                    core.id
                );
                let event = LogEvent::new(LogLevel::Warning, LogTarget::Connection, message);
                event.connection(core.id).count(dropped as u64).error(reason)
            });
        }
        if !arrived.is_empty() {
            self.run_late(arrived);
        }
        core.runtime.inside(|| {
            core.delegates.end(time::after(core.runtime.limits.drain_timeout));
            self.log_end(reason);
            core.runtime.counts.end(core);
            core.runtime.owner.disconnected(self, reason);
        });
        core.lifecycle.finish();
    }

    fn log_end(&self, reason: &Error) {
        let runtime = self.runtime();
        let (kind, level) = match is_protocol_error(reason) {
            true => (Frequent::ProtocolError, LogLevel::Warning),
            false => (Frequent::BeginningOrEnd, LogLevel::Info),
        };
        runtime.log_frequent(kind, || {
            let message = format!("connection {} ended: {reason}", self.id());
            let event = LogEvent::new(level, LogTarget::Connection, message);
            let peer = self.peer();
            event.connection(self.id()).peer(peer.user.as_ref(), peer.pid).error(reason)
        });
    }
}
