//! Which thread reads a connection.
//!
//! The inbox belongs to one thread at a time. A connection has one *leader*, a thread whose work is to read
//! and to serve. Callers that wait for replies read in its place. The leader is in one of three states:
//!
//! ```text
//!            a request came                     a caller's reply came
//!  Serving <──────────────── Reading ────────────────────────────────────> Away
//!     │                        ^ ^ ^                                        │
//!     ├── delegate returned ───┘ │ └──── recalled: no caller reads ─────────┘
//!     └── delegate runs long ────┘       (by another thread: a new term)
//! ```
//!
//! While the leader serves or is away, any caller may take the inbox; a caller that puts it down asks
//! another waiting caller to continue. Active connections are inspected once a tick, so that an inbox is
//! never left unread for long: by their leader while it is away, otherwise by a monitor.

mod inspect;

use std::mem;
use std::time::{Duration, Instant};

use crate::connection::state::pending::{ReplySlot, Woken};
use crate::sync::{Arc, Condvar, Mutex};

pub(crate) use inspect::Inspection;

/// How often a leader that is away inspects its connection. Callers read for each other, so only what the
/// peer begins waits for the leader; and at twice the monitor's tick, a caller that returns every
/// millisecond still finds the inbox free.
const AWAY_TICK: Duration = Duration::from_millis(2);

/// How many replies a leader reads for callers after a request that the peer made of its own accord, before it leaves
/// reading to them again. A call may make as many callbacks without delay for the peer's next call, and a lone
/// notification slows down as many calls of a client, each by the cost of waking a thread.
const NEAR_REPLIES: u32 = 64;

/// What the leader does.
enum Leader {
    /// It has the inbox.
    Reading,
    Serving {
        /// When it began, once it has.
        since: Option<Instant>,
        /// Whether a new leader is on its way, because this one has served for long.
        successor_called: bool,
    },
    /// It has left reading to the callers.
    Away {
        /// Whether it should come back.
        recalled: bool,
    },
}

impl Leader {
    fn is_serving(&self) -> bool {
        matches!(self, Leader::Serving { .. })
    }

    fn is_away(&self) -> bool {
        matches!(self, Leader::Away { .. })
    }

    /// Whether it may take the inbox if it lies free.
    fn may_read(&self) -> bool {
        matches!(self, Leader::Serving { .. } | Leader::Away { recalled: true })
    }
}

/// Which thread inspects the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Inspector {
    Nobody,
    Monitor,
    /// The leader, while it is away.
    Leader,
}

struct State<I> {
    /// The inbox, while nobody reads. If it is gone, the leader has it, or a caller if the leader does not
    /// read.
    inbox: Option<I>,
    leader: Leader,
    /// Counts leaders, so that a replaced leader notices.
    term: u64,
    /// Callers that wait for replies while another thread reads.
    waiting: Vec<Arc<ReplySlot>>,
    /// How many more replies the leader reads for callers, since the peer calls us on its own initiative.
    near: u32,
    /// The number of started calls in flight, and of senders that wait for credit. They need what arrives, and
    /// do not read it themselves, so the leader must.
    dependants: usize,
    /// Counts how often the inbox was taken or put down.
    turns: u64,
    inspected_turns: u64,
    quiet_ticks: u32,
    inspector: Inspector,
    ended: bool,
}

impl<I> State<I> {
    /// Whether the leader should read even when callers could.
    fn stays(&self) -> bool {
        self.near > 0 || self.dependants > 0
    }

    fn note_request(&mut self) {
        self.near = self.near.max(NEAR_REPLIES);
    }

    /// Lets the monitor inspect the connection, if nobody does.
    fn leave_to_monitor(&mut self) -> Watch {
        let nobody = self.inspector == Inspector::Nobody;
        if nobody {
            self.inspector = Inspector::Monitor;
        }
        Watch(nobody)
    }
}

/// The right to read one connection, from its inbox.
pub(crate) struct ReaderRole<I> {
    state: Mutex<State<I>>,
    leader_may_go_on: Condvar,
}

/// Whether the connection must be given to the monitor, since its inbox lies free.
#[must_use]
pub(crate) struct Watch(pub bool);

impl<I> ReaderRole<I> {
    /// A role whose inbox waits for its first leader, of term 0.
    pub fn new(inbox: I) -> ReaderRole<I> {
        let state = State {
            inbox: Some(inbox),
            leader: Leader::Serving { since: None, successor_called: false },
            term: 0,
            waiting: Vec::new(),
            near: 0,
            dependants: 0,
            turns: 0,
            inspected_turns: 0,
            quiet_ticks: 0,
            inspector: Inspector::Nobody,
            ended: false,
        };
        ReaderRole { state: Mutex::new(state), leader_may_go_on: Condvar::new() }
    }

    /// The first leader runs handlers before it reads, which counts as serving.
    pub fn begin(&self, now: Instant) -> Watch {
        let mut state = self.state.lock();
        state.leader = Leader::Serving { since: Some(now), successor_called: false };
        state.turns += 1;
        state.leave_to_monitor()
    }

    /// Lets callers, which will soon need the inbox, read first. The first leader, which has no handlers to
    /// run, takes it if none comes within a tick.
    pub fn stand_by(&self) {
        let mut state = self.state.lock();
        state.leader = Leader::Away { recalled: false };
        state.inspector = Inspector::Leader;
    }

    /// Takes the inbox as the leader, to read. Waits while callers have it, and inspects the connection
    /// meanwhile. `None` if its term is over or the connection has ended.
    pub fn lead(&self, term: u64) -> Option<I> {
        let mut state = self.state.lock();
        loop {
            if state.ended || state.term != term {
                return None;
            }
            if state.leader.may_read() && state.inbox.is_some() {
                state.leader = Leader::Reading;
                if state.inspector == Inspector::Leader {
                    state.inspector = Inspector::Nobody;
                }
                return state.inbox.take();
            }
            if !state.leader.is_away() {
                state.leader = Leader::Away { recalled: false };
            }
            if state.inspector != Inspector::Leader {
                self.leader_may_go_on.wait(&mut state);
            } else if self.leader_may_go_on.wait_for(&mut state, AWAY_TICK).timed_out() {
                let _ = self.find(&mut state, false);
            }
        }
    }

    /// Makes this thread the leader, if the previous one is still serving; returns its term.
    pub fn succeed(&self) -> Option<u64> {
        let mut state = self.state.lock();
        let Leader::Serving { successor_called, .. } = &mut state.leader else { return None };
        if !mem::take(successor_called) || state.ended {
            return None;
        }
        state.term += 1;
        Some(state.term)
    }

    /// Called if no thread could be started to succeed the leader, which then keeps its role.
    pub fn succession_failed(&self) {
        if let Leader::Serving { successor_called, .. } = &mut self.state.lock().leader {
            *successor_called = false;
        }
    }

    /// Puts the inbox down as the leader, to serve a request that arrived at `since`. `nested`: whether the peer
    /// makes it within a call of ours.
    pub fn serve(&self, inbox: I, since: Instant, nested: bool) -> Watch {
        let mut state = self.state.lock();
        if !nested {
            state.note_request();
        }
        state.leader = Leader::Serving { since: Some(since), successor_called: false };
        self.put_down(&mut state, inbox)
    }

    /// Called when the leader has read a caller's reply. Leaves reading to the callers, unless the leader
    /// should stay: then it gets the inbox back.
    pub fn yield_to_callers(&self, inbox: I) -> (Option<I>, Watch) {
        let mut state = self.state.lock();
        if state.stays() || state.ended {
            state.near = state.near.saturating_sub(1);
            return (Some(inbox), Watch(false));
        }
        state.leader = Leader::Away { recalled: false };
        (None, self.put_down(&mut state, inbox))
    }

    /// Waits for a call's outcome or its deadline. While nobody else reads, `read` does: it puts the inbox
    /// down when there is an outcome or the deadline has passed, and returns true. It returns false if
    /// nothing more comes from the inbox, which it keeps: then the end of the connection is the outcome.
    pub fn await_outcome(
        &self,
        slot: &Arc<ReplySlot>,
        deadline: Option<Instant>,
        mut read: impl FnMut(I) -> bool,
    ) {
        loop {
            match self.take(slot) {
                Some(inbox) => {
                    if read(inbox) {
                        return;
                    }
                }
                None => {
                    if !matches!(slot.wait(deadline), Woken::Promoted) {
                        return self.leave(slot);
                    }
                }
            }
        }
    }

    /// Takes the inbox as a caller, if it lies free; otherwise adds the caller to those waiting.
    fn take(&self, caller: &Arc<ReplySlot>) -> Option<I> {
        let mut state = self.state.lock();
        let inbox = state.inbox.take();
        match &inbox {
            Some(_) => state.turns += 1,
            None => state.waiting.push(caller.clone()),
        }
        inbox
    }

    /// Puts the inbox down as a caller.
    pub fn release(&self, inbox: I) -> Watch {
        let mut state = self.state.lock();
        self.put_down(&mut state, inbox)
    }

    /// Removes a caller from those waiting. If it was asked to read and has not done so, another is asked.
    fn leave(&self, caller: &Arc<ReplySlot>) {
        let mut state = self.state.lock();
        if let Some(place) = state.waiting.iter().position(|other| Arc::ptr_eq(other, caller)) {
            state.waiting.swap_remove(place);
        } else if state.inbox.is_some() {
            self.pass_on(&mut state);
        }
    }

    /// Called if the monitor could not inspect the connection: the next time that the inbox lies free, it is
    /// asked again.
    pub fn not_watched(&self) {
        let mut state = self.state.lock();
        if state.inspector == Inspector::Monitor {
            state.inspector = Inspector::Nobody;
        }
    }

    fn put_down(&self, state: &mut State<I>, inbox: I) -> Watch {
        state.turns += 1;
        if !state.ended {
            state.inbox = Some(inbox);
        }
        self.pass_on(state);
        if state.leader.is_away() && state.inspector == Inspector::Nobody {
            state.inspector = Inspector::Leader;
            self.leader_may_go_on.notify_all();
        }
        state.leave_to_monitor()
    }

    /// Asks a thread to read: a caller, or the leader if it should stay near.
    fn pass_on(&self, state: &mut State<I>) {
        while let Some(next) = state.waiting.pop() {
            if next.promote() {
                return;
            }
        }
        if state.stays() && state.leader.is_away() {
            self.recall(state);
        }
    }

    fn recall(&self, state: &mut State<I>) {
        if let Leader::Away { recalled } = &mut state.leader {
            *recalled = true;
        }
        self.leader_may_go_on.notify_all();
    }

    /// Notes that the peer has called us on its own initiative.
    pub fn note_request(&self) {
        self.state.lock().note_request();
    }

    /// Has the leader read, once it comes back, until the connection is quiet: no caller will come.
    pub fn stay(&self) {
        self.state.lock().near = u32::MAX;
    }

    /// Notes that somebody needs what arrives, and does not read: the leader must.
    pub fn add_dependant(&self) {
        let mut state = self.state.lock();
        state.dependants += 1;
        if state.inbox.is_some() && state.leader.is_away() {
            self.recall(&mut state);
        }
    }

    /// Notes that one of them has what it needs.
    pub fn remove_dependant(&self) {
        self.state.lock().dependants -= 1;
    }

    /// Ends reading: the leader returns, and waiting callers only wait for their outcomes. The inbox is
    /// dropped, or will be by the thread that has it.
    pub fn end(&self) {
        let mut state = self.state.lock();
        state.ended = true;
        state.waiting.clear();
        let inbox = state.inbox.take();
        self.leader_may_go_on.notify_all();
        drop(state);
        drop(inbox);
    }
}
