//! Reading a connection: the loop of callers, and the handling of frames. The leader's loop is in `lead`.

use std::time::Instant;

use crate::cancel::Cancellation;
use crate::connection::close::GOODBYE_PING;
use crate::connection::received_error::received_error;
use crate::connection::state::credit::Amount;
use crate::connection::state::inbound::Inbound;
use crate::connection::state::inbox::{out_of_memory, protocol_error, Inbox, Next};
use crate::connection::state::outbox::{Blocking, Order};
use crate::connection::state::pending::{Replied, ReplySlot};
use crate::connection::state::silence::Due;
use crate::connection::Core;
use crate::error::{Error, Execution, Result, Status};
use crate::sync::atomic::Ordering;
use crate::sync::{Arc, WakeMask};
use crate::text::quoted;
use crate::time;
use crate::wire::{encode_ping, encode_pong, range_in, CutFrame, Frame, Message, MUST_UNDERSTAND};

/// What the thread that read a frame must do.
pub(super) enum Handled {
    /// Nothing.
    Done,
    /// Wake a caller that has its reply.
    WakeCaller(WakeMask),
    /// Start this call.
    Start(Inbound),
}

/// Callers whose replies this thread has read. They are woken together, after it has read everything that
/// arrived at once: woken earlier, each could pre-empt this thread and take over reading.
pub(super) struct Sleepers<'a> {
    core: &'a Core,
    /// Whether this process and the peer share a single processor.
    single_cpu: bool,
    pub wake_mask: WakeMask,
}

impl Sleepers<'_> {
    pub fn wake(&mut self) {
        if self.wake_mask == WakeMask::NONE {
            return;
        }
        if self.single_cpu {
            self.core.outbox.cork_next_call();
        }
        self.core.outgoing.pending.wake(std::mem::take(&mut self.wake_mask));
    }
}

impl Drop for Sleepers<'_> {
    fn drop(&mut self) {
        self.wake();
    }
}

impl Core {
    pub(super) fn sleepers(&self, inbox: &Inbox) -> Sleepers<'_> {
        Sleepers { core: self, single_cpu: !inbox.may_spin(), wake_mask: WakeMask::NONE }
    }

    /// The next frame, when none is buffered; `None` if the deadline has passed or the wait was interrupted.
    #[inline]
    pub(super) fn read(
        &self,
        inbox: &mut Inbox,
        deadline: Option<Instant>,
        interruptible: bool,
    ) -> Result<Option<Frame>> {
        match inbox.await_frame(deadline, interruptible)? {
            Next::Frame(frame) => Ok(Some(frame)),
            Next::TimedOut | Next::Interrupted => Ok(None),
            Next::Cut(cut) => self.refuse_cut(&cut).map(|()| None),
            Next::Silence => self.meet_silence(inbox).map(|()| None),
            Next::End => Err(self.ended_by_peer()),
        }
    }

    #[cold]
    fn ended_by_peer(&self) -> Error {
        match self.lifecycle.peer_goodbye() {
            Some(said) => Error::new(Status::ChannelFaulted, said.message()).with_cause(said),
            None => {
                Error::new(Status::ChannelFaulted, "the connection was lost: the peer ended it")
            }
        }
    }

    /// Called after a long silence: if calls wait for replies, pings the peer or gives it up.
    #[cold]
    fn meet_silence(&self, inbox: &mut Inbox) -> Result<()> {
        match inbox.due(self.outgoing.pending.awaits_replies()) {
            Due::Nothing => Ok(()),
            Due::Ping => {
                let mut ping = Vec::new();
                encode_ping(&mut ping, 0);
                self.send_control(&ping);
                Ok(())
            }
            Due::End(silence) => Err(Error::new(
                Status::ChannelFaulted,
                format!(
                    "the peer hangs: it has sent nothing for {} s, not even a reply to a ping",
                    silence.as_secs_f32().round()
                ),
            )),
        }
    }

    /// Waits for a call's outcome or its deadline, and reads the connection if nobody else does. False if
    /// the caller's check must run first.
    pub(super) fn await_reply(
        &self,
        slot: &Arc<ReplySlot>,
        cancellation: Cancellation<'_>,
        deadline: Option<Instant>,
    ) -> bool {
        let until = cancellation.until(deadline);
        let interruptible = cancellation.token.is_some();
        self.reader.await_outcome(slot, until, |inbox| {
            self.read_until_replied(inbox, slot, until, interruptible)
        });
        until == deadline || slot.is_done()
    }

    /// Reads as a caller until there is an outcome or the deadline has passed. False if reading failed, which
    /// ends the connection.
    fn read_until_replied(
        &self,
        mut inbox: Box<Inbox>,
        slot: &ReplySlot,
        deadline: Option<Instant>,
        interruptible: bool,
    ) -> bool {
        let mut in_time = true;
        let mut sleepers = self.sleepers(&inbox);
        let ended = loop {
            // Frames that arrived with the reply must not be left unread.
            let frame = match inbox.buffered() {
                Ok(None) if slot.is_done() || !in_time => break None,
                Ok(None) => {
                    sleepers.wake();
                    self.read(&mut inbox, deadline, interruptible)
                }
                found => found,
            };
            match frame {
                Ok(Some(frame)) => match self.handle(frame) {
                    Ok(Handled::Start(call)) => {
                        // This thread waits for a reply, so it must not run user code.
                        self.start_for_reader(call, &mut inbox);
                    }
                    Ok(Handled::WakeCaller(caller)) => sleepers.wake_mask |= caller,
                    Ok(Handled::Done) => {}
                    Err(error) => break Some(error),
                },
                // Interrupted, perhaps on behalf of another caller, or late.
                Ok(None) => in_time = !time::has_passed(deadline),
                Err(error) => break Some(error),
            }
        };
        match ended {
            // If the inbox were put down, other callers would take it up again until all calls had ended.
            Some(reason) => {
                self.end(reason);
                false
            }
            None => {
                self.watch(self.reader.release(inbox));
                true
            }
        }
    }

    /// Starts a call on another thread than this one, which reads on.
    pub(super) fn start_for_reader(&self, call: Inbound, inbox: &mut Inbox) {
        if !call.is_nested() {
            self.reader.note_request();
        }
        self.connection().start_elsewhere(call);
        inbox.yield_first();
    }

    pub(super) fn handle(&self, frame: Frame) -> Result<Handled> {
        let message = Message::decode(&frame).map_err(|malformed| protocol_error(&malformed))?;
        match message {
            Message::Reply { id, flags, result } => {
                let outcome = match flags & MUST_UNDERSTAND {
                    0 => Ok(frame.slice(range_in(&frame, result))),
                    _ => Err(not_understood(flags)),
                };
                self.replied(id, outcome)
            }
            Message::Error(header, data) => {
                self.replied(header.id, Err(received_error(&header, data)))
            }
            Message::Call(header, arguments) => {
                self.admit(Inbound::call(&frame, &header, arguments), header.misfit())
            }
            Message::OneWay(header, arguments) => {
                self.admit(Inbound::one_way(&frame, &header, arguments), header.misfit())
            }
            Message::Credit { calls, bytes } => {
                // The peer has served one-way calls.
                self.note_use();
                self.outgoing.credits.give(Amount { calls, bytes });
                Ok(Handled::Done)
            }
            Message::Ping { token } => {
                self.send_pong(token);
                Ok(Handled::Done)
            }
            Message::Goodbye { status, message } => {
                self.heed_goodbye(goodbye_error(status, message));
                Ok(Handled::Done)
            }
            Message::Cancel { id } => {
                // It may have crossed the call's reply.
                if self.incoming.unanswered.contains(id) {
                    self.run_notices(self.incoming.cancelled.add(id));
                }
                Ok(Handled::Done)
            }
            Message::Pong { token } => {
                if token == GOODBYE_PING {
                    self.lifecycle.note_goodbye_read();
                }
                Ok(Handled::Done)
            }
            Message::Part { .. } => Err(protocol_error(&"a part, but parts were not negotiated")),
            Message::Hello(_)
            | Message::Welcome(_)
            | Message::Auth { .. }
            | Message::Refuse { .. } => {
                Err(protocol_error(&"a handshake message after the handshake"))
            }
        }
    }

    fn send_pong(&self, token: u64) {
        let mut pong = Vec::new();
        encode_pong(&mut pong, token);
        if self.lifecycle.is_peer_leaving() {
            // It says that no more calls come.
            self.send_control_in(Order::BehindAll, &pong, Blocking::Prompted);
        } else if !self.outbox.is_full() {
            // A peer that pings but does not read gets no pongs: they would pile up.
            self.send_control(&pong);
        }
    }

    /// Replies to a frame that was dropped: its connection may not use that much memory now, or there is
    /// none. If not even its header fitted, the connection
    /// ends.
    #[cold]
    fn refuse_cut(&self, cut: &CutFrame) -> Result<()> {
        let message = format!(
            "the receiver has no memory for a frame of {} bytes now; try again later, or raise host_inbound_bytes",
            cut.length
        );
        let error = Error::new(Status::LimitExceeded, message);
        let amount = Amount::call(cut.length as u64);
        match Message::decode(&cut.head) {
            Ok(Message::Call(header, _)) => self.refuse_unread(header.id, &error),
            Ok(Message::OneWay(header, _)) => {
                let (interface, method) = (header.interface.as_str(), header.method.as_str());
                self.log_failed_one_way_call(interface, method, &error);
                self.incoming.note_used(amount);
                self.owe_credit(amount);
            }
            Ok(Message::Reply { id, .. }) => {
                let handled = self.replied(id, Err(error.of_call(Execution::Ran)))?;
                if let Handled::WakeCaller(wake_mask) = handled {
                    self.outgoing.pending.wake(wake_mask);
                }
            }
            _ => return Err(out_of_memory()),
        }
        Ok(())
    }

    /// Notes that the peer is useful. Written only once, since all threads of the connection read it.
    pub(super) fn note_use(&self) {
        if !self.used.load(Ordering::Relaxed) {
            self.used.store(true, Ordering::Relaxed);
        }
    }

    fn replied(&self, id: u64, outcome: Result<Frame>) -> Result<Handled> {
        self.note_use();
        match self.outgoing.pending.reply(id, || outcome) {
            Replied::Call { cost, caller } => {
                self.outgoing.give_credit(&cost);
                Ok(caller.map_or(Handled::Done, Handled::WakeCaller))
            }
            Replied::Late => Ok(Handled::Done),
            Replied::NeverIssued => {
                Err(protocol_error(&format!("a reply to call {id}, which was never made")))
            }
        }
    }
}

#[cold]
fn not_understood(flags: u64) -> Error {
    let flags = flags & MUST_UNDERSTAND;
    let message =
        format!("the reply has a flag that must be understood but is unknown: {flags:#x}");
    Error::new(Status::Unsupported, message).of_call(Execution::Ran)
}

fn goodbye_error(status: i64, message: &str) -> Error {
    let status = i32::try_from(status).ok().and_then(Status::from_code).unwrap_or(Status::Internal);
    Error::new(status, format!("the peer ended the connection: {}", quoted(message)))
}
