//! Reading a connection: the leader's loop, the callers' loop, and what becomes of a frame.

use std::time::Instant;

use crate::cancel::Withdrawal;
use crate::connection::credit::Amount;
use crate::connection::delegate::Served;
use crate::connection::inbound::Inbound;
use crate::connection::inbox::{protocol_error, Inbox, Next};
use crate::connection::monitor::{Again, Watched};
use crate::connection::outbox::Yielding;
use crate::connection::pending::{Answered, Pending, Slot};
use crate::connection::role::{Finding, Watch};
use crate::connection::{Connection, Core, LogLevel};
use crate::error::{Error, Execution, Remote, Result, Status};
use crate::sync::atomic::Ordering;
use crate::sync::{Arc, Tones, Weak};
use crate::wire::{encode_pong, range_in, ErrorHeader, Frame, Message};

/// What a frame asks of the thread that read it.
enum Handled {
    /// Nothing more.
    Done,
    /// A caller got its answer, and has to be woken by that tone.
    CallerAnswered(Tones),
    /// A call that may start now.
    Start(Inbound),
}

/// Callers whose answers this thread has read. They are woken together, once it has read all that came
/// at once: each could take the processor from it, and the right to read besides.
struct Sleepers<'a> {
    pending: &'a Pending,
    tones: Tones,
}

impl Sleepers<'_> {
    fn wake(&mut self) {
        self.pending.wake(std::mem::take(&mut self.tones));
    }
}

impl Drop for Sleepers<'_> {
    fn drop(&mut self) {
        self.wake();
    }
}

impl Connection {
    /// Runs handlers before leading. If they take long, another thread becomes the leader meanwhile.
    pub(crate) fn begin(&self, handlers: impl FnOnce()) {
        self.0.watch(self.0.role.begin(Instant::now()));
        handlers();
    }

    /// Leaves reading to callers for a moment before leading, as they are about to come.
    pub(crate) fn stand_by(&self) {
        self.0.role.stand_by();
    }

    /// Leads the connection, from its first term: reads it and serves its calls, until it ends or
    /// another thread becomes the leader.
    pub(crate) fn lead(&self) {
        self.lead_term(0);
    }

    fn lead_term(&self, term: u64) {
        let core = &self.0;
        let mut served = None;
        // A copy, since to keep the call's frame would keep its chunk from being used again.
        let mut method = String::new();
        while let Some(inbox) = core.role.lead(term) {
            match self.read_as_leader(inbox) {
                Ok(Some((call, known))) => {
                    method.clear();
                    method.push_str(call.method());
                    served = self.serve_inline(call, known);
                }
                Ok(None) => served = None,
                // This thread has nothing else left to do.
                Err(reason) => return core.end_on_this_thread(reason),
            }
        }
        // Another thread became the leader while this one served: the method takes long.
        if let Some(served) = served.filter(|_| self.is_open()) {
            served.set_slow(&method, true);
        }
    }

    /// Reads until a call comes that this thread should serve, or callers should read. Tells who
    /// serves the call, if that is known already.
    fn read_as_leader(
        &self,
        mut inbox: Box<Inbox>,
    ) -> Result<Option<(Inbound, Option<Arc<Served>>)>> {
        let core = &self.0;
        let mut answered = false;
        let mut sleepers = core.sleepers();
        loop {
            // Frames that came along with an answer must not lie unseen.
            let frame =
                if answered { inbox.buffered()? } else { core.read(&mut inbox, None, false)? };
            let Some(frame) = frame else {
                if !std::mem::take(&mut answered) {
                    continue;
                }
                let (kept, watch) = core.role.yield_to_callers(inbox);
                core.watch(watch);
                sleepers.wake();
                match kept {
                    Some(kept) => inbox = kept,
                    None => return Ok(None),
                }
                continue;
            };
            match core.handle(frame)? {
                Handled::Done => {}
                Handled::CallerAnswered(caller) => {
                    answered = true;
                    sleepers.tones |= caller;
                }
                Handled::Start(call) => {
                    let known = core.delegates.known(call.interface_bytes());
                    if known.as_ref().is_some_and(|served| served.is_slow(call.method_bytes())) {
                        self.start_elsewhere(call);
                        inbox.make_way();
                        continue;
                    }
                    let since = call.arrived.unwrap_or_else(Instant::now);
                    core.watch(core.role.serve(inbox, since));
                    return Ok(Some((call, known)));
                }
            }
        }
    }

    /// Becomes the leader, if the old one still serves.
    fn succeed(&self) {
        if let Some(term) = self.0.role.succeed() {
            self.lead_term(term);
        }
    }
}

impl Core {
    fn sleepers(&self) -> Sleepers<'_> {
        Sleepers { pending: &self.pending, tones: Tones::NONE }
    }

    /// The next frame; none when the deadline has passed or the wait was interrupted.
    fn read(
        &self,
        inbox: &mut Inbox,
        deadline: Option<Instant>,
        interruptible: bool,
    ) -> Result<Option<Frame>> {
        match inbox.next(deadline, interruptible)? {
            Next::Frame(frame) => Ok(Some(frame)),
            Next::TimedOut | Next::Interrupted => Ok(None),
            Next::End => {
                let farewell = self.life.lock().farewell.clone();
                Err(farewell.unwrap_or_else(|| {
                    Error::new(Status::ChannelFaulted, "the connection was lost: the peer ended it")
                }))
            }
        }
    }

    /// Waits for a call's outcome or its deadline, reading the connection if nobody else does. False
    /// when its check is to be asked meanwhile.
    pub(super) fn await_answer(
        &self,
        slot: &Arc<Slot>,
        withdrawal: Withdrawal<'_>,
        deadline: Option<Instant>,
    ) -> bool {
        let until = withdrawal.until(deadline);
        let interruptible = withdrawal.token.is_some();
        self.role.await_outcome(slot, until, |inbox| {
            self.read_until_answered(inbox, slot, until, interruptible)
        });
        until == deadline || slot.is_done()
    }

    /// Reads as a caller. False when the deadline passed.
    fn read_until_answered(
        &self,
        mut inbox: Box<Inbox>,
        slot: &Slot,
        deadline: Option<Instant>,
        interruptible: bool,
    ) -> bool {
        let connection = self.connection();
        let mut in_time = true;
        let mut sleepers = self.sleepers();
        let ended = loop {
            // Frames that came along with the answer must not lie unseen.
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
                        if !call.is_nested() {
                            self.role.note_request();
                        }
                        // This thread waits for its own answer: user code may not run on it.
                        connection.start_elsewhere(call);
                        inbox.make_way();
                    }
                    Ok(Handled::CallerAnswered(caller)) => sleepers.tones |= caller,
                    Ok(Handled::Done) => {}
                    Err(error) => break Some(error),
                },
                // Interrupted, perhaps for another caller, or late.
                Ok(None) => in_time = deadline.is_none_or(|deadline| Instant::now() < deadline),
                Err(error) => break Some(error),
            }
        };
        match ended {
            // Put down, the inbox would be taken up again and again until all calls have ended.
            Some(reason) => self.end(reason),
            None => self.watch(self.role.release(inbox)),
        }
        in_time
    }

    fn handle(&self, frame: Frame) -> Result<Handled> {
        let message = Message::decode(&frame).map_err(|malformed| protocol_error(&malformed))?;
        match message {
            Message::Reply { id, result, .. } => {
                let result = range_in(&frame, result);
                self.answered(id, || Ok(frame.slice(result)))
            }
            Message::Error(header, data) => {
                let error = received_error(&header, data);
                self.answered(header.id, || Err(error))
            }
            Message::Call(header, arguments) => {
                self.arrived(Inbound::call(&frame, &header, arguments))
            }
            Message::OneWay(header, arguments) => {
                self.arrived(Inbound::one_way(&frame, &header, arguments))
            }
            Message::Credit { calls, bytes } => {
                // One-way calls were served.
                self.note_use();
                self.credits.give(Amount { calls, bytes });
                Ok(Handled::Done)
            }
            Message::Ping { token } => {
                // A peer that asks and does not read gets no answer: its pongs would pile up.
                if !self.outbox.is_full() {
                    let mut pong = Vec::new();
                    encode_pong(&mut pong, token);
                    self.send_control(&pong);
                }
                Ok(Handled::Done)
            }
            Message::Goodbye { status, message } => {
                self.life.lock().farewell = Some(farewell(status, message));
                self.left.store(true, Ordering::Release);
                Ok(Handled::Done)
            }
            Message::Cancel { id } => {
                self.withdrawn.add(id);
                Ok(Handled::Done)
            }
            Message::Pong { .. } => Ok(Handled::Done),
            Message::Part { .. } => {
                Err(protocol_error(&"a part, although parts were not agreed on"))
            }
            Message::Hello(_)
            | Message::Welcome(_)
            | Message::Auth { .. }
            | Message::Refuse { .. } => {
                Err(protocol_error(&"a message of the handshake after the handshake"))
            }
        }
    }

    /// The peer is good for something. Written once, as all threads of the connection look.
    fn note_use(&self) {
        if !self.used.load(Ordering::Relaxed) {
            self.used.store(true, Ordering::Relaxed);
        }
    }

    fn answered(&self, id: u64, outcome: impl FnOnce() -> Result<Frame>) -> Result<Handled> {
        self.note_use();
        match self.pending.answer(id, outcome) {
            Answered::Call { cost, caller } => {
                self.give_credit(&cost);
                Ok(caller.map_or(Handled::Done, Handled::CallerAnswered))
            }
            Answered::Late => Ok(Handled::Done),
            Answered::NeverIssued => {
                Err(protocol_error(&format!("an answer to call {id}, which was never made")))
            }
        }
    }

    fn arrived(&self, mut call: Inbound) -> Result<Handled> {
        self.note_use();
        if let Some(parent) = call.parent {
            (call.depth, call.within) = self.pending.within(parent);
        }
        Ok(self.admit(call)?.map_or(Handled::Done, Handled::Start))
    }

    /// Gives the connection to the monitor, if it has to be inspected.
    pub(super) fn watch(&self, watch: Watch) {
        if watch.0 {
            let me: Weak<dyn Watched> = self.me.clone();
            if !self.runtime.monitor.watch(me, &self.runtime.workers) {
                self.runtime.log(
                    LogLevel::Error,
                    "no thread could be started to watch over long calls; they may delay others",
                );
            }
        }
    }

    fn start_leader(&self) {
        let connection = self.connection();
        if self.runtime.workers.execute(move || connection.succeed()).is_err() {
            self.role.succession_failed();
        }
    }
}

impl Watched for Core {
    fn inspect(self: Arc<Self>) -> Again {
        match self.role.inspect(Instant::now()) {
            Finding::Fine => Again::AfterATick,
            Finding::Calm => Again::AfterTwo,
            Finding::Quiet => Again::Never,
            Finding::NeedsLeader => {
                self.start_leader();
                Again::AfterATick
            }
        }
    }
}

impl Yielding for Core {
    fn before_waiting(&self) {
        if self.role.ensure_reader() == Finding::NeedsLeader {
            self.start_leader();
        }
    }
}

fn received_error(header: &ErrorHeader<'_>, data: &[u8]) -> Error {
    const NIL: &[u8] = &[0xc0];
    let code = |number: i64| i32::try_from(number).ok();
    let status = code(header.status).and_then(Status::from_code).unwrap_or(Status::Internal);
    let execution =
        code(header.execution).and_then(Execution::from_code).unwrap_or(Execution::Unknown);
    let error = Error::new(status, header.message).with_execution(execution);
    if status != Status::RemoteError {
        return error;
    }
    error.with_remote(Remote {
        type_name: header.type_name.unwrap_or_default().into(),
        trace: header.trace.unwrap_or_default().into(),
        data: if data == NIL { Vec::new() } else { data.to_vec() },
    })
}

fn farewell(status: i64, message: &str) -> Error {
    let cause = i32::try_from(status).ok().and_then(Status::from_code).unwrap_or(Status::Internal);
    Error::new(Status::ChannelFaulted, format!("the peer ended the connection: {message}"))
        .with_cause(Error::new(cause, message))
}
