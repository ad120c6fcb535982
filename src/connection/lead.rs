//! The leader of a connection: it reads and serves, turn by turn, until another thread takes its place.

use std::time::Instant;

use crate::connection::batch::OneWayBatch;
use crate::connection::delegates::DelegateEntry;
use crate::connection::dispatch::Handled;
use crate::connection::serve::Claim;
use crate::connection::state::inbound::Inbound;
use crate::connection::state::inbox::Inbox;
use crate::connection::state::outbox::Sender;
use crate::connection::state::reader::{Inspection, Watch};
use crate::connection::{Connection, Core};
use crate::error::Result;
use crate::log::{LogEvent, LogLevel, LogTarget};
use crate::sync::{Arc, Weak};
use crate::threads::monitor::{Again, Watched};
use crate::threads::throttle::Frequent;
use crate::time;

/// A call that a leader serves after putting the inbox down.
struct InlineCall {
    call: Inbound,
    /// Its delegate, if that already exists.
    known: Option<Arc<DelegateEntry>>,
    /// Its claim to the delegate, if that does not exist yet.
    claim: Option<Claim>,
    since: Instant,
}

/// What a leader keeps from turn to turn.
struct LeaderState {
    batch: OneWayBatch,
    /// Whether replies may be corked.
    replies_corked: bool,
}

impl LeaderState {
    /// The leader of an earlier term may have left replies corked.
    fn new(term: u64) -> LeaderState {
        LeaderState { batch: OneWayBatch::default(), replies_corked: term > 0 }
    }

    /// Holds replies back while more calls are at hand.
    fn cork_replies(&mut self, core: &Core) {
        if !std::mem::replace(&mut self.replies_corked, true) {
            core.outbox.cork_replies();
        }
    }

    /// Sends corked replies when no more calls are at hand.
    fn uncork_replies(&mut self, core: &Core) -> Result<()> {
        if !std::mem::take(&mut self.replies_corked) {
            return Ok(());
        }
        core.after_sending(Ok(core.outbox.uncork_replies()))
    }
}

impl Connection {
    /// Runs handlers before leading. If they take long, another thread becomes the leader meanwhile.
    pub(crate) fn begin(&self, handlers: impl FnOnce()) {
        self.0.watch(self.0.reader.begin(time::now()));
        handlers();
    }

    /// Leaves reading to callers for a moment before leading, since they will come soon.
    pub(crate) fn stand_by(&self) {
        self.0.reader.stand_by();
    }

    /// Leads the connection, from its first term: reads it and serves its calls, until it ends or another
    /// thread becomes the leader.
    pub(crate) fn lead(&self) {
        self.lead_term(0);
    }

    fn lead_term(&self, term: u64) {
        let core = &self.0;
        let mut entry = None;
        // A copy, since keeping the call's frame would keep its chunk from being reused.
        let mut method = Vec::new();
        let mut state = LeaderState::new(term);
        while let Some(inbox) = core.reader.lead(term) {
            match self.read_as_leader(inbox, &mut state) {
                Ok(Some(InlineCall { call, known, claim, since })) => {
                    method.clear();
                    method.extend_from_slice(call.method_bytes());
                    let batch = &mut state.batch;
                    let (one_way, count) = (call.is_one_way(), batch.count());
                    entry = self.serve_inline(call, known, claim, batch);
                    if one_way {
                        batch.learn(count, since);
                        // It is not known which call of a batch took long; the next leader begins with a
                        // batch of one.
                        entry = entry.filter(|_| count == 0);
                    }
                }
                Ok(None) => entry = None,
                // This thread has nothing else to do.
                Err(reason) => return core.end_on_this_thread(reason),
            }
        }
        // Another thread became the leader while this one served: the method is slow.
        if let Some(entry) = entry.filter(|_| self.is_open()) {
            entry.set_slow(&method, true);
        }
    }

    /// Reads until there is a call, or a batch, for this thread to serve, or until callers should read.
    fn read_as_leader(
        &self,
        mut inbox: Box<Inbox>,
        state: &mut LeaderState,
    ) -> Result<Option<InlineCall>> {
        let core = &self.0;
        let mut answered = false;
        let mut sleepers = core.sleepers(&inbox);
        loop {
            // Frames that arrived with a reply must not be left unread.
            let frame = match inbox.buffered()? {
                Some(frame) => Some(frame),
                None => {
                    state.uncork_replies(core)?;
                    if answered {
                        None
                    } else {
                        core.read(&mut inbox, None, false)?
                    }
                }
            };
            let Some(frame) = frame else {
                if !std::mem::take(&mut answered) {
                    continue;
                }
                let (kept, watch) = core.reader.yield_to_callers(inbox);
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
                Handled::WakeCaller(caller) => {
                    answered = true;
                    sleepers.wake_mask |= caller;
                }
                Handled::Start(call) => {
                    let known = core.delegates.known(call.interface_bytes());
                    if known.as_ref().is_some_and(|entry| entry.is_slow(call.method_bytes())) {
                        core.start_for_reader(call, &mut inbox);
                        continue;
                    }
                    let since = call.arrived.unwrap_or_else(time::now);
                    let claim = known.is_none().then(|| Claim::new(self));
                    core.collect_batch(&mut inbox, &call, &mut state.batch);
                    if inbox.has_frame() {
                        state.cork_replies(core);
                    }
                    core.watch(core.reader.serve(inbox, since, call.is_nested()));
                    return Ok(Some(InlineCall { call, known, claim, since }));
                }
            }
        }
    }

    /// Becomes the leader, if the previous one is still serving.
    fn succeed(&self) {
        if let Some(term) = self.0.reader.succeed() {
            self.lead_term(term);
        }
    }
}

impl Core {
    /// Registers the connection with the monitor, if it needs inspection.
    pub(super) fn watch(&self, watch: Watch) {
        if watch.0 {
            let me: Weak<dyn Watched> = self.me.clone();
            if !self.runtime.monitor.watch(me, &self.runtime.workers) {
                self.reader.not_watched();
                self.runtime.log_frequent(Frequent::Unwatched, || {
                    let message = "no thread could be started to watch long calls, which may delay others until one can; \
                                   raise the number of threads that the system allows";
                    LogEvent::new(LogLevel::Error, LogTarget::Transport, message).connection(self.id)
                });
            }
        }
    }

    fn start_leader(&self) {
        let connection = self.connection();
        if self.runtime.workers.execute_call(move || connection.succeed()).is_err() {
            self.reader.succession_failed();
        }
    }
}

impl Watched for Core {
    fn inspect(self: Arc<Self>) -> Again {
        match self.reader.inspect(time::now()) {
            Inspection::Ok => Again::AfterATick,
            Inspection::OkForTwoTicks => Again::AfterTwo,
            Inspection::Idle => Again::Never,
            Inspection::NeedsLeader => {
                self.start_leader();
                Again::AfterATick
            }
        }
    }
}

impl Sender for Core {
    fn about_to_block(&self) {
        if self.reader.ensure_reader() == Inspection::NeedsLeader {
            self.start_leader();
        }
    }
}
